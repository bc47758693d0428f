"""How the overlay is drawn: what is chosen stays bright, with its size, handles and a magnifier."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
)

from desktop_app.capture.geometry import Point

DIM = QColor(8, 10, 16, 120)  # the frozen picture stays readable below it
PLATE = QColor(20, 22, 28, 225)
WORDS = QColor("#ffffff")
EDGE = QColor(255, 255, 255, 235)
SEEN = 17  # pixels of the picture that the magnifier shows, each way
ENLARGED = 8
LENS = SEEN * ENLARGED
GAP = 24  # between the pointer and the magnifier
HANDLE = 9


def backdrops(image: QImage, size: QSize, scale: float) -> tuple[QPixmap, QPixmap]:
    """The frame as it is and darkened, in the pixels of the window, so that drawing is copying."""
    pixels = QSize(round(size.width() * scale), round(size.height() * scale))
    if image.size() != pixels:
        smooth = Qt.TransformationMode.SmoothTransformation
        image = image.scaled(pixels, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
    bright = QPixmap.fromImage(image)
    dark = bright.copy()
    painter = QPainter(dark)
    painter.fillRect(dark.rect(), DIM)
    painter.end()
    for pixmap in (bright, dark):
        pixmap.setDevicePixelRatio(scale)
    return bright, dark


def background(painter: QPainter, bright: QPixmap, dark: QPixmap, chosen: QRectF | None) -> None:
    """All is dark but what is chosen."""
    painter.drawPixmap(0, 0, dark)
    if chosen is not None:
        painter.save()
        painter.setClipRect(chosen)
        painter.drawPixmap(0, 0, bright)
        painter.restore()


def frame(painter: QPainter, chosen: QRectF, accent: QColor) -> None:
    """The edge of the region, visible on light and on dark."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(0, 0, 0, 110), 3))
    painter.drawRect(chosen)
    painter.setPen(QPen(accent, 1.5))
    painter.drawRect(chosen)


def handles(painter: QPainter, places: list[QPointF], accent: QColor) -> None:
    """What can be dragged."""
    painter.setPen(QPen(accent, 1.5))
    painter.setBrush(WORDS)
    for place in places:
        painter.drawEllipse(place, HANDLE / 2, HANDLE / 2)


def plate(painter: QPainter, place: QPointF, words: str, room: QRectF) -> QRectF:
    """A few words on a dark plate with its upper left corner at a place, kept in the room."""
    size = QFontMetricsF(painter.font()).size(0, words)
    box = QRectF(place.x(), place.y(), size.width() + 16, size.height() + 8)
    box.moveLeft(min(max(box.x(), room.x() + 4), room.right() - box.width() - 4))
    box.moveTop(min(max(box.y(), room.y() + 4), room.bottom() - box.height() - 4))
    painter.setPen(QPen(QColor(255, 255, 255, 60), 1))
    painter.setBrush(PLATE)
    painter.drawRoundedRect(box, 6, 6)
    painter.setPen(WORDS)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
    return box


def lens_place(pointer: QPointF, room: QRectF) -> QRectF:
    """Below and right of the pointer, or on its other side near an edge."""
    height = LENS + 28
    x = pointer.x() + GAP
    if x + LENS > room.right():
        x = pointer.x() - GAP - LENS
    y = pointer.y() + GAP
    if y + height > room.bottom():
        y = pointer.y() - GAP - height
    return QRectF(x, y, LENS, LENS)


def lens(painter: QPainter, box: QRectF, image: QImage, at: Point, accent: QColor) -> None:
    """The pixels around a point, enlarged, with a grid and the pixel itself marked."""
    x, y = math.floor(at[0]), math.floor(at[1])
    painter.save()
    path = QPainterPath()
    path.addRoundedRect(box, 8, 8)
    painter.setClipPath(path)
    painter.fillRect(box, QColor("#000000"))
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    half = SEEN // 2
    painter.drawImage(box, image.copy(QRect(x - half, y - half, SEEN, SEEN)))
    _grid(painter, box)
    middle = QRectF(box.x() + half * ENLARGED, box.y() + half * ENLARGED, ENLARGED, ENLARGED)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(accent, 2))
    painter.drawRect(middle)
    painter.restore()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(EDGE, 1.5))
    painter.drawRoundedRect(box, 8, 8)


def _grid(painter: QPainter, box: QRectF) -> None:
    painter.setPen(QPen(QColor(127, 127, 127, 70), 1))
    for step in range(1, SEEN):
        x, y = box.x() + step * ENLARGED, box.y() + step * ENLARGED
        painter.drawLine(QPointF(x, box.y()), QPointF(x, box.bottom()))
        painter.drawLine(QPointF(box.x(), y), QPointF(box.right(), y))


def small(font: QFont, pixels: int) -> QFont:
    """The font in another size, with figures that do not jump."""
    made = QFont(font)
    made.setPixelSize(pixels)
    return made
