"""How far a download is, over all files of a model."""

from __future__ import annotations

from .events import FetchProgress
from .manifest import Manifest
from .pace import Pace
from .settings import Clock


class Tally:
    """Bytes per file, and when the last event was."""

    def __init__(self, manifest: Manifest, clock: Clock, event_seconds: float) -> None:
        self._sizes = {file.name: file.size or 0 for file in manifest.files}
        self._done = dict.fromkeys(self._sizes, 0)
        self._clock = clock
        self._event_seconds = event_seconds
        self._last = float("-inf")
        self._pace = Pace()
        self.fetched = 0

    def set(self, name: str, done: int, size: int = 0) -> None:
        """So much of a file is there; ``size`` is what a server says where nothing is pinned."""
        self._done[name] = done
        self._sizes[name] = max(self._sizes[name], size, done)

    def arrived(self, name: str, count: int) -> None:
        """More bytes of a file came."""
        self.set(name, self._done[name] + count)
        self.fetched += count
        self._pace.add(self._clock.now(), count)

    def due(self) -> bool:
        """Whether it is time for another event."""
        return self._clock.now() - self._last >= self._event_seconds

    def event(self, name: str) -> FetchProgress:
        """How far everything is now, ``name`` being the file at hand."""
        self._last = self._clock.now()
        done, total = sum(self._done.values()), sum(self._sizes.values())
        speed = self._pace.speed(self._last)
        left = (total - done) / speed if speed > 0 else None
        return FetchProgress(done, total, name, speed, left)
