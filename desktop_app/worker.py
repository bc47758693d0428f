"""The engine's thread: one for the life of the program, one job at a time, in order."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject

from desktop_app.jobs import JobEvent, closes
from desktop_app.stream_thread import StreamThread
from engine.messages import AnswerEvent, LoadEvent, Phase, Progress, Question


class EngineLike(Protocol):
    """What the worker needs of an engine."""

    def load(self) -> Iterator[LoadEvent]: ...
    def answer(self, question: Question) -> Iterator[AnswerEvent]: ...
    def close(self) -> None: ...


EngineFactory = Callable[[Path, str, str], EngineLike]


def real_engine(folder: Path, device: str, precision: str) -> EngineLike:
    """Make the real engine; torch is loaded here, on the engine's thread."""
    from engine.engine import Engine

    return Engine(folder, device=device, precision=precision)


class _EngineSide:
    """Owns the engine; used on the engine's thread only."""

    def __init__(self, make_engine: EngineFactory) -> None:
        self._make_engine = make_engine
        self._engine: EngineLike | None = None

    def load(self, folder: Path, device: str, precision: str) -> Generator[JobEvent, None, None]:
        yield Progress(Phase.LOADING, 0, 0)  # importing the engine takes seconds
        self.release()
        engine = self._make_engine(folder, device, precision)
        loaded = False
        try:
            for event in engine.load():
                loaded = closes(event)
                if loaded:
                    self._engine = engine
                yield event
        finally:
            if not loaded:
                engine.close()

    def answer(self, question: Question) -> Generator[JobEvent, None, None]:
        if self._engine is None:
            raise RuntimeError("asked without a model")
        stream = self._engine.answer(question)
        try:
            yield from stream
        finally:
            _close(stream)

    def release(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()


def _close(stream: Iterator[AnswerEvent]) -> None:
    close = getattr(stream, "close", None)
    if close is not None:
        close()


class EngineWorker(StreamThread):
    """The window's side of the engine's thread; what happens is a JobEvent."""

    def __init__(
        self, make_engine: EngineFactory = real_engine, parent: QObject | None = None
    ) -> None:
        self._side = _EngineSide(make_engine)
        super().__init__("engine", closes, self._side.release, parent)

    def load(self, folder: Path, device: str = "auto", precision: str = "auto") -> int:
        """Load a model in place of the one in use; the job's number."""
        return self.give(partial(self._side.load, folder, device, precision))

    def ask(self, question: Question) -> int:
        """Answer a question after the jobs given before; the job's number."""
        return self.give(partial(self._side.answer, question))
