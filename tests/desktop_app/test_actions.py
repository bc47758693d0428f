"""One table of actions: keys that do not collide, and that every action has."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop_app.actions import FIXED, Keymap, action, all_actions, normal
from desktop_app.app import Desktop


def test_no_two_actions_have_the_same_usual_keys() -> None:
    keys = [normal(each.keys) for each in all_actions()] + [normal(each) for _, each in FIXED]
    assert all(keys)
    assert len(set(keys)) == len(keys)
    assert len({each.name for each in all_actions()}) == len(list(all_actions()))


def test_every_action_of_the_table_does_something(ready: Desktop) -> None:
    assert ready.window.keys.bound == {each.name for each in all_actions()}


def test_other_keys_are_kept_and_the_usual_ones_are_no_change() -> None:
    changed = Keymap().with_keys("open", "ctrl+shift+p")
    assert changed == (("open", "Ctrl+Shift+P"),)
    keymap = Keymap(changed)
    assert keymap.keys("open") == "Ctrl+Shift+P"
    assert keymap.is_changed("open")
    assert not keymap.is_changed("new")
    assert keymap.with_keys("open", "Ctrl+O") == ()
    assert Keymap(keymap.with_keys("open", "")).keys("open") == ""


def test_who_has_keys_already() -> None:
    keymap = Keymap((("open", "Ctrl+J"),))
    assert keymap.owner("Ctrl+J") == action("open")
    assert keymap.owner("Ctrl+J", "open") is None
    assert keymap.owner("Ctrl+O") is None
    assert keymap.owner("") is None


def test_keys_of_a_later_version_do_no_harm() -> None:
    keymap = Keymap((("fly", "Ctrl+Y"),))
    assert keymap.owner("Ctrl+Y") is None
    assert dict(keymap.with_keys("open", "Ctrl+J")) == {"fly": "Ctrl+Y", "open": "Ctrl+J"}


@pytest.mark.parametrize("keys", ["A", "Shift+A", "Space", "Return", "Shift+Return", "Up", "Esc"])
def test_keys_for_writing_are_recognised(keys: str) -> None:
    assert Keymap().belongs_to_text(keys)


@pytest.mark.parametrize("keys", ["", "F2", "Shift+F12", "Ctrl+A", "Alt+Return", "Meta+Shift+O"])
def test_all_others_may_be_chosen(keys: str) -> None:
    assert not Keymap().belongs_to_text(keys)


def test_changed_keys_act_and_are_shown(ready: Desktop, qtbot: QtBot) -> None:
    window = ready.window
    window.composer.edit.setPlainText("")
    ready.preferences.set(shortcuts=(("settings", "F9"),))
    assert "F9" in window.top_bar.settings_button.toolTip()
    qtbot.keyClick(window.composer.edit, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    assert not ready.settings.window.isVisible()
    qtbot.keyClick(window.composer.edit, Qt.Key.Key_F9)
    assert ready.settings.window.isVisible()
    ready.preferences.set(language="zh")
    assert "F9" in window.top_bar.settings_button.toolTip()
    ready.preferences.set(language="en")


def test_text_grows_and_shrinks_by_key(ready: Desktop, qtbot: QtBot) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    edit = ready.window.composer.edit
    height = edit.fontMetrics().height()
    qtbot.keyClick(edit, Qt.Key.Key_Plus, control)
    assert ready.preferences.settings.font_scale == 110
    assert ready.window.composer.edit.fontMetrics().height() > height
    for _ in range(9):
        qtbot.keyClick(ready.window.composer.edit, Qt.Key.Key_Plus, control)
    assert ready.preferences.settings.font_scale == 200
    qtbot.keyClick(ready.window.composer.edit, Qt.Key.Key_Minus, control)
    assert ready.preferences.settings.font_scale == 175
    qtbot.keyClick(ready.window.composer.edit, Qt.Key.Key_0, control)
    assert ready.preferences.settings.font_scale == 100
    assert ready.window.composer.edit.fontMetrics().height() == height
