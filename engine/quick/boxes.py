"""Where a piece of text lies in a picture."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle in pixels; ``number`` says which of the finder's pieces it is."""

    left: float
    top: float
    right: float
    bottom: float
    number: int = 0

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """Half way down."""
        return (self.top + self.bottom) / 2

    @property
    def upended(self) -> bool:
        """Whether it is so tall that its text must run downwards."""
        return self.height > 2.5 * self.width

    def beside(self, other: Box) -> float:
        """How much of the lower one's height both share, from 0 to 1."""
        shared = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, shared) / max(1e-6, min(self.height, other.height))


Line = tuple[Box, ...]  # from left to right
Block = tuple[Line, ...]  # from top to bottom


def usual_height(boxes: list[Box] | tuple[Box, ...]) -> float:
    """The height of a typical line, so that distances can be told in lines."""
    return median(box.height for box in boxes)
