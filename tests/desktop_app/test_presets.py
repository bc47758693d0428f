"""Presets: asked by press and key, changed in their page, kept in a file."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.app import Desktop
from desktop_app.i18n import CATALOG
from desktop_app.paths import resource
from desktop_app.presets import DEFAULTS, MOST, Preset, PresetStore, default_presets
from desktop_app.theme import Theme
from desktop_app.ui.presets_page import PresetsDialog, PresetsPage
from tests.desktop_app.conftest import Click, Waiter
from tests.desktop_app.gestures import answered
from tests.fakes import FakeEngines, Gate, says

OWN = (Preset("Summe", "Wie hoch ist die Summe?"), Preset("文字", "读出文字"))
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def looking(ready: Desktop, picture_file: Path, until: Waiter) -> Desktop:
    """A window with a picture."""
    ready.conversation.open_pictures([picture_file])
    until(lambda: ready.conversation.picture is not None)
    ready.window.activateWindow()
    return ready


def test_one_press_asks_and_leaves_what_is_typed(
    qtbot: QtBot, looking: Desktop, until: Waiter, click: Click
) -> None:
    composer = looking.window.composer
    qtbot.keyClicks(composer.edit, "half a thought")
    click(composer.presets.chips[0])
    until(lambda: answered(looking))
    assert looking.conversation.exchanges[0].question == "Read the text."
    assert composer.edit.toPlainText() == "half a thought"


def test_control_and_a_digit_ask(qtbot: QtBot, looking: Desktop, until: Waiter) -> None:
    qtbot.keyClick(looking.window.composer.edit, Qt.Key.Key_3, CONTROL)
    until(lambda: answered(looking))
    assert looking.conversation.exchanges[0].question == DEFAULTS[2].prompt
    qtbot.keyClick(looking.window.composer.edit, Qt.Key.Key_9, CONTROL)  # there is no ninth
    assert len(looking.conversation.exchanges) == 1


def test_without_a_picture_and_while_answering_nothing_is_asked(
    qtbot: QtBot,
    ready: Desktop,
    engines: FakeEngines,
    picture_file: Path,
    until: Waiter,
) -> None:
    assert not ready.window.composer.presets.isVisible()
    ready.window.activateWindow()
    qtbot.keyClick(ready.window.composer.edit, Qt.Key.Key_1, CONTROL)
    assert ready.conversation.exchanges == ()
    gate = Gate()
    engines.answers.append([gate, *says("One.")])
    ready.conversation.open_pictures([picture_file])
    until(lambda: ready.conversation.picture is not None)
    qtbot.keyClick(ready.window.composer.edit, Qt.Key.Key_1, CONTROL)
    until(gate.reached.is_set)
    qtbot.keyClick(ready.window.composer.edit, Qt.Key.Key_2, CONTROL)
    gate.open()
    until(lambda: answered(ready))
    assert len(ready.conversation.exchanges) == 1


def test_what_does_not_fit_is_in_the_menu(looking: Desktop) -> None:
    row = looking.window.composer.presets
    looking.presets.use(Preset(f"A rather long name {number}", "?") for number in range(12))
    shown = [chip for chip in row.chips if not chip.isHidden()]
    assert 0 < len(shown) < 12
    names = [action.text() for action in row.menu().actions() if action.text()]
    assert len(names) == 13
    assert names[-1] == "Change the prompts…"
    looking.window.resize(640, 480)
    assert looking.window.width() == 640


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> PresetsPage:
    made = PresetsPage(Theme(qapp, "light"), PresetStore(tmp_path / "config" / "presets.json"))
    qtbot.addWidget(made)
    made.show()
    return made


def stored(page: PresetsPage) -> tuple[Preset, ...]:
    """What the next start would find."""
    return PresetStore(page._store._path).presets


def names(page: PresetsPage) -> list[str]:
    return [preset.name for preset in stored(page)]


def test_presets_are_added_renamed_ordered_removed_and_reset(
    qtbot: QtBot, page: PresetsPage, click: Click
) -> None:
    assert not page.reset_button.isEnabled()
    click(page.add_button)
    qtbot.keyClicks(page.name, "Summe")
    qtbot.keyClicks(page.prompt, "Wie hoch?")
    assert stored(page)[-1] == Preset("Summe", "Wie hoch?")
    for _ in range(5):
        click(page.up_button)
    assert names(page)[:2] == ["Summe", "Read text"]
    assert not page.up_button.isEnabled()
    click(page.down_button)
    assert names(page)[:2] == ["Read text", "Summe"]
    click(page.remove_button)
    assert names(page) == [preset.name for preset in DEFAULTS]
    page.list.setCurrentRow(0)
    page.name.selectAll()
    qtbot.keyClicks(page.name, "OCR")
    assert page.list.item(0).text() == "OCR"
    click(page.reset_button)
    assert stored(page) == DEFAULTS
    assert page._store._path is not None
    assert not page._store._path.exists()


def test_all_can_be_removed(page: PresetsPage, click: Click) -> None:
    for _ in DEFAULTS:
        click(page.remove_button)
    assert stored(page) == ()
    assert not page.name.isEnabled()
    assert not page.remove_button.isEnabled()
    click(page.add_button)
    assert names(page) == ["New prompt"]


def test_what_was_removed_or_reset_comes_back(
    qtbot: QtBot, page: PresetsPage, click: Click
) -> None:
    click(page.add_button)
    qtbot.keyClicks(page.name, "Summe")
    own = stored(page)
    assert not page.undo_button.isVisible()
    page.list.setCurrentRow(1)
    click(page.remove_button)
    assert len(stored(page)) == len(DEFAULTS)
    click(page.undo_button)
    assert stored(page) == own
    assert page.list.currentRow() == 1
    click(page.reset_button)
    assert stored(page) == DEFAULTS
    click(page.undo_button)
    assert stored(page) == own
    assert page.list.currentRow() == len(DEFAULTS)
    click(page.remove_button)
    qtbot.keyClicks(page.name, "!")
    assert not page.undo_button.isVisible()  # it would lose what was written since


def test_a_name_is_shown_as_it_is_written(looking: Desktop) -> None:
    row = looking.window.composer.presets
    looking.presets.use([Preset("R&D <b>sum</b>", "What is <b>bold</b>?")])
    (chip,) = row.chips
    assert chip.text().replace("&&", "&") == chip.accessibleName() == "R&D <b>sum</b>"
    assert "&&" in chip.text()
    assert "&lt;b&gt;bold" in chip.toolTip()
    looking.presets.use([Preset("", "Without\na name?")])
    assert row.chips[0].accessibleName() == "Without a name?"


def test_one_that_asks_nothing_yet_has_no_button_and_keeps_its_key(
    qtbot: QtBot, looking: Desktop, until: Waiter
) -> None:
    looking.presets.use([Preset("New prompt", " "), Preset("Sum", "What is the sum?")])
    row = looking.window.composer.presets
    assert [chip.text() for chip in row.chips] == ["Sum"]
    assert next(each.text() for each in row.menu().actions()) == "Sum"
    qtbot.keyClick(looking.window.composer.edit, Qt.Key.Key_2, CONTROL)
    until(lambda: answered(looking))
    assert looking.conversation.exchanges[0].question == "What is the sum?"


def test_a_long_name_gives_way_to_the_keys(page: PresetsPage) -> None:
    page._store.use([Preset("A name that is far too long for the list " * 3, "?")])
    page._fill(0)
    page.grab()  # painted without a bar to scroll sideways
    bar = page.list.horizontalScrollBar()
    assert not bar.isVisible()
    item = page.list.item(0)
    assert item.data(Qt.ItemDataRole.AccessibleTextRole).endswith(", Ctrl+1")


def test_the_way_back_looks_off_where_there_is_none(page: PresetsPage) -> None:
    off = page.reset_button.grab().toImage()
    page.reset_button.setEnabled(True)
    assert page.reset_button.grab().toImage() != off


def test_a_change_is_seen_at_once_in_the_window(looking: Desktop) -> None:
    row = looking.window.composer.presets
    row.edit_wished.emit()
    (dialog,) = looking.window.findChildren(PresetsDialog)
    assert dialog.isVisible()
    dialog.page.list.setCurrentRow(0)
    dialog.page.remove_button.click()
    assert row.chips[0].accessibleName() == "Table"
    dialog.close()


@pytest.mark.parametrize("text", ["", "{}", "[1]", '[{"name": 1, "prompt": ""}]', '{"a": 1}'])
def test_a_bad_file_is_logged_and_the_usual_ones_are_there(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    path = tmp_path / "presets.json"
    path.write_text(text, encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        found = PresetStore(path).presets
    assert found == DEFAULTS
    assert caplog.records


def test_there_is_no_file_before_something_was_changed(tmp_path: Path) -> None:
    path = tmp_path / "presets.json"
    store = PresetStore(path)
    store.use(store.presets)
    assert not path.exists()
    store.use(OWN)
    assert [entry["name"] for entry in json.loads(path.read_text(encoding="utf-8"))] == [
        "Summe",
        "文字",
    ]
    store.use([OWN[0]] * (MOST + 5))
    assert len(PresetStore(path).presets) == MOST


def test_a_disk_that_takes_nothing_is_told(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("a file", encoding="utf-8")
    store = PresetStore(tmp_path / "config" / "presets.json")
    with qtbot.waitSignal(store.failed):
        store.use(OWN)
    assert store.presets == OWN


def test_beside_own_ones_the_usual_follow_the_language(tmp_path: Path) -> None:
    path = tmp_path / "presets.json"
    try:
        PresetStore(path).use((*DEFAULTS, OWN[0]))
        CATALOG.use("zh", resource("i18n"))
        store = PresetStore(path)
        names = [preset.name for preset in store.presets]
        assert names == [*(preset.name for preset in default_presets()), "Summe"]
        assert names[0] != "Read text"
        store.use(store.presets[1:])
        CATALOG.use("en", resource("i18n"))
        assert store.presets == PresetStore(path).presets == (*DEFAULTS[1:], OWN[0])
    finally:
        CATALOG.use("en", resource("i18n"))


def test_the_own_ones_had_again_follow_the_language_again(tmp_path: Path) -> None:
    store = PresetStore(tmp_path / "presets.json")
    usual = store.presets
    store.use(usual[1:])
    assert store.changed_by_hand
    store.use(usual)
    assert not store.changed_by_hand
    assert not (tmp_path / "presets.json").exists()


def test_enter_in_the_name_loses_nothing_and_enter_on_a_button_presses_it(
    qtbot: QtBot, looking: Desktop
) -> None:
    looking.presets.use(OWN)
    looking.window.composer.presets.edit_wished.emit()
    (dialog,) = looking.window.findChildren(PresetsDialog)
    page = dialog.page
    dialog.activateWindow()
    page.add_button.setFocus()
    qtbot.keyClick(page.add_button, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert len(looking.presets.presets) == 3
    page.remove_button.setFocus()
    qtbot.keyClick(page.remove_button, Qt.Key.Key_Enter)
    assert list(looking.presets.presets) == list(OWN)
    assert page.undo_button.isVisible()  # the first button in the order of the dialog
    qtbot.keyClick(page.name, Qt.Key.Key_Return)
    assert list(looking.presets.presets) == list(OWN)
    assert not dialog.isVisible()
