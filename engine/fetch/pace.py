"""How fast bytes arrive."""

from __future__ import annotations

from collections import deque

WINDOW_SECONDS = 10.0


class Pace:
    """A mean over the last seconds, so that it follows the line but does not flicker."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque()
        self._sum = 0

    def add(self, now: float, count: int) -> None:
        """So many bytes have arrived."""
        self._sum += count
        self._marks.append((now, self._sum))
        while now - self._marks[0][0] > WINDOW_SECONDS and len(self._marks) > 1:
            self._marks.popleft()

    def speed(self, now: float) -> float:
        """Bytes a second; 0 while nothing is known."""
        if not self._marks:
            return 0.0
        start, before = self._marks[0]
        return (self._sum - before) / (now - start) if now > start else 0.0
