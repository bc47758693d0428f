"""The settings window: what is set acts at once, and what is wrong is told at its field."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.app import Desktop
from desktop_app.exchange import Activity
from desktop_app.i18n import tr
from desktop_app.settings import Settings
from desktop_app.theme import DARK
from desktop_app.ui.settings.backup import BackupPage
from desktop_app.ui.settings.fields import ChoiceField, NumberField
from desktop_app.ui.settings.general import GeneralPage
from desktop_app.ui.settings.hotkeys import HotkeysPage
from desktop_app.ui.settings.model import ModelPage
from desktop_app.ui.settings.page import SettingsPage
from desktop_app.ui.settings.privacy import PrivacyPage
from engine.messages import Decoding
from tests.desktop_app.conftest import Click, Waiter
from tests.desktop_app.test_accessible_names import unnamed
from tests.fakes import FakeEngines, says

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def opened(ready: Desktop, qtbot: QtBot) -> Desktop:
    edit = ready.window.composer.edit
    qtbot.keyClick(edit, Qt.Key.Key_Comma, CONTROL)
    assert ready.settings.window.isVisible()
    return ready


def page(desktop: Desktop, kind: type[SettingsPage]) -> SettingsPage:
    desktop.settings.show_page(kind)
    return next(each for each in desktop.settings.window.pages if isinstance(each, kind))


def choose(field: ChoiceField, words: str) -> None:
    field.box.setCurrentIndex(field.box.findText(words))
    field.box.activated.emit(field.box.currentIndex())


def write(qtbot: QtBot, field: NumberField, text: str) -> None:
    field.edit.setFocus()
    field.edit.selectAll()
    qtbot.keyClicks(field.edit, text)


def general(desktop: Desktop) -> GeneralPage:
    made = page(desktop, GeneralPage)
    assert isinstance(made, GeneralPage)
    return made


def test_every_control_has_a_name(opened: Desktop) -> None:
    assert unnamed(opened.settings.window) == []


def test_the_walk_saw_all_pages(opened: Desktop) -> None:
    window = opened.settings.window
    assert len(window.pages) >= 7
    assert window.list.count() == window.stack.count() == len(window.pages)


def test_colours_language_and_size_change_at_once(opened: Desktop) -> None:
    choose(general(opened).theme_field, "Dark")
    assert opened.theme.colors is DARK
    choose(general(opened).scale, "150 %")
    assert QGuiApplication.font().pixelSize() == 21
    choose(general(opened).language, "简体中文")
    assert opened.settings.window.windowTitle() == tr("Settings") == "设置"
    assert opened.settings.window.isVisible()
    choose(general(opened).language, "English")
    assert opened.settings.window.windowTitle() == "Settings"


def test_a_reset_is_said_in_place_of_what_came_before(
    opened: Desktop, tmp_path: Path, click: Click, until: Waiter, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "some.json"
    path.write_text('{"idle_minutes": 7}')
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    click(backup(opened).import_button)
    assert "some.json" in backup(opened).outcome.text()
    click(backup(opened).reset_button)
    boxes = opened.settings.window.findChildren(QMessageBox)
    box = next(each for each in boxes if each.isVisible())
    click(next(each for each in box.buttons() if each.text() == "Reset"))
    until(partial(idle_minutes_are, opened, 0))
    assert backup(opened).outcome.text() == "Everything is as at the first start."


def test_the_page_that_was_open_stays_open(opened: Desktop) -> None:
    page(opened, PrivacyPage)
    row = opened.settings.window.list.currentRow()
    opened.preferences.set(language="zh")
    assert opened.settings.window.list.currentRow() == row
    opened.preferences.set(language="en")


def test_what_is_set_is_there_after_a_restart(opened: Desktop, tmp_path: Path) -> None:
    choose(general(opened).theme_field, "Dark")
    stored = json.loads((tmp_path / "config" / "settings.json").read_text(encoding="utf-8"))
    assert stored["theme"] == "dark"


def test_a_wrong_number_is_told_at_its_field(opened: Desktop, qtbot: QtBot) -> None:
    made = page(opened, ModelPage)
    field = next(each for each in made.findChildren(NumberField) if each.name == "threads")
    write(qtbot, field, "many")
    assert field.problem.isVisible()
    assert "256" in field.problem.text()
    assert opened.preferences.settings.threads == 0
    write(qtbot, field, "300")
    assert field.problem.isVisible()
    write(qtbot, field, "2")
    assert not field.problem.isVisible()
    assert opened.preferences.settings.threads == 2


def test_own_values_are_shown_where_they_count(
    opened: Desktop, qtbot: QtBot, engines: FakeEngines, until: Waiter
) -> None:
    made = page(opened, ModelPage)
    assert isinstance(made, ModelPage)
    assert not made.own[0].isVisible()
    choose(made.writing, "Own values")
    assert made.own[0].isVisible()
    field = next(each for each in made.findChildren(NumberField) if each.name == "temperature")
    write(qtbot, field, "1,5")
    engines.answers += [says("One."), says("Two.")]
    opened.conversation.ask("What?")
    until(lambda: not opened.conversation.busy)
    assert engines.questions[-1].sampling.temperature == 1.5
    choose(made.writing, "Exact: always the likeliest word")
    opened.conversation.ask("Again?")
    until(lambda: not opened.conversation.busy)
    assert engines.questions[-1].sampling.decoding is Decoding.GREEDY


def test_another_device_loads_the_model_there(
    opened: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    made = page(opened, ModelPage)
    assert isinstance(made, ModelPage)
    loads = len(engines.made)
    choose(made.device, "Processor")
    until(lambda: opened.conversation.activity is Activity.IDLE and len(engines.made) > loads)
    assert opened.conversation.choice is not None
    assert opened.conversation.choice.device == "cpu"


def test_a_model_of_ones_own_is_loaded_and_what_the_models_page_chose_is_remembered(
    opened: Desktop, engines: FakeEngines, until: Waiter, tmp_path: Path
) -> None:
    opened.preferences.set(model=str(tmp_path))
    until(lambda: opened.conversation.activity is Activity.IDLE)
    assert opened.conversation.choice is not None
    assert opened.conversation.choice.folder == tmp_path
    loads = len(engines.made)
    opened.models.use("starter")
    until(lambda: opened.conversation.activity is Activity.IDLE)
    assert len(engines.made) == loads + 1
    assert opened.preferences.settings.model in ("auto", "starter")


def test_keeping_follows_the_switch_and_the_other_way(opened: Desktop, click: Click) -> None:
    made = page(opened, PrivacyPage)
    assert isinstance(made, PrivacyPage)
    click(made.keep.switch)
    assert not opened.recorder.keeping
    opened.recorder.keep(True)
    assert made.keep.switch.isChecked()


# Keys


def hotkeys(desktop: Desktop) -> HotkeysPage:
    made = page(desktop, HotkeysPage)
    assert isinstance(made, HotkeysPage)
    return made


def changed_keys(desktop: Desktop) -> dict[str, str]:
    return dict(desktop.preferences.settings.shortcuts)


def test_pressing_keys_chooses_them(opened: Desktop, qtbot: QtBot, click: Click) -> None:
    row = hotkeys(opened).rows["open"]
    assert not row.back.isVisible()
    row.field.setFocus()
    qtbot.keyClick(row.field, Qt.Key.Key_J, CONTROL)
    assert changed_keys(opened) == {"open": "Ctrl+J"}
    click(row.back)
    assert changed_keys(opened) == {}


def test_a_conflict_is_named_and_nothing_is_changed(opened: Desktop, qtbot: QtBot) -> None:
    row = hotkeys(opened).rows["open"]
    qtbot.keyClick(row.field, Qt.Key.Key_N, CONTROL)
    assert row.problem.isVisible()
    assert "New conversation" in row.problem.text()
    qtbot.keyClick(row.field, Qt.Key.Key_A)
    assert "A" in row.problem.text()
    assert opened.preferences.settings.shortcuts == ()


def test_backspace_removes_keys_and_reset_brings_all_back(
    opened: Desktop, qtbot: QtBot, click: Click
) -> None:
    made = hotkeys(opened)
    qtbot.keyClick(made.rows["open"].field, Qt.Key.Key_Backspace)
    assert changed_keys(opened) == {"open": ""}
    made.ensureWidgetVisible(made.reset_button)
    click(made.reset_button)
    assert changed_keys(opened) == {}


def test_the_two_hotkeys_do_not_collide(opened: Desktop, qtbot: QtBot) -> None:
    made = hotkeys(opened)
    first, second = made.everywhere["hotkey_ocr"], made.everywhere["hotkey_capture"]
    both = Qt.KeyboardModifier.MetaModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(first.field, Qt.Key.Key_A, both)
    assert first.problem.isVisible()
    assert opened.preferences.settings.hotkey_ocr == Settings().hotkey_ocr
    qtbot.keyClick(second.field, Qt.Key.Key_F8, both)
    assert opened.preferences.settings.hotkey_capture == "Meta+Shift+F8"


def test_keys_reach_the_field_that_listens(opened: Desktop) -> None:
    made, paused = hotkeys(opened), list[bool]()
    made.listening.connect(paused.append)
    made.rows["open"].field.setFocus()
    made.everywhere["hotkey_ocr"].field.setFocus()
    made.copy_button.setFocus()
    assert paused == [True, False, True, False]


def test_the_command_is_beside_the_hotkey(opened: Desktop, click: Click) -> None:
    click(hotkeys(opened).copy_button)
    assert QGuiApplication.clipboard().text() == "minicpmv --ocr"


# Files


def backup(desktop: Desktop) -> BackupPage:
    made = page(desktop, BackupPage)
    assert isinstance(made, BackupPage)
    return made


def test_settings_go_out_and_come_back(
    opened: Desktop, click: Click, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    opened.preferences.set(theme="dark", idle_minutes=5)
    click(backup(opened).export_button)
    opened.preferences.set(theme="light", idle_minutes=0)
    click(backup(opened).import_button)
    assert opened.preferences.settings.theme == "dark"
    assert opened.preferences.settings.idle_minutes == 5
    assert opened.theme.colors is DARK


@pytest.mark.parametrize("text", ["", "[]", None])
def test_a_file_that_is_none_is_told(
    opened: Desktop,
    click: Click,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    text: str | None,
) -> None:
    path = tmp_path / "other.json"
    if text is not None:
        path.write_text(text)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    made = backup(opened)
    before = opened.preferences.settings
    click(made.import_button)
    assert "other.json" in made.outcome.text()
    assert made.outcome.property("kind") == "alarm"
    assert opened.preferences.settings == before


def test_what_is_not_valid_in_a_file_is_named(
    opened: Desktop, click: Click, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "half.json"
    path.write_text('{"theme": "pink", "idle_minutes": 7}')
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    click(backup(opened).import_button)
    assert "theme" in backup(opened).outcome.text()
    assert opened.preferences.settings.idle_minutes == 7


def idle_minutes_are(desktop: Desktop, minutes: int) -> bool:
    return desktop.preferences.settings.idle_minutes == minutes


def test_reset_asks_first(opened: Desktop, click: Click, until: Waiter) -> None:
    opened.preferences.set(idle_minutes=9, language="zh")
    for word, left in (("取消", 9), ("重置", 0)):
        click(backup(opened).reset_button)
        boxes = opened.settings.window.findChildren(QMessageBox)
        box = next(each for each in boxes if each.isVisible())
        texts: dict[str, QAbstractButton] = {each.text(): each for each in box.buttons()}
        click(texts[word])
        until(partial(idle_minutes_are, opened, left))
        until(lambda: QApplication.activeModalWidget() is None)
    assert opened.settings.window.windowTitle() == "Settings"


# Help


def test_f1_shows_all_keys(ready: Desktop, qtbot: QtBot) -> None:
    from desktop_app.ui.help_page import HelpPage

    ready.preferences.set(shortcuts=(("open", "F7"),))
    qtbot.keyClick(ready.window.composer.edit, Qt.Key.Key_F1)
    shown = ready.window.findChild(HelpPage)
    assert shown is not None
    texts = {label.text() for label in shown.findChildren(QWidget) if hasattr(label, "text")}
    assert {"F7", "Ctrl+N", "F1", "Open a picture"} <= texts
    assert "These keys do not work now." in texts  # there is no desktop that could give them
    assert unnamed(shown) == []
    shown.close()


def test_it_comes_again_where_its_frame_was(opened: Desktop) -> None:
    """Without a place of its own, Qt puts it off by its frame each time that it is shown."""
    window, placed = opened.settings.window, Qt.WidgetAttribute.WA_Moved
    assert not window.testAttribute(placed)  # at first the desktop says where
    place = window.pos()
    window.close()
    opened.settings.show()
    assert window.testAttribute(placed)
    assert window.pos() == place


def test_the_field_that_changes_the_language_or_size_keeps_the_focus(
    qtbot: QtBot, opened: Desktop
) -> None:
    settings = opened.settings.window
    settings.activateWindow()
    for name in ("language", "scale"):
        first = getattr(settings.pages[0], name).box
        first.setFocus()
        for _ in range(2):
            qtbot.keyClick(getattr(settings.pages[0], name).box, Qt.Key.Key_Down)
            assert QApplication.focusWidget() is getattr(settings.pages[0], name).box
        assert getattr(settings.pages[0], name).box is not first  # all was made anew
    assert opened.preferences.settings.language == "zh"
    assert opened.preferences.settings.font_scale == 125


def test_the_question_about_all_conversations_leads_back_to_the_settings(
    opened: Desktop, click: Click
) -> None:
    settings = opened.settings.window
    made = page(opened, PrivacyPage)
    assert isinstance(made, PrivacyPage)
    settings.activateWindow()
    made.delete_button.setFocus()
    click(made.delete_button)
    (box,) = settings.findChildren(QMessageBox)
    box.reject()
    assert QApplication.activeWindow() is settings
    assert QApplication.focusWidget() is made.delete_button
