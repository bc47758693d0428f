"""A window whose camera sees what the test paints."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from PySide6.QtGui import QColor, QImage

from desktop_app.app import Desktop
from desktop_app.capture.frames import Frame
from desktop_app.capture.geometry import Screen


class PaintedScreens:
    """Grabs that come from memory: each monitor at twice its size, one pixel of it red."""

    def __init__(self) -> None:
        self.scale = 2
        self.red = (300, 200)
        self.calls = 0
        self.error: Exception | None = None

    def __call__(self, screens: Sequence[Screen]) -> tuple[Frame, ...]:
        self.calls += 1
        if self.error is not None:
            raise self.error
        return tuple(Frame(screen, self.image(screen)) for screen in screens)

    def image(self, screen: Screen) -> QImage:
        size = (screen.width * self.scale, screen.height * self.scale)
        image = QImage(*size, QImage.Format.Format_RGB32)
        image.fill(QColor("#e8e8e8"))
        image.setPixelColor(*self.red, QColor("red"))
        return image


@pytest.fixture
def painted(desktop: Desktop) -> PaintedScreens:
    screens = PaintedScreens()
    desktop.capture.camera.grab = screens
    return screens
