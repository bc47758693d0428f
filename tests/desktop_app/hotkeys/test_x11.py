"""Hotkeys on a real X server, pressed as a person presses them."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.hotkeys.grabber import Taken, Unsupported
from desktop_app.hotkeys.hotkeys import Hotkeys, State
from desktop_app.hotkeys.keys import parse
from desktop_app.hotkeys.x11 import XGrabber
from tests.desktop_app.capture.display import x_display, xdotool

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 is Linux's")


def nobody(name: str) -> None:
    """Hears nothing."""


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    with x_display() as display:
        yield display


@pytest.fixture
def here(display: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DISPLAY", display)
    return display


@pytest.mark.parametrize("lock", ["", "Caps_Lock", "Num_Lock"])
def test_a_key_is_heard_whatever_the_locks_are(qtbot: QtBot, here: str, lock: str) -> None:
    heard: list[str] = []
    grabber = XGrabber(heard.append)
    grabber.grab("ocr", parse("Meta+Shift+O"))
    grabber.grab("other", parse("Ctrl+F5"))
    if lock:
        xdotool(here, "key", lock)
    xdotool(here, "key", "super+shift+o")
    qtbot.waitUntil(lambda: heard == ["ocr"])
    xdotool(here, "key", "ctrl+o", "shift+o", "ctrl+F5")
    qtbot.waitUntil(lambda: heard == ["ocr", "other"])
    if lock:
        xdotool(here, "key", lock)
    grabber.release("ocr")
    xdotool(here, "key", "super+shift+o", "ctrl+F5")
    qtbot.waitUntil(lambda: heard == ["ocr", "other", "other"])
    grabber.close()


def test_two_programs_cannot_have_the_same(qtbot: QtBot, here: str) -> None:
    first, second = XGrabber(nobody), XGrabber(nobody)
    first.grab("ocr", parse("Ctrl+Alt+O"))
    with pytest.raises(Taken):
        second.grab("ocr", parse("Ctrl+Alt+O"))
    first.release("ocr")
    second.grab("ocr", parse("Ctrl+Alt+O"))
    first.close()
    second.close()


def test_the_conflict_is_told_with_what_is_free(qtbot: QtBot, here: str) -> None:
    other = XGrabber(nobody)
    other.grab("theirs", parse("Meta+Shift+O"))
    other.grab("more", parse("Ctrl+Alt+O"))
    hotkeys = Hotkeys(make_grabber=XGrabber)
    outcome = hotkeys.register("ocr", "Meta+Shift+O")
    assert (outcome.state, outcome.alternative) == (State.TAKEN, "Ctrl+Shift+O")
    assert hotkeys.register("ocr", outcome.alternative).state is State.WORKS
    hotkeys.shutdown()
    other.close()


def test_a_key_that_the_keyboard_lacks(qtbot: QtBot, here: str) -> None:
    grabber = XGrabber(nobody)
    with pytest.raises(Unsupported, match="F24"):
        grabber.grab("ocr", parse("Ctrl+F24"))
    grabber.close()


def test_another_keyboard_layout_keeps_the_hotkey(qtbot: QtBot, here: str) -> None:
    heard: list[str] = []
    grabber = XGrabber(heard.append)
    grabber.grab("ocr", parse("Ctrl+Alt+O"))
    grabber._grab_anew()
    xdotool(here, "key", "ctrl+alt+o")
    qtbot.waitUntil(lambda: heard == ["ocr"])
    grabber.close()


def test_without_a_server_the_reason_is_told(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":987")
    with pytest.raises(Unsupported, match="no X server"):
        XGrabber(nobody)
