"""Real windows of Qt, drawn without a screen: what programs' dialogs look like."""

from __future__ import annotations

import os
from functools import lru_cache

from PIL import Image
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QFont, QFontDatabase, QImage, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QStyle,
    QStyleFactory,
    QStyleOptionButton,
    QStyleOptionComboBox,
    QVBoxLayout,
    QWidget,
)

from forms import label
from scenes import Fact, Frame, Glyph, Painter, Scene

STYLES = ("Fusion", "Windows")
LATIN = (
    *("DejaVu Sans", "Liberation Sans", "Open Sans", "Roboto", "Inter", "Cantarell", "Noto Sans"),
    *("DejaVu Sans Mono", "Hack"),
)
UNSEEN, UNSEEN_CHINESE = ("Lato", "Carlito"), ("WenQuanYi Zen Hei", "AR PL UKai CN")
CHINESE = ("Noto Sans CJK SC", "WenQuanYi Micro Hei", "Noto Serif CJK SC")
ROWS_AT_MOST = 8


@lru_cache(maxsize=1)
def application() -> QApplication:
    """Start Qt without a screen, once in a process."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    running = QApplication.instance()
    return running if isinstance(running, QApplication) else QApplication([])


@lru_cache(maxsize=4)
def families(chinese: bool, unseen: bool) -> list[str]:
    """Return those of the fonts that Qt finds, or its own choice."""
    found = set(QFontDatabase.families())
    seen = CHINESE if chinese else LATIN
    wanted = (UNSEEN_CHINESE if chinese else UNSEEN) if unseen else seen
    return [name for name in wanted if name in found] or [""]


def dialog(painter: Painter, frame: Frame, style: str | None = None, unseen: bool = False) -> Scene:
    """Draw a dialog of labels, fields, boxes to tick and buttons; `unseen` in the kept fonts."""
    application()
    builder = DialogBuilder(painter, frame, style or painter.random.choice(STYLES), unseen)
    return builder.scene()


class DialogBuilder:
    """Fills one window with rows as long as they fit, and reads off where all letters stand."""

    def __init__(self, painter: Painter, frame: Frame, style: str, unseen: bool) -> None:
        """Begin with an empty window in random colours."""
        self.painter, self.random, self.frame = painter, painter.random, frame
        self.window = QWidget()
        self.style = QStyleFactory.create(style)
        self.window.setPalette(self.palette())
        font = QFont(self.random.choice(families(painter.chinese, unseen)))
        font.setPixelSize(frame.font_size)
        self.window.setFont(font)
        self.window.setAutoFillBackground(True)
        self.column = QVBoxLayout(self.window)
        margin = round(self.random.uniform(0.3, 1.0) * frame.font_size)
        self.column.setContentsMargins(margin, margin, margin, margin)
        self.column.setSpacing(round(self.random.uniform(0.2, 0.6) * frame.font_size))
        self.rows: list[list[tuple[QWidget, str]]] = []  # widgets with what they say
        self.pairs: list[tuple[QWidget, str]] = []  # fields with their labels
        self.buttons: list[QWidget] = []
        self.title: str | None = None

    def palette(self) -> QPalette:
        """Return colours for a light or a dark window."""
        ground, ink = (QColor(*colour) for colour in self.painter.theme())
        dark = ground.lightness() < ink.lightness()
        palette = QPalette(ground.lighter(130) if dark else ground, ground)
        field = ground.darker(130) if dark else ground.lighter(106)
        for role, colour in (
            (QPalette.ColorRole.WindowText, ink),
            (QPalette.ColorRole.Text, ink),
            (QPalette.ColorRole.ButtonText, ink),
            (QPalette.ColorRole.Base, field),
        ):
            palette.setColor(role, colour)
        return palette

    def scene(self) -> Scene:
        """Fill the window, draw it and note all that it says."""
        if self.random.random() < 0.4:
            self.heading()
        wanted = self.random.randint(1, ROWS_AT_MOST)
        room = self.frame.height - round(2.2 * self.frame.font_size)
        while len(self.rows) < wanted and self.column.minimumSize().height() < room - 20:
            self.random.choice((self.field, self.field, self.tick, self.text))()
        if self.random.random() < 0.6 or not self.rows:
            self.button_row()
        self.column.addStretch(1)
        self.window.setFixedSize(self.frame.width, self.frame.height)
        for widget in self.window.findChildren(QWidget):
            widget.setStyle(self.style)
        self.window.ensurePolished()
        self.column.activate()
        scene = Scene(self.picture(), chinese=self.painter.chinese, title=self.title)
        self.tell(scene)
        return scene

    def picture(self) -> Image.Image:
        """Return what the window looks like."""
        image = self.window.grab().toImage().convertToFormat(QImage.Format.Format_RGBX8888)
        size = (image.width(), image.height())
        return Image.frombytes("RGBX", size, bytes(image.constBits())).convert("RGB")

    def said(self, most: float) -> str:
        """Return a text of up to a share of the window's width."""
        size = self.frame.font_size
        room = max(2, int(self.random.uniform(0.2, 1.0) * most * self.frame.width / (0.62 * size)))
        return self.painter.texts.phrase(min(room, 60))

    def add(self, *widgets: tuple[QWidget, str], spread: bool = False) -> QHBoxLayout:
        """Put widgets into a row of their own, and return it."""
        line = QHBoxLayout()
        if spread and self.random.random() < 0.6:
            line.addStretch(1)
        for widget, _ in widgets:
            line.addWidget(widget)
        if spread:
            line.addStretch(1 if self.random.random() < 0.5 else 0)
        self.column.addLayout(line)
        self.rows.append(list(widgets))
        return line

    def heading(self) -> None:
        """Add a bold line, which is the window's title."""
        self.title = self.said(0.6)
        heading = QLabel(self.title.replace("&", "&&"))
        font = QFont(self.window.font())
        font.setBold(True)
        heading.setFont(font)
        self.add((heading, self.title))

    def text(self) -> None:
        """Add a line of text."""
        text = self.said(0.85)
        self.add((plain_label(text), text))

    def field(self) -> None:
        """Add a label with a field to write in or to choose from."""
        name, value = label(self.painter), self.said(0.45)
        field: QWidget
        if self.random.random() < 0.7:
            field = QLineEdit(value)
        else:
            field = QComboBox()
            field.addItem(value)
        name += self.random.choice((":", ":", ""))
        self.pairs.append((field, name.rstrip(":")))
        line = self.add((plain_label(name), name), (field, value))
        line.setStretch(1, 1)

    def tick(self) -> None:
        """Add a box to tick or a choice."""
        text = self.said(0.7)
        box = self.random.choice((QCheckBox, QRadioButton))(text.replace("&", "&&"))
        box.setChecked(self.random.random() < 0.5)
        self.add((box, text))

    def button_row(self) -> None:
        """Add as many buttons as the painter wants, where they fit."""
        buttons: list[tuple[QWidget, str]] = []
        width = 0
        for _ in range(self.random.randint(*self.painter.button_counts)):
            text = self.painter.texts.interface()
            button = QPushButton(text)
            width += self.window.fontMetrics().horizontalAdvance(text) + 3 * self.frame.font_size
            if buttons and width > self.frame.width:
                break
            buttons.append((button, text))
        self.buttons = [button for button, _ in buttons]
        self.add(*buttons, spread=True)

    def tell(self, scene: Scene) -> None:
        """Note lines, letters, values and buttons in the order in which they are read."""
        labels = dict(self.pairs)
        for row in self.rows:
            for widget, text in row:
                start = len(scene.glyphs)
                shown = self.letters(scene, widget, text)
                if widget in labels:
                    scene.facts.append(Fact(labels[widget], shown, start))
                if widget in self.buttons:
                    scene.buttons.append((shown, start))
            scene.lines.append(" ".join(text for _, text in row))

    def letters(self, scene: Scene, widget: QWidget, text: str) -> str:
        """Note where a widget's letters stand; return the text."""
        metrics = widget.fontMetrics()
        left = text_left(widget, metrics.horizontalAdvance(text))
        origin = widget.mapTo(self.window, QPoint(0, 0))
        middle = origin.y() + widget.height() / 2
        before = 0
        for place, character in enumerate(text):
            after = metrics.horizontalAdvance(text[: place + 1])
            scene.glyphs.append(Glyph(character, origin.x() + left + (before + after) / 2, middle))
            before = after
        return text


def plain_label(text: str) -> QLabel:
    """Return a label in which an ampersand is one."""
    return QLabel(text.replace("&", "&&"))


def text_left(widget: QWidget, wide: int) -> float:
    """Return where a widget's text begins, in its own pixels."""
    style = widget.style()
    if isinstance(widget, QPushButton):
        return (widget.width() - wide) / 2
    if isinstance(widget, QComboBox):
        box = QStyleOptionComboBox()
        box.initFrom(widget)
        part = QStyle.SubControl.SC_ComboBoxEditField
        return style.subControlRect(QStyle.ComplexControl.CC_ComboBox, box, part, widget).left() + 3
    if isinstance(widget, QLineEdit):
        return style.pixelMetric(QStyle.PixelMetric.PM_DefaultFrameWidth) + 4
    if isinstance(widget, QCheckBox | QRadioButton):
        option = QStyleOptionButton()
        option.initFrom(widget)
        ticks = isinstance(widget, QCheckBox)
        element = (
            QStyle.SubElement.SE_CheckBoxContents
            if ticks
            else QStyle.SubElement.SE_RadioButtonContents
        )
        return style.subElementRect(element, option, widget).left()
    return 0.0
