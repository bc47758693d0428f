"""The keyboard reaches what the mouse reaches, also where the window is small."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication
from pytestqt.qtbot import QtBot

from desktop_app.app import Desktop
from tests.desktop_app.conftest import Waiter


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


def test_the_window_is_usable_at_its_smallest(ready: Desktop) -> None:
    ready.window.resize(640, 480)
    assert (ready.window.width(), ready.window.height()) == (640, 480)
    hint = ready.window.minimumSizeHint()
    assert hint.width() <= 640
    assert hint.height() <= 480
