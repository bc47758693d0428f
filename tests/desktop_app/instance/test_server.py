"""The running program answers each caller once, and gets rid of those that misbehave."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from desktop_app.callers import Callers
from desktop_app.instance import server as server_module
from desktop_app.instance.messages import (
    LONGEST_REPLY,
    Accepted,
    Command,
    Frames,
    Reply,
    Request,
    decode_reply,
    encode,
)
from desktop_app.instance.server import InstanceServer
from desktop_app.screen_wish import ScreenWish
from tests.desktop_app.conftest import Waiter


class Reader(QObject):
    """Reads nothing by itself: a test says how it ends."""

    text_ready = Signal(str)
    failed = Signal(object)
    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.wishes: list[ScreenWish] = []

    def read_screen(self, wish: ScreenWish | None = None) -> None:
        assert wish is not None
        self.wishes.append(wish)


class Line:
    """A second process, as far as the wire goes."""

    def __init__(self, name: str, until: Waiter) -> None:
        self._until = until
        self._frames = Frames(LONGEST_REPLY)
        self.said: list[Accepted | Reply] = []
        self.socket = QLocalSocket()
        self.socket.readyRead.connect(self._read)
        self.socket.connectToServer(name)
        until(lambda: self.socket.state() == QLocalSocket.LocalSocketState.ConnectedState)

    def _read(self) -> None:
        data = bytes(self.socket.readAll().data())
        self.said += [decode_reply(each) for each in self._frames.feed(data)]

    @property
    def closed(self) -> bool:
        return self.socket.state() == QLocalSocket.LocalSocketState.UnconnectedState

    def say(self, message: Request) -> None:
        self.socket.write(encode(message))

    def reply(self) -> Reply:
        self._until(lambda: self.closed)
        last = self.said[-1]
        assert isinstance(last, Reply)
        return last


@pytest.fixture
def name(tmp_path: Path) -> str:
    return str(tmp_path / "line")


@pytest.fixture
def server(qtbot: QtBot, name: str, tmp_path: Path) -> Iterator[InstanceServer]:
    made = InstanceServer(name, tmp_path / "deep" / "lock")
    assert made.claim()
    yield made
    made.close()


@pytest.fixture
def shown() -> list[list[Path]]:
    return []


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def callers(server: InstanceServer, shown: list[list[Path]], reader: Reader) -> Callers:
    return Callers(server, shown.append, reader)


Call = Callable[[], Line]


@pytest.fixture
def call(callers: Callers, name: str, until: Waiter) -> Call:
    return lambda: Line(name, until)


READ = Request(Command.READ_SCREEN, wish=ScreenWish("quick"))


def test_pictures_are_passed_and_the_reply_is_0(call: Call, shown: list[list[Path]]) -> None:
    line = call()
    line.say(Request(Command.OPEN, ("/a.png", "/b.png")))
    assert line.reply() == Reply(0)
    assert shown == [[Path("/a.png"), Path("/b.png")]]
    assert line.said[0] == Accepted()


def test_the_token_is_where_qt_looks_for_it(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "old")
    line = call()
    line.say(Request(Command.OPEN, activation="new"))
    line.reply()
    assert os.environ["XDG_ACTIVATION_TOKEN"] == "new"


def test_the_text_of_the_screen_comes_back(call: Call, reader: Reader, until: Waiter) -> None:
    line = call()
    line.say(READ)
    until(lambda: reader.wishes and line.said)
    assert line.said == [Accepted()]
    reader.text_ready.emit("Grüße 你好\n" * 100_000)
    assert line.reply() == Reply(0, "Grüße 你好\n" * 100_000)
    assert reader.wishes == [ScreenWish("quick")]


def test_a_failure_comes_back_in_words(call: Call, reader: Reader, until: Waiter) -> None:
    line = call()
    line.say(READ)
    until(lambda: reader.wishes)
    reader.failed.emit(ValueError("odd"))
    reply = line.reply()
    assert (reply.code, reply.text) == (1, "")
    assert "odd" in reply.problem


def test_who_changes_their_mind_interrupts(call: Call, reader: Reader, until: Waiter) -> None:
    line = call()
    line.say(READ)
    until(lambda: reader.wishes)
    reader.cancelled.emit()
    assert line.reply() == Reply(130)


def test_two_do_not_read_the_screen_at_once(call: Call, reader: Reader, until: Waiter) -> None:
    first, second = call(), call()
    first.say(READ)
    until(lambda: reader.wishes)
    second.say(READ)
    assert second.reply().code == 1
    reader.text_ready.emit("mine")
    assert first.reply() == Reply(0, "mine")
    assert len(reader.wishes) == 1


def test_a_caller_that_goes_makes_room(
    call: Call, callers: Callers, reader: Reader, until: Waiter, qtbot: QtBot
) -> None:
    first = call()
    first.say(READ)
    until(lambda: reader.wishes)
    with qtbot.waitSignal(callers.idle):
        first.socket.abort()
    reader.text_ready.emit("for nobody")
    second = call()
    second.say(READ)
    until(lambda: len(reader.wishes) == 2)
    reader.text_ready.emit("for the second")
    assert second.reply() == Reply(0, "for the second")


def test_without_a_reader_it_says_so(
    server: InstanceServer, name: str, until: Waiter, shown: list[list[Path]]
) -> None:
    callers = Callers(server, shown.append, None)
    line = Line(name, until)
    line.say(READ)
    assert line.reply().code == 1
    assert callers is not None


@pytest.mark.parametrize(
    "data",
    [
        struct.pack(">I", 1 << 31),
        struct.pack(">I", 4) + b"null",
        struct.pack(">I", len(json.dumps({"protocol": 99})))
        + json.dumps({"protocol": 99}).encode(),
    ],
)
def test_nonsense_is_answered_and_hung_up_on(
    call: Call, data: bytes, shown: list[list[Path]]
) -> None:
    line = call()
    line.socket.write(data)
    assert line.reply().code == 2
    assert shown == []
    after = call()
    after.say(Request(Command.OPEN))
    assert after.reply() == Reply(0)


def test_who_says_nothing_is_let_go(
    call: Call, server: InstanceServer, monkeypatch: pytest.MonkeyPatch, until: Waiter
) -> None:
    monkeypatch.setattr(server_module, "REQUEST_MS", 10)
    line = call()
    until(lambda: line.closed)
    until(lambda: not server.busy)
    assert line.said == []


def test_a_second_claim_finds_the_place_taken(
    server: InstanceServer, name: str, tmp_path: Path, qtbot: QtBot
) -> None:
    assert not InstanceServer(name, tmp_path / "deep" / "lock").claim()


def test_a_name_without_a_program_is_taken_over(
    name: str, tmp_path: Path, qtbot: QtBot, until: Waiter
) -> None:
    Path(name).write_bytes(b"")  # what a crash may leave
    server = InstanceServer(name, tmp_path / "lock")
    assert server.claim()
    assert not InstanceServer(name, tmp_path / "lock").claim()
    server.close()
