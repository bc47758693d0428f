"""What a person chose on the overlay: a region of a frame, and what is to become of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from PySide6.QtGui import QImage

from desktop_app.capture.frames import Frame
from desktop_app.capture.geometry import Rect


class Action(str, Enum):
    """What is done with a region."""

    READ = "read"
    ASK = "ask"
    TABLE = "table"
    COPY = "copy"


@dataclass(frozen=True, slots=True)
class Choice:
    """One region, in the pixels of its frame."""

    frame: Frame
    region: Rect
    action: Action

    @property
    def image(self) -> QImage:
        """Its pixels."""
        return self.frame.cut(self.region)


@dataclass(frozen=True, slots=True)
class LastRegion:
    """Where the last region was, so that it can be taken again."""

    screen: str
    region: Rect

    @classmethod
    def of(cls, choice: Choice) -> LastRegion:
        """Remember a choice."""
        return cls(choice.frame.screen.name, choice.region)

    @classmethod
    def read(cls, text: str) -> LastRegion | None:
        """From a setting; None where there is none, or no sense in it."""
        numbers, _, screen = text.partition(" ")
        try:
            x, y, width, height = map(int, numbers.split(","))
        except ValueError:
            return None
        return cls(screen, Rect(x, y, width, height)) if width > 0 and height > 0 else None

    def write(self) -> str:
        """For a setting."""
        region = self.region
        return f"{region.x},{region.y},{region.width},{region.height} {self.screen}"
