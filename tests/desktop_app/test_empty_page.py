"""The first page: sample pictures where there are some and where they have room."""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.theme import Theme
from desktop_app.ui.empty_page import EmptyPage


def page(qtbot: QtBot, qapp: QApplication, folder: Path) -> EmptyPage:
    made = EmptyPage(Theme(qapp, "light"), folder)
    qtbot.addWidget(made)
    return made


def test_samples_are_offered_and_one_is_opened(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    for name in ("line", "note", "shapes", "window"):
        Image.new("RGB", (900, 600), "white").save(tmp_path / f"{name}.png")
    empty = page(qtbot, qapp, tmp_path)
    names = [sample.accessibleName() for sample in empty.samples]
    shown = ("One line", "A note", "A window", "Shapes")
    assert names == [f"Try this picture: {name}" for name in shown]
    assert not empty.samples[0].icon().isNull()
    with qtbot.waitSignal(empty.sample_wished) as caught:
        empty.samples[1].click()
    assert caught.args == [tmp_path / "note.png"]


def test_samples_give_way_in_a_low_window(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    Image.new("RGB", (90, 60), "white").save(tmp_path / "line.png")
    empty = page(qtbot, qapp, tmp_path)
    empty.resize(640, 600)
    empty.grab()
    assert not empty.samples[0].isHidden()
    assert empty.samples[0].isVisibleTo(empty)
    empty.resize(640, 300)
    empty.grab()
    assert not empty.samples[0].isVisibleTo(empty)
    assert empty.minimumSizeHint().height() <= 300


def test_without_samples_nothing_is_offered(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    empty = page(qtbot, qapp, tmp_path / "none")
    assert empty.samples == []


def test_nothing_is_cut_off_where_large_text_has_little_room(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    for name in ("line", "note", "shapes", "window"):
        Image.new("RGB", (900, 600), "white").save(tmp_path / f"{name}.png")
    theme = Theme(qapp, "light", 200)
    try:
        empty = EmptyPage(theme, tmp_path)
        qtbot.addWidget(empty)
        empty.resize(480, 900)
        empty.grab()
        shown = [empty.words, empty.open_button, empty.paste_button]
        for part in shown:
            assert empty.rect().contains(part.geometry())
        assert not any(sample.isVisibleTo(empty) for sample in empty.samples)
        assert empty.minimumSizeHint().width() <= 480
    finally:
        theme.use_scale(100)


def test_the_title_and_the_buttons_stay_whole_in_the_lowest_window(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    theme = Theme(qapp, "light", 200)
    try:
        empty = EmptyPage(theme, tmp_path)
        qtbot.addWidget(empty)
        empty.resize(592, 210)
        empty.grab()
        assert not empty.words.isVisibleTo(empty)
        for button in (empty.open_button, empty.paste_button):
            assert button.height() >= button.sizeHint().height()
            assert empty.rect().contains(button.geometry())
    finally:
        theme.use_scale(100)
