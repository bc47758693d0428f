"""Nothing is asked of the network by a window in daily use, nor by what an answer names."""

from __future__ import annotations

import ast
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.app import Desktop
from desktop_app.paths import resource
from tests.desktop_app.capture.conftest import PaintedScreens
from tests.desktop_app.capture.test_overlay import drag, opened
from tests.desktop_app.conftest import Waiter
from tests.fakes import FakeEngines, says

PACKAGE = Path(__file__).resolve().parents[2] / "desktop_app"
ANSWER = """![a picture](https://example.org/cat.png) and [a link](https://example.org/)

<img src="https://example.org/other.png">
"""
LOCAL = getattr(socket, "AF_UNIX", None)  # to a bus or a keyring of this machine
_heard: list[tuple[str, object]] = []
_listening: list[bool] = []


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    if not (_listening and event in ("socket.connect", "socket.getaddrinfo", "socket.sendto")):
        return
    if getattr(arguments[0], "family", "") != LOCAL:
        _heard.append((event, arguments[-1]))


@pytest.fixture(scope="module", autouse=True)
def ears() -> None:
    """A hook of the interpreter, which cannot be taken away again."""
    sys.addaudithook(_hear)


@pytest.fixture
def heard() -> Iterator[list[tuple[str, object]]]:
    """What was asked of the network while the test ran."""
    _heard.clear()
    _listening.append(True)
    yield _heard
    _listening.clear()


def test_the_ears_hear(heard: list[tuple[str, object]]) -> None:
    with socket.socket() as line, pytest.raises(OSError):  # noqa: PT011 - whichever it is
        line.connect(("127.0.0.1", 1))
    assert [event for event, _ in heard] == ["socket.connect"]


def test_a_window_in_daily_use_asks_nobody(
    qtbot: QtBot,
    ready: Desktop,
    engines: FakeEngines,
    until: Waiter,
    heard: list[tuple[str, object]],
) -> None:
    engines.answers.append(says(ANSWER))
    ready.window.pictures.open([resource("samples/note.png")])
    until(lambda: ready.conversation.picture is not None)
    assert ready.conversation.ask("What is there?")
    until(lambda: not ready.conversation.busy)
    ready.window.grab()
    ready.models.show_page()
    ready.settings.window.show()
    for row in range(ready.settings.window.list.count()):
        ready.settings.window.list.setCurrentRow(row)
        ready.settings.window.grab()
    ready.capture.camera.grab = PaintedScreens()
    drag(qtbot, opened(ready, until, reading=True), (140, 90), (240, 140))  # the real quick reader
    until(lambda: ready.capture.results.window is not None)
    until(lambda: not ready.capture.results.reading.busy)
    assert heard == []


def test_of_qts_network_only_what_stays_on_the_machine_is_used() -> None:
    """The interpreter does not hear what Qt does by itself."""
    used = {
        name.name
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "PySide6.QtNetwork"
        for name in node.names
    }
    assert used <= {"QLocalServer", "QLocalSocket", "QAbstractSocket"}  # the last for its errors
