"""A session bus of one's own, with a scripted portal on it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
StartPortal = Callable[[dict[str, Any]], Path]


@contextmanager
def session_bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if shutil.which("dbus-daemon") is None:
        pytest.skip("there is no dbus-daemon here")
    command = ["dbus-daemon", "--session", "--nofork", "--print-address=1"]
    with running(command) as bus:
        assert bus.stdout is not None
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.stdout.readline().strip())
        yield


@contextmanager
def running(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.terminate()


@contextmanager
def portals(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StartPortal]:
    """Starts a portal; what it is asked is logged in the file that comes back."""
    with ExitStack() as stack:
        stack.enter_context(session_bus(monkeypatch))

        def start(plan: dict[str, Any]) -> Path:
            log = folder / "asked"
            module = "tests.desktop_app.capture.fake_portal"
            command = [sys.executable, "-m", module, json.dumps(plan), str(log)]
            portal = stack.enter_context(running(command))
            assert portal.stdout is not None
            assert portal.stdout.readline() == "ready\n"
            return log

        yield start


def asked(log: Path) -> list[list[Any]]:
    """What the portal was asked: the method, and its arguments."""
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
