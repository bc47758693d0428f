"""The square of a picture that stands for it in a list: the part that has something in it."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPixmap

SIDE = 64  # pixels a side are enough to find where something is
DIFFERS = 24  # of 255


def telling_square(pixmap: QPixmap) -> QRect:
    """As large as fits, around the middle of what differs from the picture's corner."""
    side = min(pixmap.width(), pixmap.height())
    columns = _columns_in_use(pixmap.toImage())
    middle = (columns[0] + columns[-1] + 1) * pixmap.width() // (2 * SIDE)
    left = min(max(0, middle - side // 2), pixmap.width() - side)
    return QRect(left, 0, side, side)  # the top of a tall one says what it is


def _columns_in_use(image: QImage) -> list[int]:
    """Of SIDE columns those that are not blank; all of them where nothing is to be seen."""
    small = image.scaled(
        SIDE,
        SIDE,
        Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    ).convertToFormat(QImage.Format.Format_Grayscale8)
    rows = bytes(small.constBits())  # 64 pixels a row need no filling
    used = [x for x in range(SIDE) if _differs(rows[x::SIDE], rows[0])]
    return used or list(range(SIDE))


def _differs(column: bytes, blank: int) -> bool:
    return max(abs(pixel - blank) for pixel in column) > DIFFERS
