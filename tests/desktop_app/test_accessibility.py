"""The keyboard reaches what the mouse reaches, also where the window is small."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.app import Desktop
from desktop_app.ui.picture_image import PictureImage
from tests.desktop_app.conftest import Waiter
from tests.fakes import FakeEngines, Gate, says


def test_tab_reaches_every_button_that_is_shown(
    qtbot: QtBot, ready: Desktop, picture_file: Path, until: Waiter
) -> None:
    ready.conversation.open_pictures([picture_file])
    until(lambda: ready.conversation.picture is not None)
    ready.conversation.ask("What?")
    until(lambda: not ready.conversation.busy)
    window = ready.window
    window.activateWindow()
    window.composer.edit.setFocus()
    wanted = {
        button
        for button in window.findChildren(QAbstractButton)
        if button.isVisible() and button.isEnabled()
    }
    reached = set()
    for _ in range(60):
        focused = QApplication.focusWidget()
        assert focused is not None
        reached.add(focused)
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    assert {button.accessibleName() for button in wanted - reached} == set()


def walk(qtbot: QtBot, first: QWidget, steps: int) -> list[str]:
    """What Tab comes to, by its names."""
    first.setFocus()
    names = []
    for _ in range(steps):
        focused = QApplication.focusWidget()
        assert focused is not None
        names.append(focused.accessibleName())
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    return names


def test_tab_goes_from_above_to_below(
    qtbot: QtBot, ready: Desktop, engines: FakeEngines, picture_file: Path, until: Waiter
) -> None:
    ready.conversation.open_pictures([picture_file])
    until(lambda: ready.conversation.picture is not None)
    for answer in ("One.", "```\nTwo.\n```"):
        engines.answers.append(says(answer))
        ready.conversation.ask("What?")
        until(lambda: not ready.conversation.busy)
    window = ready.window
    window.activateWindow()
    exchange = [
        "Change the question",
        "Your question",
        "Answer again",
        "Copy the answer",
        "More about this answer",
        "Answer",
    ]
    prompts = ["Read text", "Table", "Describe", "Translate", "JSON", "All prompts"]
    below = ["Open a picture", "Your question"]
    wanted = ["Remove the picture", *exchange, *exchange, "Copy this code", *prompts, *below]
    assert walk(qtbot, window.card.remove_button, len(wanted)) == wanted


def test_a_press_that_takes_a_button_away_leaves_the_focus_beside_it(
    qtbot: QtBot, ready: Desktop, engines: FakeEngines, picture_file: Path, until: Waiter
) -> None:
    gates = [Gate(), Gate()]
    engines.answers += [says("One."), [gates[0], *says("Two.")], [gates[1], *says("More.")]]
    ready.conversation.open_pictures([picture_file])
    until(lambda: ready.conversation.picture is not None)
    window, talk = ready.window, ready.conversation
    window.activateWindow()
    talk.ask("What?")
    until(lambda: not talk.busy)
    (view,) = window.chat.views
    view.again_button.setFocus()
    qtbot.keyClick(view.again_button, Qt.Key.Key_Space)
    until(gates[0].reached.is_set)
    assert QApplication.focusWidget() is view.answer
    window.composer.send_button.setFocus()
    qtbot.keyClick(window.composer.send_button, Qt.Key.Key_Space)
    assert QApplication.focusWidget() is window.composer.edit
    gates[0].open()
    until(lambda: view.pager.back.isEnabled())
    view.pager.back.setFocus()
    qtbot.keyClick(view.pager.back, Qt.Key.Key_Space)
    assert QApplication.focusWidget() is view.pager.on


def test_the_window_is_usable_at_its_smallest(ready: Desktop) -> None:
    ready.window.resize(640, 480)
    assert (ready.window.width(), ready.window.height()) == (640, 480)
    hint = ready.window.minimumSizeHint()
    assert hint.width() <= 640
    assert hint.height() <= 480


def test_enter_presses_a_button_that_has_the_focus(
    qtbot: QtBot, ready: Desktop, picture_file: Path, until: Waiter
) -> None:
    ready.conversation.open_pictures([picture_file])
    until(lambda: ready.conversation.picture is not None)
    window = ready.window
    window.activateWindow()
    chip = window.composer.presets.chips[0]
    chip.setFocus()
    qtbot.keyClick(chip, Qt.Key.Key_Return)
    until(lambda: bool(ready.conversation.exchanges) and not ready.conversation.busy)
    assert ready.conversation.exchanges[0].question == "Read the text."
    (image,) = window.card.findChildren(PictureImage)
    image.setFocus()
    qtbot.keyClick(image, Qt.Key.Key_Enter)
    assert window.zoom.isVisible()
