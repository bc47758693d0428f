"""Hotkeys follow the settings; what is taken is said, with keys that are free."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.app import Desktop
from desktop_app.hotkey_desk import HotkeyDesk, problem
from desktop_app.hotkeys.hotkeys import Hotkeys, Outcome, State
from desktop_app.notices import Help, Notice
from desktop_app.ui.settings.hotkeys import HotkeysPage
from tests.desktop_app.conftest import Click
from tests.desktop_app.hotkeys.test_hotkeys import FakeGrabber


@pytest.fixture
def desk() -> FakeGrabber:
    return FakeGrabber("Meta+Shift+O")


@pytest.fixture
def pressed(desktop: Desktop, desk: FakeGrabber) -> Desktop:
    """A window on a desktop where one of the usual hotkeys is taken."""
    desktop.capture.hotkeys._make_grabber = desk.make
    return desktop


def test_a_conflict_is_said_and_one_click_away_from_free_keys(
    pressed: Desktop, desk: FakeGrabber, click: Click
) -> None:
    pressed.start()
    assert {str(each) for each in desk.held.values()} == {"Meta+Shift+A"}
    bar = pressed.window.notice
    assert bar.notice is not None
    assert "Meta+Shift+O" in bar.notice.title
    assert "Ctrl+Alt+O" in bar.notice.body
    click(bar.help_button)
    assert pressed.preferences.settings.hotkey_ocr == "Ctrl+Alt+O"
    assert {str(each) for each in desk.held.values()} == {"Meta+Shift+A", "Ctrl+Alt+O"}


def test_the_settings_say_what_does_not_work(pressed: Desktop, desk: FakeGrabber) -> None:
    pressed.start()
    pressed.settings.show_page(HotkeysPage)
    page = pressed.settings.window.findChild(HotkeysPage)
    assert isinstance(page, HotkeysPage)
    assert "Another program has Meta+Shift+O" in page.everywhere["hotkey_ocr"].problem.text()
    pressed.preferences.set(hotkey_ocr="Ctrl+Shift+O")
    assert page.everywhere["hotkey_ocr"].problem.text() == ""
    pressed.preferences.set(hotkey_ocr="Meta+Shift+O")
    assert "Ctrl+Alt+O" in page.everywhere["hotkey_ocr"].problem.text()
    pressed.preferences.set(hotkey_ocr="")
    assert {str(each) for each in desk.held.values()} == {"Meta+Shift+A"}


class AskingGrabber(FakeGrabber):
    """A desktop that asks the person."""

    asks = True


def test_where_the_desktop_asks_it_is_offered_once(qtbot: QtBot, desktop: Desktop) -> None:
    asking, preferences = AskingGrabber(), desktop.preferences
    told: list[Notice] = []
    desk = HotkeyDesk(preferences, Hotkeys(make_grabber=asking.make))
    desk.told.connect(told.append)
    desk.start()
    desk.start()
    assert [notice.help for notice in told] == [Help.ALLOW_HOTKEYS]
    assert asking.held == {}
    desk.allow()
    assert len(asking.held) == 2
    assert preferences.settings.hotkey_consent == "given"
    assert desk.problem("hotkey_ocr") == ""


def test_whoever_chooses_keys_wants_them(qtbot: QtBot, desktop: Desktop) -> None:
    asking = AskingGrabber()
    desk = HotkeyDesk(desktop.preferences, Hotkeys(make_grabber=asking.make))
    desktop.preferences.set(hotkey_ocr="Ctrl+Alt+P")
    assert str(asking.held["ocr"]) == "Ctrl+Alt+P"
    desk.shutdown()


def test_the_first_page_names_the_keys_that_are_held(pressed: Desktop, desk: FakeGrabber) -> None:
    said = pressed.window.empty.hotkeys
    assert not said.text()
    pressed.start()
    assert "Meta+Shift+A" in said.text()
    assert "Meta+Shift+O" not in said.text()  # another program has it
    pressed.preferences.set(hotkey_ocr="Ctrl+Alt+P")
    assert said.text().splitlines() == [
        "In any program, Ctrl+Alt+P reads the text of a part of the screen.",
        "In any program, Meta+Shift+A asks about a part of the screen.",
    ]
    assert said.isVisible()
    pressed.preferences.set(language="zh")
    said = pressed.window.empty.hotkeys
    assert "在任何程序中，按 Ctrl+Alt+P" in said.text()
    pressed.preferences.set(language="en", hotkey_ocr="", hotkey_capture="")
    assert pressed.window.empty.hotkeys.isHidden()


def test_of_a_desktop_that_decides_only_what_it_bound_is_named(desktop: Desktop) -> None:
    asking = AskingGrabber()
    hotkeys = Hotkeys(make_grabber=asking.make)
    desk = HotkeyDesk(desktop.preferences, hotkeys)
    desk.allow()
    assert desk.held() == {}
    hotkeys._bound({"ocr": "Super + O", "capture": ""})
    assert desk.held() == {"ocr": "Super + O"}
    desk.shutdown()
    assert desk.held() == {}


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome(State.WORKS, "Ctrl+O"), ""),
        (Outcome(State.TAKEN, "Ctrl+O"), "Another program has Ctrl+O."),
        (Outcome(State.UNKNOWN, "O"), "cannot be had everywhere"),
        (Outcome(State.UNSUPPORTED, "Ctrl+O", reason="no portal"), "no portal"),
        (Outcome(State.UNSUPPORTED, "Ctrl+O"), ""),
    ],
)
def test_problems_in_words(outcome: Outcome, words: str) -> None:
    assert words in problem(outcome)
    assert bool(words) == bool(problem(outcome))
