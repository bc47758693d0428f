"""Every control of every window has a name; a window that is not walked here is an error."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QMainWindow,
    QProgressBar,
    QScrollBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

import desktop_app.ui
from desktop_app.app import Desktop
from desktop_app.ui import chat_view
from desktop_app.ui.overlay import Overlay
from desktop_app.ui.presets_page import PresetsDialog
from desktop_app.ui.result_window import ResultWindow
from desktop_app.ui.settings.window import SettingsWindow
from desktop_app.ui.toast import Toast
from tests.desktop_app.conftest import Waiter
from tests.fakes import FakeEngines, Gate, says

CONTROLS = (
    QAbstractButton,
    QAbstractScrollArea,  # lists and texts are some too
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QProgressBar,
)
QTS_OWN = ("qt_", "_q_")  # names that Qt gives to what it makes for itself
NO_CONTROLS = {Overlay, Toast}  # one is drawn, the other is only read


def unnamed(window: QWidget) -> list[str]:
    """Controls that a screen reader could only call by their kind."""
    return [
        f"{type(widget).__name__} {widget.objectName()} in {type(widget.parentWidget()).__name__}"
        for widget in (window, *window.findChildren(QWidget))
        if isinstance(widget, CONTROLS)
        if not isinstance(widget, QScrollBar) and not widget.objectName().startswith(QTS_OWN)
        if not (widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text()))
        if not isinstance(widget.parentWidget(), QComboBox)
    ]


def windows_of_the_program() -> set[type[QWidget]]:
    """Every class that is a window, or makes itself one."""
    for module in pkgutil.walk_packages(desktop_app.ui.__path__, "desktop_app.ui."):
        importlib.import_module(module.name)
    found: set[type[QWidget]] = set()
    for kind in (QDialog, QMainWindow):
        found |= {each for each in below(kind) if each.__module__.startswith("desktop_app.")}
    found = {each for each in found if not each.__subclasses__()}  # a base is no window
    return found | {ResultWindow, Overlay, Toast}


def below(kind: type[QWidget]) -> Iterator[type[QWidget]]:
    for each in kind.__subclasses__():
        yield each
        yield from below(each)


def test_the_walk_finds_a_control_without_a_name(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    QLineEdit(window)
    assert len(unnamed(window)) == 1


def test_every_control_of_every_window_has_a_name(
    qtbot: QtBot, ready: Desktop, engines: FakeEngines, picture_file: Path, until: Waiter
) -> None:
    window = ready.window
    engines.answers += [says("```\ncode\n```\n\n| a |\n|---|\n| b |"), says("Again.")]
    engines.answers.append([ValueError("x")])
    window.pictures.open([picture_file, picture_file.parent.parent / picture_file.name])
    until(lambda: ready.conversation.picture is not None)
    ready.conversation.ask("What?")
    until(lambda: not ready.conversation.busy)
    ready.conversation.regenerate(1)
    until(lambda: not ready.conversation.busy)
    ready.conversation.ask("And now?")
    until(lambda: not ready.conversation.busy)
    assert window.notice.isVisible()
    window.composer.presets.edit_wished.emit()
    window.stage.zoom_wished.emit()
    window.top_bar.model_chip.open_panel()
    ready.models.show_page()
    ready.server.show_page()
    window.settings_wished.emit()
    ready._show_help()
    result = ResultWindow(ready.theme)
    qtbot.addWidget(result)
    QApplication.processEvents()
    walked = QApplication.topLevelWidgets()
    for each in walked:
        assert unnamed(each) == [], each
    missed = windows_of_the_program() - {type(each) for each in walked} - NO_CONTROLS
    assert missed == set(), "open them above, so that they are walked too"
    for each in window.findChildren(QDialog):
        each.close()


def test_the_settings_are_walked_page_by_page(qtbot: QtBot, ready: Desktop) -> None:
    ready.window.settings_wished.emit()
    (window,) = ready.window.findChildren(SettingsWindow)
    assert len(window.pages) > 3
    for page in window.pages:
        assert unnamed(page) == [], page
    window.close()


def test_the_dialog_of_the_prompts_is_used_without_a_mouse(
    qtbot: QtBot, ready: Desktop, until: Waiter
) -> None:
    ready.window.composer.presets.edit_wished.emit()
    (dialog,) = ready.window.findChildren(PresetsDialog)
    dialog.activateWindow()
    until(lambda: QApplication.activeWindow() is dialog)
    dialog.page.list.setFocus()
    reached = set()
    for _ in range(20):
        focused = QApplication.focusWidget()
        assert focused is not None
        reached.add(focused)
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    page = dialog.page
    assert {page.list, page.name, page.prompt, page.add_button, page.remove_button} <= reached
    dialog.close()


def test_an_answer_is_announced_once_when_it_has_ended(
    ready: Desktop, engines: FakeEngines, until: Waiter, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(chat_view, "announce", lambda widget, text: said.append(text))
    gate = Gate()
    engines.answers += [says("The **total** is 42.10."), [*says("Half")[:-1], gate, *says("x")]]
    ready.conversation.ask("What?")
    until(lambda: not ready.conversation.busy)
    assert said == ["The total is 42.10."]
    ready.conversation.ask("More?")
    until(gate.reached.is_set)
    ready.conversation.stop()
    gate.open()
    until(lambda: not ready.conversation.busy)
    assert said[1:] == ["Stopped. Half"]
    ready.conversation.show_version(1, 0)
    assert len(said) == 2


def test_a_window_that_is_built_anew_shows_the_answer_that_is_written(
    ready: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    gate = Gate()
    engines.answers.append([*says("Half")[:-1], gate, *says("Half of it")[2:]])
    ready.conversation.ask("What?")
    until(gate.reached.is_set)
    until(lambda: ready.conversation.text_so_far == "Half")
    ready.window.rebuild()
    view = ready.window.chat.view(1)
    until(lambda: view.answer.toPlainText() == "Half")
    assert view.question.toPlainText() == "What?"
    gate.open()
    until(lambda: not ready.conversation.busy)
    assert ready.window.chat.view(1).answer.toPlainText() == "Half of it"
