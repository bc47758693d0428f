"""Engines that ask the tests' own server, and nothing of this machine's network settings."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.messages import Question, Sampling, Speaker, Turn
from engine.remote.engine import RemoteEngine
from engine.remote.wire import Patience

from .server import Hub, serving

SHORT = Patience(5.0, 5.0, 5.0, 5.0, slice_seconds=0.005)
Opener = Callable[..., RemoteEngine]


def ask(text: str = "What is it?", sampling: Sampling | None = None) -> Question:
    return Question(None, (Turn(Speaker.USER, text),), sampling or Sampling.greedy())


def opened(hub: Hub, patience: Patience = SHORT, key: str | None = None) -> RemoteEngine:
    engine = RemoteEngine(hub.address, key=key, patience=patience)
    for _ in engine.load():
        pass
    return engine


@pytest.fixture
def hub() -> Iterator[Hub]:
    with serving() as hub:
        yield hub


@pytest.fixture(autouse=True)
def plain_network(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def make_certificate(folder: Path) -> Path | None:
    """A key and its certificate for the loopback address, signed by nobody else."""
    if shutil.which("openssl") is None:
        return None
    path = folder / "own.pem"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=local"
    extra = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(path), "-out", str(path)]
    done = subprocess.run(["openssl", *words.split(), *extra], capture_output=True, check=False)
    return path if done.returncode == 0 and path.is_file() else None


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = make_certificate(tmp_path_factory.mktemp("tls"))
    if made is None:
        pytest.skip("no openssl program to make a certificate with")
    return made
