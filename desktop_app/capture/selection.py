"""The region that is being chosen on one frame: dragged, moved, resized, all in its own pixels."""

from __future__ import annotations

from enum import Enum

from desktop_app.capture.geometry import Point, Rect, between

LEAST_SIDE = 4  # pixels; what is smaller was a slip of the hand
LEAST_AREA = 100


class Grip(Enum):
    """What a pointer takes hold of: an edge or corner, the whole region, or a new one."""

    NEW = (0, 0)
    MOVE = (2, 2)
    TOP_LEFT = (-1, -1)
    TOP = (0, -1)
    TOP_RIGHT = (1, -1)
    RIGHT = (1, 0)
    BOTTOM_RIGHT = (1, 1)
    BOTTOM = (0, 1)
    BOTTOM_LEFT = (-1, 1)
    LEFT = (-1, 0)

    @property
    def across(self) -> int:
        """Which vertical edge follows the pointer: -1 left, 1 right."""
        return self.value[0]

    @property
    def down(self) -> int:
        """Which horizontal edge follows the pointer: -1 upper, 1 lower."""
        return self.value[1]


EDGES = tuple(grip for grip in Grip if grip not in (Grip.NEW, Grip.MOVE))


class Selection:
    """One region on a frame; every change keeps it inside."""

    def __init__(self, width: int, height: int) -> None:
        self.bounds = Rect(0, 0, width, height)
        self.rect: Rect | None = None
        self._grip: Grip | None = None
        self._from: Point = (0.0, 0.0)
        self._before: Rect | None = None

    @property
    def dragging(self) -> bool:
        """Whether the pointer holds something."""
        return self._grip is not None

    @property
    def usable(self) -> bool:
        """Whether the region is large enough to be meant."""
        rect = self.rect
        return rect is not None and min(rect.size) >= LEAST_SIDE and rect.area >= LEAST_AREA

    def grip_at(self, point: Point, reach: float) -> Grip:
        """What a press at a point would take hold of."""
        rect = self.rect
        if rect is None:
            return Grip.NEW
        near = min(EDGES, key=lambda grip: _distance(point, handle_of(rect, grip)))
        if _distance(point, handle_of(rect, near)) <= reach:
            return near
        return Grip.MOVE if rect.holds(*point) else Grip.NEW

    def press(self, point: Point, reach: float) -> None:
        """Begin to drag a handle, the region or a new one."""
        self._grip = self.grip_at(point, reach)
        self._from = point
        self._before = self.rect
        if self._grip is Grip.NEW:
            self.rect = None

    def drag(self, point: Point) -> None:
        """Follow the pointer."""
        if self._grip is None:
            return
        if self._grip is Grip.NEW or self._before is None:
            rect = between(self._from, point, self.bounds)
            self.rect = rect if rect.area else None
        elif self._grip is Grip.MOVE:
            across, down = (round(point[axis] - self._from[axis]) for axis in (0, 1))
            self.rect = self._before.moved(across, down).kept_in(self.bounds)
        else:
            self.rect = self._stretched(self._before, self._grip, point) or self.rect

    def release(self) -> bool:
        """Let go; whether there is a region that can be used. One too small is forgotten."""
        self._grip = None
        if not self.usable:
            self.rect = None
        return self.usable

    def clear(self) -> None:
        """Begin anew."""
        self.rect = self._grip = self._before = None

    def place(self, rect: Rect) -> None:
        """Take a region that was chosen before, as far as it fits on this frame."""
        inside = rect.common(self.bounds)
        self.rect = inside if inside.area else None

    def nudge(self, across: int, down: int) -> None:
        """Move it by some pixels; the first step makes one in the middle."""
        rect = self.rect or self._middle()
        self.rect = (rect.moved(across, down) if self.rect else rect).kept_in(self.bounds)

    def grow(self, across: int, down: int) -> None:
        """Move its right and lower edge by some pixels."""
        rect = self.rect or self._middle()
        width = max(1, min(rect.width + across, self.bounds.right - rect.x))
        height = max(1, min(rect.height + down, self.bounds.bottom - rect.y))
        self.rect = Rect(rect.x, rect.y, width, height)

    def _middle(self) -> Rect:
        width, height = max(1, self.bounds.width // 3), max(1, self.bounds.height // 4)
        return Rect(
            (self.bounds.width - width) // 2, (self.bounds.height - height) // 2, width, height
        )

    def _stretched(self, before: Rect, grip: Grip, point: Point) -> Rect | None:
        """The edges that the grip holds follow the pointer, even past the edge across."""
        edges = [before.x, before.y, before.right, before.bottom]
        for axis, way in enumerate((grip.across, grip.down)):
            if way:
                moved = round(point[axis] - self._from[axis])
                edges[axis if way < 0 else axis + 2] += moved
        rect = between((edges[0], edges[1]), (edges[2], edges[3]), self.bounds)
        return rect if rect.area else None


def handle_of(rect: Rect, grip: Grip) -> Point:
    """Where the handle of an edge or corner lies."""
    return (
        rect.x + rect.width * (1 + grip.across) / 2,
        rect.y + rect.height * (1 + grip.down) / 2,
    )


def _distance(one: Point, other: Point) -> float:
    """How far apart two points are along the longer axis: handles are squares."""
    return max(abs(one[0] - other[0]), abs(one[1] - other[1]))
