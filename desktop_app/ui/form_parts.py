"""A box to tick and a list to choose from, drawn in the colours of the theme."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QComboBox, QListView, QStyle, QStyleOptionButton

from desktop_app.theme import Theme

MARK = 16  # pixels of an icon


class CheckBox(QCheckBox):
    """Fusion's own box has an edge that can hardly be seen; this one has the theme's."""

    def __init__(self, theme: Theme, text: str) -> None:
        super().__init__(text)
        self._theme = theme
        self.setAccessibleName(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The text as usual, and our box over the usual one."""
        super().paintEvent(event)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        part = QStyle.SubElement.SE_CheckBoxIndicator
        place = self.style().subElementRect(part, option, self)
        box = QRectF(place).adjusted(1.5, 1.5, -1.5, -1.5)
        colors, ticked = self._theme.colors, self.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(place, QColor(colors.card))
        edge = colors.accent if ticked or self.hasFocus() else colors.control
        painter.setPen(QPen(QColor(edge), 2 if self.hasFocus() else 1))
        painter.setBrush(QColor(colors.accent if ticked else colors.card))
        painter.drawRoundedRect(box, 4, 4)
        if ticked:
            mark = self._theme.pixmap("check", "on_accent", MARK, self.devicePixelRatioF())
            painter.drawPixmap(box.center() - QPointF(MARK / 2, MARK / 2), mark)
        painter.end()


class ChoiceBox(QComboBox):
    """A list of which one thing is chosen, with the theme's own arrow."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self.setAccessibleName(name)
        self.setView(QListView())  # that of a box alone is drawn without the style sheet
        self.view().setAccessibleName(name)
        self.setIconSize(QSize(MARK, MARK))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The box as the style sheet says, and the arrow."""
        super().paintEvent(event)
        painter = QPainter(self)
        top = (self.height() - MARK) // 2
        scale = self.devicePixelRatioF()
        arrow = self._theme.pixmap("chevron-down", "secondary", MARK, scale)
        painter.drawPixmap(self.width() - MARK - 10, top, arrow)
        painter.end()
