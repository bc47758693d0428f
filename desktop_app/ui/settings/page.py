"""What all pages have in common: a title, cards, and rows of words and controls."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop_app.theme import pixels
from desktop_app.ui.parts import label

WIDTH = 640  # pixels
LARGE = 150  # per cent
LEFT = Qt.AlignmentFlag.AlignLeft


def text_is_large() -> bool:
    """Whether words and control would not fit beside each other."""
    return pixels(100) >= LARGE


class SettingsCard(QFrame):
    """Rows that belong together, with a line between them."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def add_row(self, title: str, control: QWidget | None = None, note: str = "") -> QWidget:
        """Words on the left, the control on the right; below each other where text is large."""
        row = QWidget()
        large = text_is_large()
        line: QBoxLayout = QVBoxLayout(row) if large else QHBoxLayout(row)
        line.setContentsMargins(16, 12, 16, 12)
        line.setSpacing(8 if large else 16)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(label(title, wrap=True))
        if note:
            texts.addWidget(label(note, "secondary", wrap=True))
        words = QWidget()
        words.setLayout(texts)
        texts.setContentsMargins(0, 0, 0, 0)
        line.addWidget(words, 1)
        texts.insertStretch(0, 1)
        texts.addStretch(1)
        if control is not None:
            line.addWidget(control, 0, LEFT if large else Qt.AlignmentFlag.AlignVCenter)
        self.add(row)
        return row

    def add(self, widget: QWidget) -> None:
        """Something as wide as the card."""
        if self._column.count():
            rule = QFrame()
            rule.setObjectName("rule")
            rule.setFixedHeight(1)
            self._column.addWidget(rule)
        self._column.addWidget(widget)


class SettingsPage(QScrollArea):
    """One page; cards from top to bottom."""

    icon = "settings"

    def __init__(self, title: str, words: str = "") -> None:
        super().__init__()
        self.title = title
        self.setAccessibleName(title)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        inner.setMaximumWidth(pixels(WIDTH))
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(24, 24, 24, 24)
        self._column.setSpacing(8)
        self._column.addWidget(label(title, "title"))
        if words:
            self._column.addWidget(label(words, "quiet", wrap=True))
        self._column.addSpacing(8)
        outer = QWidget()
        row = QHBoxLayout(outer)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(inner, 1, Qt.AlignmentFlag.AlignTop)
        self.setWidget(outer)

    def add_card(self, heading: str = "") -> SettingsCard:
        """A card below the others, under a heading of its own."""
        if heading:
            self._column.addSpacing(8)
            self._column.addWidget(label(heading, "strong"))
        card = SettingsCard()
        self._column.addWidget(card)
        return card

    def add_below(self, part: QWidget | QLayout) -> None:
        """Something between the cards."""
        if isinstance(part, QWidget):
            self._column.addWidget(part)
        else:
            self._column.addLayout(part)
