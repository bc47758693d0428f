"""Real Qt windows and pages, drawn with text that is known, in the order in which it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.messages import Picture
from quick_texts import Told

FAMILIES = {
    "en": ("DejaVu Sans", "Liberation Sans", "Noto Serif", "Inter", "Roboto"),
    "zh": ("Noto Sans CJK SC", "Noto Serif CJK SC"),
}


@dataclass(frozen=True, slots=True)
class Page:
    """A picture, and what a person would type after it, line by line."""

    name: str
    picture: Picture
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is drawn."""

    family: str
    pixels: int
    dark: bool = False

    @property
    def font(self) -> QFont:
        """The page's font."""
        font = QFont(self.family)
        font.setPixelSize(self.pixels)
        return font


def article(told: Told, look: Look, columns: int = 1) -> tuple[QImage, list[str]]:
    """Paragraphs in one column or more, below a title across them all."""
    width, metrics = 840, QFontMetricsF(look.font)
    image = QImage(width, 30 + round(14 * 1.6 * look.pixels), QImage.Format.Format_RGB32)
    image.fill(QColor("#1e1e1e" if look.dark else "white"))
    painter = QPainter(image)
    painter.setFont(look.font)
    painter.setPen(QColor("#e4e4e4" if look.dark else "#111111"))
    title = told.words(4, 5)
    painter.drawText(20, 10 + look.pixels, title)
    lines, gutter = [title], 2 * look.pixels
    room = (width - 40 - (columns - 1) * gutter) / columns
    for column in range(columns):
        wrapped = _wrapped(told, metrics, room)[:11]
        for row, line in enumerate(wrapped):
            left = round(20 + column * (room + gutter))
            painter.drawText(left, 10 + round(look.pixels * (1.6 * (row + 2.2))), line)
        lines += wrapped
    painter.end()
    return image, lines


def _wrapped(told: Told, metrics: QFontMetricsF, room: float) -> list[str]:
    """A dozen sentences, broken where the column ends."""
    text = ("" if told.chinese else " ").join(told.sentence() for _ in range(12))
    lines, line = [], ""
    for part in list(text) if told.chinese else [word + " " for word in text.split()]:
        if metrics.horizontalAdvance((line + part).rstrip()) > room and part not in "，。":
            lines.append(line.rstrip())
            line = ""
        line += part
    return [*lines, line.rstrip()]


def form(told: Told, look: Look) -> tuple[QImage, list[str]]:
    """Labels and fields, switches, and two buttons."""
    window = QWidget()
    layout, lines = QFormLayout(window), list[str]()
    for _ in range(6):
        name, value = told.words(1, 2) + ("：" if told.chinese else ":"), told.words(1, 3)
        layout.addRow(name, QLineEdit(value))
        lines.append(f"{name} {value}")
    for _ in range(3):
        lines.append(told.words(2, 4))
        layout.addRow(QCheckBox(lines[-1]))
    buttons = [told.words(1, 1), told.words(1, 1)]
    row = QHBoxLayout()
    for text in buttons:
        row.addWidget(QPushButton(text))
    layout.addRow(row)
    window.setMinimumWidth(30 * look.pixels)
    return _photographed(window, look), [*lines, " ".join(buttons)]


def table(told: Told, look: Look) -> tuple[QImage, list[str]]:
    """Five rows of four cells under their headings."""
    widget = QTableWidget(5, 4)
    heads = [told.words(1, 1) for _ in range(4)]
    widget.setHorizontalHeaderLabels(heads)
    widget.verticalHeader().hide()
    lines = [" ".join(heads)]
    for row in range(5):
        cells = [told.cell() for _ in range(4)]
        for column, text in enumerate(cells):
            widget.setItem(row, column, QTableWidgetItem(text))
        lines.append(" ".join(cells))
    widget.setFont(look.font)
    widget.horizontalHeader().setFont(look.font)
    widget.resizeColumnsToContents()
    widget.setMinimumSize(46 * look.pixels, 17 * look.pixels)
    return _photographed(widget, look), lines


def sidebar(told: Told, look: Look) -> tuple[QImage, list[str]]:
    """A list at the left of a window, and text of another pitch beside it."""
    window, names = QWidget(), [told.words(1, 2) for _ in range(5)]
    layout, box, shown = QHBoxLayout(window), QVBoxLayout(), QListWidget()
    shown.addItems(names)
    shown.setSpacing(4)
    shown.setFixedWidth(14 * look.pixels)
    shown.setFont(look.font)
    layout.addWidget(shown)
    texts = [told.words(5, 6) for _ in range(8)]
    for text in texts:
        box.addWidget(QLabel(text))
    box.addStretch()
    layout.addLayout(box, 1)
    return _photographed(window, look), [*names, *texts]


def _photographed(window: QWidget, look: Look) -> QImage:
    palette = QPalette(QColor("#303030" if look.dark else "#efefef"))
    window.setPalette(palette)
    for widget in (window, *window.findChildren(QWidget)):
        widget.setFont(look.font)
        widget.setPalette(palette)
    # never shown: it has no focus, so no cursor blinks in a field
    window.resize(window.sizeHint().expandedTo(window.minimumSize()))
    image = window.grab().toImage()
    window.deleteLater()
    return image


Drawn = Callable[[Told, Look], tuple[QImage, list[str]]]
KINDS: dict[str, Drawn] = {
    "one column": article,
    "two columns": lambda told, look: article(told, look, 2),
    "form": form,
    "table": table,
    "sidebar": sidebar,
}


def draw(kind: str, language: str, seed: int) -> Page:
    """One page; its look follows from the seed."""
    families = FAMILIES[language]
    look = Look(families[seed % len(families)], (13, 16, 12, 20)[seed % 4], dark=seed % 3 == 2)
    image, lines = KINDS[kind](Told(language, seed), look)
    name = f"{kind} {language} {seed}: {look.family} {look.pixels}{' dark' * look.dark}"
    return Page(name, Picture.from_bytes(as_png(image), f"{name}.png"), tuple(lines))


def as_png(image: QImage) -> bytes:
    """A picture's file."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())
