"""Names and their keys: what works, what is taken, what is offered instead."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from ctypes import wintypes
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.capture.backends import Session
from desktop_app.hotkeys import windows
from desktop_app.hotkeys.grabber import Pressed, Taken, Unsupported, grabber_here
from desktop_app.hotkeys.hotkeys import Hotkeys, Outcome, State
from desktop_app.hotkeys.keys import Combination, parse
from desktop_app.hotkeys.macos import OURS, HotKeyId, MacGrabber, four_characters
from desktop_app.hotkeys.portal import PortalGrabber, shortcuts_argument, triggers_in
from desktop_app.hotkeys.windows import WindowsGrabber, number_in
from desktop_app.hotkeys.x11 import ignored, modifier_of, press_in
from tests.desktop_app.capture.bus import StartPortal, asked, portals
from tests.desktop_app.capture.fake_portal import SESSION


def nobody(name: str) -> None:
    """Hears nothing."""


class FakeGrabber:
    """A desktop on which some combinations are taken."""

    asks = False

    def __init__(self, *taken: str) -> None:
        self.taken = {parse(keys) for keys in taken}
        self.held: dict[str, Combination] = {}
        self.pressed: Pressed = nobody
        self.closed = False

    def make(self, pressed: Pressed) -> FakeGrabber:
        self.pressed = pressed
        return self

    def grab(self, name: str, combination: Combination) -> None:
        if combination in self.taken:
            raise Taken
        if combination.key == "Print":
            raise Unsupported("no such key")
        self.held[name] = combination

    def release(self, name: str) -> None:
        self.held.pop(name, None)

    def close(self) -> None:
        self.closed = True


def test_a_hotkey_works_and_is_given_back(qtbot: QtBot) -> None:
    desk = FakeGrabber()
    hotkeys = Hotkeys(make_grabber=desk.make)
    assert hotkeys.register("ocr", "Ctrl+Alt+O") == Outcome(State.WORKS, "Ctrl+Alt+O")
    with qtbot.waitSignal(hotkeys.pressed, check_params_cb=lambda name: name == "ocr"):
        desk.pressed("ocr")
    hotkeys.register("ocr", "Ctrl+Alt+P")
    assert {str(each) for each in desk.held.values()} == {"Ctrl+Alt+P"}
    hotkeys.unregister("ocr")
    assert desk.held == {}
    assert hotkeys.outcome("ocr").state is State.NONE
    hotkeys.shutdown()
    assert desk.closed


def test_while_keys_are_chosen_none_is_held() -> None:
    desk = FakeGrabber()
    hotkeys = Hotkeys(make_grabber=desk.make)
    hotkeys.register("ocr", "Ctrl+Alt+O")
    hotkeys.register("capture", "Ctrl+Alt+A")
    hotkeys.pause(True)
    assert desk.held == {}
    hotkeys.register("ocr", "Ctrl+Alt+P")  # the choice counts at once
    desk.taken.add(parse("Ctrl+Alt+A"))
    hotkeys.pause(False)
    assert {name: str(each) for name, each in desk.held.items()} == {"ocr": "Ctrl+Alt+P"}
    assert hotkeys.outcome("capture").state is State.TAKEN
    desk.taken.clear()
    hotkeys.pause(True)
    hotkeys.pause(False)
    assert str(desk.held["ocr"]) == "Ctrl+Alt+P"


def test_what_is_taken_comes_with_an_alternative() -> None:
    desk = FakeGrabber("Meta+Shift+O", "Ctrl+Alt+O")
    hotkeys = Hotkeys(make_grabber=desk.make)
    outcome = hotkeys.register("ocr", "Meta+Shift+O")
    assert outcome == Outcome(State.TAKEN, "Meta+Shift+O", alternative="Ctrl+Shift+O")
    assert desk.held == {}  # only tried
    assert hotkeys.register("ocr", outcome.alternative).state is State.WORKS


def test_two_of_our_own_do_not_share_keys() -> None:
    desk = FakeGrabber()
    hotkeys = Hotkeys(make_grabber=desk.make)
    hotkeys.register("ocr", "Ctrl+Alt+O")
    outcome = hotkeys.register("capture", "Alt+Ctrl+O")
    assert outcome.state is State.TAKEN
    assert parse(outcome.alternative) != parse("Ctrl+Alt+O")


@pytest.mark.parametrize(
    ("keys", "state"),
    [
        ("", State.NONE),
        ("O", State.UNKNOWN),
        ("nonsense", State.UNKNOWN),
        ("Print", State.UNSUPPORTED),
    ],
)
def test_every_other_end(keys: str, state: State) -> None:
    hotkeys = Hotkeys(make_grabber=FakeGrabber().make)
    assert hotkeys.register("ocr", keys).state is state
    assert hotkeys.outcome("ocr").state is state


def test_here_there_is_no_way(qtbot: QtBot) -> None:
    grabber = grabber_here(nobody, "offscreen", Session("linux"))
    with pytest.raises(Unsupported):
        grabber.grab("ocr", parse("Ctrl+O"))
    grabber.release("ocr")
    grabber.close()


# X11: the pure parts


def test_locks_do_not_matter() -> None:
    assert ignored(16) == (0, 2, 16, 18)
    assert ignored(0) == (0, 2)
    assert ignored(2) == (0, 2)


def test_the_modifier_of_num_lock() -> None:
    rows = bytes([50, 62, 66, 0, 37, 105, 64, 205, 77, 0, 203, 0, 133, 134, 0, 0])
    assert modifier_of(rows, 2, {77}) == 16
    assert modifier_of(rows, 2, {0, 99}) == 0


def test_a_press_is_read_from_memory() -> None:
    event = bytearray(32)
    event[0:2] = bytes([2, 32])
    event[28:30] = (0x1000 | 16 | 5).to_bytes(2, sys.byteorder)  # a button is held as well
    assert press_in(bytes(event)) == (32, 16 | 5)


# Windows, with a user32 that only remembers


class FakeUser32:
    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.answer = 1

    def RegisterHotKey(self, *arguments: Any) -> int:
        self.calls.append(arguments)
        return self.answer

    def UnregisterHotKey(self, *arguments: Any) -> int:
        self.calls.append(arguments)
        return 1


def hotkey_message(number: int, message: int = 0x0312) -> wintypes.MSG:
    made = wintypes.MSG()
    made.message, made.wParam = message, number
    return made


def test_windows_registers_and_hears(qtbot: QtBot) -> None:
    user32, heard = FakeUser32(), list[str]()
    grabber = WindowsGrabber(heard.append, user32)
    grabber.grab("ocr", parse("Ctrl+Shift+O"))
    assert user32.calls == [(None, 1, 0x4006, 0x4F)]
    message = hotkey_message(1)
    address = ctypes.addressof(message)
    assert grabber.nativeEventFilter(b"windows_dispatcher_MSG", address) == (True, 0)
    assert grabber.nativeEventFilter(b"xcb_generic_event_t", 0) == (False, 0)
    assert heard == ["ocr"]
    grabber.close()
    assert user32.calls[-1] == (None, 1)


def test_windows_says_what_is_taken(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    user32 = FakeUser32()
    grabber = WindowsGrabber(nobody, user32)
    user32.answer = 0
    monkeypatch.setattr(windows, "_last_error", lambda: windows.ALREADY_REGISTERED)
    with pytest.raises(Taken):
        grabber.grab("ocr", parse("Ctrl+O"))
    monkeypatch.setattr(windows, "_last_error", lambda: 5)
    with pytest.raises(Unsupported, match="5"):
        grabber.grab("ocr", parse("Ctrl+O"))
    grabber.close()


def test_only_its_own_messages_are_windows_hotkeys() -> None:
    assert number_in(b"windows_generic_MSG", hotkey_message(7)) == 7
    assert number_in(b"windows_generic_MSG", hotkey_message(7, 0x0100)) is None
    assert number_in(b"other", hotkey_message(7)) is None


# macOS, with a Carbon that only remembers


class FakeCarbon:
    def __init__(self) -> None:
        self.registered: list[tuple[int, int, int]] = []
        self.released = 0
        self.status = 0

    def GetApplicationEventTarget(self) -> int:
        return 1

    def InstallEventHandler(self, *arguments: Any) -> int:
        return 0

    def RegisterEventHotKey(self, code: int, mask: int, own: HotKeyId, *rest: Any) -> int:
        if not self.status:
            self.registered.append((code, mask, own.number))
        return self.status

    def UnregisterEventHotKey(self, reference: Any) -> int:
        self.released += 1
        return 0


def test_carbon_registers_and_hears() -> None:
    carbon, heard = FakeCarbon(), list[str]()
    grabber = MacGrabber(heard.append, carbon)
    grabber.grab("ocr", parse("Ctrl+Shift+O"))
    assert carbon.registered == [(31, 0x300, 1)]
    assert grabber.press(HotKeyId(OURS, 1))
    assert not grabber.press(HotKeyId(OURS, 9))
    assert not grabber.press(HotKeyId(0, 1))
    assert heard == ["ocr"]
    carbon.status = -9878
    with pytest.raises(Taken):
        grabber.grab("other", parse("Ctrl+P"))
    carbon.status = -50
    with pytest.raises(Unsupported, match="-50"):
        grabber.grab("other", parse("Ctrl+P"))
    with pytest.raises(Unsupported, match="Print"):
        grabber.grab("other", parse("Print"))
    grabber.close()
    assert carbon.released == 1


def test_names_of_four_letters() -> None:
    assert four_characters("hkid") == 0x686B6964


# Wayland: the portal, on a bus of its own

needs_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="portals are Linux's")


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StartPortal]:
    with portals(tmp_path, monkeypatch) as start:
        yield start


def portal_hotkeys() -> Hotkeys:
    return Hotkeys({"ocr": "Read text"}.get, PortalGrabber)  # type: ignore[arg-type]


@needs_linux
def test_the_desktop_binds_and_tells(qtbot: QtBot, start: StartPortal) -> None:
    bound = [["ocr", {"trigger_description": ["s", "Super+O"]}]]
    log = start(
        {
            "Get": "version",
            "CreateSession": [0, {"session_handle": ["s", SESSION]}],
            "BindShortcuts": [0, {"shortcuts": ["a(sa{sv})", bound]}],
            "pressed": ["stranger", "ocr"],
        }
    )
    hotkeys = portal_hotkeys()
    heard: list[str] = []
    hotkeys.pressed.connect(heard.append)
    assert hotkeys.register("ocr", "Ctrl+Alt+O").state is State.ASKED
    qtbot.waitUntil(lambda: heard == ["ocr"], timeout=15_000)
    assert hotkeys.outcome("ocr") == Outcome(State.WORKS, "Ctrl+Alt+O", trigger="Super+O")
    hotkeys.shutdown()
    calls = asked(log)
    assert [method for method, _ in calls] == ["Register", "Get", "CreateSession", "BindShortcuts"]
    session, shortcuts, _, _ = calls[-1][1]
    assert session == SESSION
    assert shortcuts == [
        ["ocr", {"description": ["s", "Read text"], "preferred_trigger": ["s", "CTRL+ALT+o"]}]
    ]


@needs_linux
@pytest.mark.parametrize(
    "plan",
    [
        {},
        {"Get": "version", "CreateSession": [2, {}]},
        {
            "Get": "version",
            "CreateSession": [0, {"session_handle": ["s", SESSION]}],
            "BindShortcuts": [1, {}],
        },
    ],
)
def test_a_desktop_that_refuses_is_quoted(
    qtbot: QtBot, start: StartPortal, plan: dict[str, Any]
) -> None:
    start(plan)
    hotkeys = portal_hotkeys()
    hotkeys.register("ocr", "Ctrl+Alt+O")
    qtbot.waitUntil(lambda: hotkeys.outcome("ocr").state is State.UNSUPPORTED, timeout=15_000)
    assert hotkeys.outcome("ocr").reason
    hotkeys.shutdown()


def test_what_goes_over_the_bus() -> None:
    (name, about), *rest = shortcuts_argument((("ocr", "Read text", "CTRL+o"),))
    assert (name, rest) == ("ocr", [])
    assert about == {"description": ("s", "Read text"), "preferred_trigger": ("s", "CTRL+o")}
    assert triggers_in({}) == {}
    assert triggers_in({"shortcuts": ("a(sa{sv})", [("ocr", {})])}) == {"ocr": ""}
