"""Every control has a name, and the keyboard reaches what the mouse reaches."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QScrollBar,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop_app.app import Desktop
from tests.desktop_app.conftest import Waiter
from tests.fakes import FakeEngines, says

CONTROLS = (
    QAbstractButton,
    QAbstractScrollArea,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QTextEdit,
)


def unnamed(window: QWidget) -> list[str]:
    """Controls that a screen reader could only call by their kind."""
    return [
        f"{widget.metaObject().className()} in {widget.parentWidget()}"
        for widget in window.findChildren(QWidget)
        if isinstance(widget, CONTROLS) and not isinstance(widget, QScrollBar)
        if not widget.accessibleName()
    ]


def test_every_control_has_a_name(
    qtbot: QtBot, ready: Desktop, engines: FakeEngines, picture_file: Path, until: Waiter
) -> None:
    engines.answers += [says("One."), [ValueError("x")]]
    window = ready.window
    assert unnamed(window) == []
    ready.conversation.open_pictures([picture_file])
    until(lambda: ready.conversation.picture is not None)
    for question in ("First?", "Second?"):
        ready.conversation.ask(question)
        until(lambda: not ready.conversation.busy)
    window.stage.zoom_wished.emit()
    assert window.notice.isVisible()
    assert window.zoom.isVisible()
    assert unnamed(window) == []


def test_the_walk_finds_a_control_without_a_name(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    QLineEdit(window)
    assert len(unnamed(window)) == 1


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
