"""One large quiet zone that says what will happen with what is dragged over the window."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.i18n import tr
from desktop_app.theme import Theme
from desktop_app.ui.parts import IconLabel, label


class DropZone(QWidget):
    """Covers its parent while something is dragged over it."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.words = label(kind="title")
        self.words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        icon = IconLabel(theme, "photo-drop", "accent", 48)
        column = QVBoxLayout(self)
        column.setSpacing(16)
        column.addStretch(1)
        column.addWidget(icon, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.words)
        column.addStretch(1)
        self.hide()

    def offer(self, begins_anew: bool, count: int = 1) -> None:
        """Say what dropping so many files, or one picture, will do."""
        if count > 1:
            self.words.setText(tr("Drop to open these {count} files").format(count=count))
        elif begins_anew:
            self.words.setText(tr("Drop to ask about this picture in a new conversation"))
        else:
            self.words.setText(tr("Drop to look at this picture"))
        self.words.setWordWrap(True)
        self.setGeometry(self._window.rect())
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A veil and a dashed edge."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QColor(self._theme.colors.window)
        veil.setAlphaF(0.94)
        painter.fillRect(self.rect(), veil)
        pen = QPen(QColor(self._theme.colors.accent), 2, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(16, 16, -16, -16), 12, 12)
