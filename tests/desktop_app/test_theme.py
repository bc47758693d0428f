"""Both themes can be read, with any accent that a system may have."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.paths import resource
from desktop_app.style_sheet import mixed, style_sheet
from desktop_app.theme import DARK, LIGHT, Colors, Theme, contrast, with_accent
from desktop_app.ui.form_parts import ChoiceBox

THEMES = pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
ICONS = sorted(path.stem for path in resource("icons").glob("*.svg"))


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert contrast("#123456", "#123456") == 1


@THEMES
def test_text_has_a_contrast_of_four_and_a_half(colors: Colors) -> None:
    low = {pair: contrast(*pair) for pair in colors.text_pairs if contrast(*pair) < 4.5}
    assert low == {}


@THEMES
def test_controls_have_a_contrast_of_three(colors: Colors) -> None:
    low = {pair: contrast(*pair) for pair in colors.control_pairs if contrast(*pair) < 3}
    assert low == {}


@THEMES
@pytest.mark.parametrize(
    "accent", ["#ffff00", "#000000", "#ffffff", "#3daee9", "#e95420", "#ff69b4", "#808080"]
)
def test_any_accent_of_the_system_is_made_readable(colors: Colors, accent: str) -> None:
    made = with_accent(colors, QColor(accent))
    assert all(contrast(*pair) >= 4.5 for pair in made.text_pairs)
    assert all(contrast(*pair) >= 3 for pair in made.control_pairs)


@THEMES
def test_the_style_sheet_takes_all_colours_from_the_table(colors: Colors) -> None:
    sheet = style_sheet(colors)
    table = {getattr(colors, name) for name in colors.__slots__}
    table.add(mixed(colors.accent, colors.text))  # an accent that is pointed at
    assert set(re.findall(r"#[0-9a-f]{6,8}\b", sheet)) <= table
    assert contrast(colors.on_accent, mixed(colors.accent, colors.text)) >= 4.5


@pytest.mark.parametrize("name", ICONS)
def test_every_icon_is_drawn_in_the_colour_of_its_role(qapp: QApplication, name: str) -> None:
    if name == "application":
        pytest.skip("the program's own icon has its own colours")
    image = Theme(qapp, "dark").pixmap(name, "accent", 24, 2).toImage()
    opaque = [
        image.pixelColor(x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    ]
    assert opaque
    wanted = QColor(DARK.accent)
    assert all(abs(color.red() - wanted.red()) <= 2 for color in opaque)


def test_an_icon_is_drawn_once_for_each_colour_and_size(qapp: QApplication) -> None:
    theme = Theme(qapp, "dark")
    dark = theme.pixmap("model", "text", 24, 2)
    assert theme.pixmap("model", "text", 24, 2).cacheKey() == dark.cacheKey()
    assert theme.pixmap("model", "text", 20, 2).width() == 40
    theme.use("light")
    light = theme.pixmap("model", "text", 24, 2)
    assert light.devicePixelRatio() == 2
    assert light.toImage() != dark.toImage()


def test_the_theme_follows_the_system_and_can_be_chosen(qapp: QApplication) -> None:
    theme = Theme(qapp)
    expected = qapp.styleHints().colorScheme() is Qt.ColorScheme.Dark
    assert theme.colors is (DARK if expected else LIGHT)
    theme.use("dark")
    assert theme.colors is DARK
    assert qapp.palette().window().color() == QColor(DARK.window)
    theme.use("light")
    assert theme.colors is LIGHT


def test_the_line_that_is_chosen_in_an_open_list_is_marked(
    qtbot: QtBot, qapp: QApplication
) -> None:
    theme = Theme(qapp, "light")
    box = ChoiceBox(theme, "Language")
    qtbot.addWidget(box)
    box.addItems(["One", "Two"])
    box.setCurrentIndex(1)
    box.show()
    box.showPopup()
    view = box.view()
    image = view.viewport().grab().toImage()
    colors = []
    for row in (0, 1):
        place = view.visualRect(view.model().index(row, 0))
        colors.append(image.pixelColor(place.right() - 8, place.center().y()).name())
    box.hidePopup()
    assert colors == [theme.colors.card, theme.colors.info_card]
