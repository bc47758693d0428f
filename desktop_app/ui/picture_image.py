"""A picture drawn to fit, with round corners."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap

from desktop_app.i18n import tr
from desktop_app.theme import Theme
from desktop_app.ui.parts import ToolButton


class PictureImage(ToolButton):
    """Shows a picture as large as it fits; pressing it looks closer."""

    def __init__(self, theme: Theme, radius: int = 8) -> None:
        super().__init__()
        self._theme = theme
        self._radius = radius
        self._image = QImage()
        self._scaled = QPixmap()
        self.setAccessibleName(tr("Look closer"))
        self.setToolTip(tr("Look closer"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_image(self, image: QImage) -> None:
        """Show another picture."""
        self._image = image
        self._scaled = QPixmap()
        self.update()

    def drawn_rect(self) -> QRectF:
        """Where the picture stands in the widget: in the middle, never enlarged."""
        size = QSize(self._image.size())
        room = self.size() * self.devicePixelRatioF()
        if size.width() > room.width() or size.height() > room.height():
            size.scale(room, Qt.AspectRatioMode.KeepAspectRatio)
        width = max(1.0, size.width() / self.devicePixelRatioF())
        height = max(1.0, size.height() / self.devicePixelRatioF())
        left, top = (self.width() - width) / 2, (self.height() - height) / 2
        return QRectF(left, top, width, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw from a copy that is scaled once for each size."""
        if self._image.isNull():
            return
        place = self.drawn_rect()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path = QPainterPath()
        path.addRoundedRect(place, self._radius, self._radius)
        painter.setClipPath(path)
        painter.drawPixmap(place.topLeft(), self._pixmap(place))
        painter.setClipping(False)
        colors = self._theme.colors
        painter.setPen(_pen(colors.accent, 2) if self.hasFocus() else _pen(colors.line, 1))
        painter.drawPath(path)

    def _pixmap(self, place: QRectF) -> QPixmap:
        ratio = self.devicePixelRatioF()
        size = QSize(round(place.width() * ratio), round(place.height() * ratio))
        if self._scaled.size() != size:
            scaled = self._image.scaled(
                size,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            self._scaled = QPixmap.fromImage(scaled)
            self._scaled.setDevicePixelRatio(ratio)
        return self._scaled


def _pen(color: str, width: int) -> QPen:
    return QPen(QColor(color), width)
