"""Where monitors and regions lie, in whole pixels. Pure: no Qt, no screen, only numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Size = tuple[int, int]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle of whole pixels; ``right`` and ``bottom`` lie just outside of it."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first column that no longer belongs to it."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The first row that no longer belongs to it."""
        return self.y + self.height

    @property
    def size(self) -> Size:
        """Width and height."""
        return self.width, self.height

    @property
    def area(self) -> int:
        """The number of its pixels."""
        return self.width * self.height

    def moved(self, across: int, down: int) -> Rect:
        """The same size elsewhere."""
        return Rect(self.x + across, self.y + down, self.width, self.height)

    def common(self, other: Rect) -> Rect:
        """What both cover; without area where they do not meet."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return Rect(x, y, max(0, right - x), max(0, bottom - y))

    def kept_in(self, bounds: Rect) -> Rect:
        """Pushed inside of some bounds, and made smaller where it is larger than they are."""
        width, height = min(self.width, bounds.width), min(self.height, bounds.height)
        x = min(max(self.x, bounds.x), bounds.right - width)
        y = min(max(self.y, bounds.y), bounds.bottom - height)
        return Rect(x, y, width, height)

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies in it."""
        return self.x <= x < self.right and self.y <= y < self.bottom


@dataclass(frozen=True, slots=True)
class Screen:
    """A monitor as Qt tells of it: its place and size in device-independent pixels, its scale.

    On X11 and Windows the origin is one of native pixels all the same, and only the size is
    divided by the scale; on macOS and Wayland both are in the units of the desktop.
    """

    name: str
    x: int
    y: int
    width: int
    height: int
    scale: float = 1.0

    @property
    def shown(self) -> Rect:
        """Where it lies, as Qt counts."""
        return Rect(self.x, self.y, self.width, self.height)

    @property
    def native(self) -> Rect:
        """Where it lies in native pixels, on X11 and Windows."""
        return Rect(self.x, self.y, round(self.width * self.scale), round(self.height * self.scale))


def union(rects: Iterable[Rect]) -> Rect:
    """The smallest rectangle around some others."""
    rects = list(rects)
    x, y = min(rect.x for rect in rects), min(rect.y for rect in rects)
    right, bottom = max(rect.right for rect in rects), max(rect.bottom for rect in rects)
    return Rect(x, y, right - x, bottom - y)


def between(one: Point, other: Point, bounds: Rect) -> Rect:
    """All pixels that a drag from one point to another touches, whichever way it went."""
    left, right = sorted((one[0], other[0]))
    top, bottom = sorted((one[1], other[1]))
    x, y = math.floor(left), math.floor(top)
    touched = Rect(x, y, math.ceil(right) - x, math.ceil(bottom) - y)
    return touched.common(bounds)


def to_picture(point: Point, shown: Size, picture: Size) -> Point:
    """A point of a window in the pixels of the picture that fills it.

    Each axis has its own scale, and both are measured: what a system reports may be rounded.
    """
    return (
        point[0] * picture[0] / max(1, shown[0]),
        point[1] * picture[1] / max(1, shown[1]),
    )


def part_of_desktop(screen: Screen, screens: Sequence[Screen], picture: Size) -> Rect:
    """Where one monitor lies in a picture of the whole desktop."""
    native = union(each.native for each in screens)
    if native.size == picture:
        return screen.native.moved(-native.x, -native.y)
    whole = union(each.shown for each in screens)
    across, down = picture[0] / whole.width, picture[1] / whole.height
    # Edges are rounded, not widened: neighbours share them.
    x, y = round((screen.x - whole.x) * across), round((screen.y - whole.y) * down)
    right = round((screen.shown.right - whole.x) * across)
    bottom = round((screen.shown.bottom - whole.y) * down)
    return Rect(x, y, right - x, bottom - y).common(Rect(0, 0, *picture))


def monitor_of(place: Rect, monitors: Iterable[Rect]) -> Rect:
    """The monitor that covers most of a place, as the system measures it; else the place itself.

    Qt rounds the size of a monitor whose scale is a fraction, so that a pixel can be missing.
    """
    best = max(monitors, key=lambda monitor: _likeness(place, monitor), default=place)
    return best if _likeness(place, best) > 0.9 else place


def _likeness(one: Rect, other: Rect) -> float:
    common = one.common(other).area
    return common / max(1, one.area + other.area - common)


def beside(region: Rect, size: Size, bounds: Rect, gap: int = 8) -> Rect:
    """A place for a window next to a region: below, above, right or left of it.

    Where none has room, the place that covers least of it.
    """
    width, height = size
    tries = (
        Rect(region.x, region.bottom + gap, width, height),
        Rect(region.x, region.y - gap - height, width, height),
        Rect(region.right + gap, region.y, width, height),
        Rect(region.x - gap - width, region.y, width, height),
    )
    return min(
        (attempt.kept_in(bounds) for attempt in tries), key=lambda kept: kept.common(region).area
    )
