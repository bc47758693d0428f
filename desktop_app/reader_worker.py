"""The quick reader's thread: the same road as the engine's, and the same events."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from PySide6.QtCore import QObject

from desktop_app.codes import with_codes
from desktop_app.jobs import JobEvent, closes
from desktop_app.stream_thread import StreamThread
from engine.messages import AnswerEvent, Phase, Picture, Progress


class ReaderLike(Protocol):
    """What the worker needs of a quick reader."""

    def load(self) -> Iterator[Progress]: ...
    def read(self, picture: Picture) -> Iterator[AnswerEvent]: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Prepared:
    """Closes a job that only loads the reader, so that its first picture need not wait."""


def quick_reader() -> ReaderLike:
    """Make the real reader; its packages are loaded here, on the worker's thread."""
    from engine.quick.reader import QuickReader

    return QuickReader()


class _ReaderSide:
    """Owns the reader; used on the worker's thread only."""

    def __init__(self, make_reader: Callable[[], ReaderLike]) -> None:
        self._make_reader = make_reader
        self._reader: ReaderLike | None = None

    def prepare(self) -> Generator[JobEvent | Prepared, None, None]:
        yield Progress(Phase.LOADING, 0, 0)
        yield from self._made().load()
        yield Prepared()

    def read(self, picture: Picture) -> Generator[JobEvent, None, None]:
        if self._reader is None:
            yield Progress(Phase.LOADING, 0, 0)
        yield from with_codes(self._made().read(picture), picture)

    def release(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()

    def _made(self) -> ReaderLike:
        if self._reader is None:
            self._reader = self._make_reader()
        return self._reader


class ReaderWorker(StreamThread):
    """The window's side of the quick reader's thread; what happens is a JobEvent or Prepared."""

    def __init__(
        self, make_reader: Callable[[], ReaderLike] = quick_reader, parent: QObject | None = None
    ) -> None:
        self._side = _ReaderSide(make_reader)
        super().__init__("reader", _closes, self._side.release, parent)

    def prepare(self) -> int:
        """Load the reader ahead of its first picture; the job's number."""
        return self.give(self._side.prepare)

    def read(self, picture: Picture) -> int:
        """Read a picture after the jobs given before; the job's number."""
        return self.give(partial(self._side.read, picture))


def _closes(event: object) -> bool:
    return closes(event) or isinstance(event, Prepared)
