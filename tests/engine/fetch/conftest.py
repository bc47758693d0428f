"""A small model, a server that has it, and a certificate that nobody but the tests trusts."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from .server import Hub, serving
from .small import Small, small_model


@pytest.fixture(scope="session")
def small() -> Small:
    return small_model()


@pytest.fixture
def hub(small: Small) -> Iterator[Hub]:
    with serving(small.files) as hub:
        yield hub


@pytest.fixture(scope="session")
def made_certificate(tmp_path_factory: pytest.TempPathFactory) -> Path | None:
    """A key and its certificate for the loopback address, signed by nobody else."""
    if shutil.which("openssl") is None:
        return None
    path = tmp_path_factory.mktemp("tls") / "own.pem"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=local"
    extra = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(path), "-out", str(path)]
    done = subprocess.run(["openssl", *words.split(), *extra], capture_output=True, check=False)
    return path if done.returncode == 0 and path.is_file() else None


@pytest.fixture
def certificate(made_certificate: Path | None) -> Path:
    if made_certificate is None:
        pytest.skip("no openssl program to make a certificate with")
    return made_certificate


@pytest.fixture(autouse=True)
def plain_network(monkeypatch: pytest.MonkeyPatch, made_certificate: Path | None) -> None:
    """No proxy of this machine, and no reading of its long list of certificates each time."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    if made_certificate is not None:
        monkeypatch.setenv("SSL_CERT_FILE", str(made_certificate))
