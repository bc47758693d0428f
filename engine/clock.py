"""A stopwatch for streams."""

from __future__ import annotations

import time


class Clock:
    """Adds up the time spent inside ``with``: what the consumer of a stream does is not counted."""

    def __init__(self) -> None:
        self._sum = 0.0
        self._since = 0.0

    def __enter__(self) -> None:
        self._since = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._sum += time.perf_counter() - self._since

    def take(self) -> float:
        """The seconds since the last ``take``."""
        taken, self._sum = self._sum, 0.0
        return taken
