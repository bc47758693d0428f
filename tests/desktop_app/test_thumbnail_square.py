"""Which part of a picture stands for it in a list."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPainter, QPixmap
from pytestqt.qtbot import QtBot

from desktop_app.ui.thumbnail_square import telling_square


@pytest.mark.parametrize(
    ("size", "drawn", "expected"),
    [
        ((160, 60), QRect(4, 10, 30, 20), QRect(0, 0, 60, 60)),  # words at the left
        ((160, 60), QRect(120, 10, 30, 20), QRect(100, 0, 60, 60)),
        ((160, 60), QRect(50, 10, 20, 20), QRect(30, 0, 60, 60)),
        ((160, 60), QRect(0, 0, 160, 60), QRect(50, 0, 60, 60)),  # nothing but one colour
        ((60, 160), QRect(4, 100, 30, 20), QRect(0, 0, 60, 60)),
    ],
)
def test_the_square_is_where_something_is(
    qtbot: QtBot, size: tuple[int, int], drawn: QRect, expected: QRect
) -> None:
    pixmap = QPixmap(*size)
    pixmap.fill(QColor("white"))
    painter = QPainter(pixmap)
    painter.fillRect(drawn, QColor("black"))
    painter.end()
    found = telling_square(pixmap)
    assert found.size() == expected.size()
    assert abs(found.x() - expected.x()) <= 2
    assert found.y() == 0
