"""A window whose camera sees what the test paints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

import pytest
from PySide6.QtGui import QColor, QImage

from desktop_app.app import Desktop
from desktop_app.capture.frames import Frame
from desktop_app.capture.geometry import Screen
from engine.messages import AnswerEvent, Phase, Picture, Progress
from tests.fakes import Gate, Step, says


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


class FakeReader:
    """A quick reader that says what it is told to, and waits where there is a gate."""

    def __init__(self) -> None:
        self.answers: list[Sequence[Step]] = []
        self.pictures: list[Picture] = []
        self.prepared = 0

    def make(self) -> FakeReader:
        return self

    def load(self) -> Iterator[Progress]:
        self.prepared += 1
        yield Progress(Phase.LOADING, 0, 2)

    def read(self, picture: Picture) -> Iterator[AnswerEvent]:
        self.pictures.append(picture)
        for step in self.answers.pop(0) if self.answers else says("Read quickly."):
            if isinstance(step, Gate):
                step.wait()
            elif isinstance(step, BaseException):
                raise step
            else:
                yield cast(AnswerEvent, step)

    def close(self) -> None:
        """Nothing is held."""


@pytest.fixture
def quick(desktop: Desktop) -> FakeReader:
    """In the place of the quick reader."""
    reader = FakeReader()
    desktop.capture.results.reading.make_quick = reader.make
    return reader


@pytest.fixture
def painted(desktop: Desktop) -> PaintedScreens:
    screens = PaintedScreens()
    desktop.capture.camera.grab = screens
    return screens
