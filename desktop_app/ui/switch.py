"""A switch with its words, drawn in the theme's colours."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox

from desktop_app.theme import Theme, pixels

WIDTH, HEIGHT, KNOB = 30, 18, 12  # pixels at the usual text size
GAP, EDGE = 8, 2


class Switch(QCheckBox):
    """On is filled with the accent; a checkbox for the keyboard and for screen readers."""

    def __init__(self, theme: Theme, text: str) -> None:
        super().__init__(text)
        self._theme = theme
        self.setAccessibleName(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """The track, and the words beside it."""
        words = self.fontMetrics().horizontalAdvance(self.text())
        gap = GAP if words else 0
        return QSize(pixels(WIDTH) + gap + words + 2 * EDGE, pixels(28))

    def hitButton(self, place: QPoint) -> bool:
        """The words belong to the switch."""
        return self.rect().contains(place)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A track with a knob at one of its ends."""
        colors = self._theme.colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        high, knob = pixels(HEIGHT), pixels(KNOB)
        track = QRectF(EDGE + 0.5, middle - high / 2 + 0.5, pixels(WIDTH) - 1, high - 1)
        on, alive = self.isChecked(), self.isEnabled()
        painter.setPen(QPen(QColor(colors.accent if on and alive else colors.control), 1))
        painter.setBrush(
            QColor((colors.accent if alive else colors.control) if on else colors.card)
        )
        painter.drawRoundedRect(track, track.height() / 2, track.height() / 2)
        inset = (track.height() - knob) / 2
        left = track.right() - knob - inset if on else track.left() + inset
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(
            QColor((colors.on_accent if alive else colors.card) if on else colors.control)
        )
        painter.drawEllipse(QRectF(left, middle - knob / 2, knob, knob))
        self._paint_words(painter)

    def _paint_words(self, painter: QPainter) -> None:
        colors = self._theme.colors
        place = self.rect().adjusted(EDGE + pixels(WIDTH) + GAP, 0, 0, 0)
        painter.setPen(QColor(colors.text if self.isEnabled() else colors.secondary))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.hasFocus():
            painter.setPen(QPen(QColor(colors.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            words = QRect(place.left() - 4, 3, self.width() - place.left() + 3, self.height() - 7)
            around = words if self.text() else self.rect().adjusted(0, 3, -1, -4)
            painter.drawRoundedRect(around, 4, 4)
