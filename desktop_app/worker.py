"""The engine's thread: one for the life of the program, one job at a time, in order."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator
from functools import partial
from typing import Protocol

from PySide6.QtCore import QObject

from desktop_app.exchange import ModelChoice
from desktop_app.jobs import JobEvent, Surveyed, Unloaded, closes
from desktop_app.remote_settings import Keys, RemoteSettings, open_remote
from desktop_app.stream_thread import StreamThread
from engine.messages import AnswerEvent, LoadEvent, Phase, Progress, Question


class EngineLike(Protocol):
    """What the worker needs of an engine."""

    def load(self) -> Iterator[LoadEvent]: ...
    def answer(self, question: Question) -> Iterator[AnswerEvent]: ...
    def close(self) -> None: ...


EngineFactory = Callable[[ModelChoice], EngineLike]


class EngineMaker:
    """Makes real engines on the engine's thread: torch is loaded there, or a server is asked."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def __call__(self, choice: ModelChoice) -> EngineLike:
        """The engine that a choice means, not loaded yet. Raises RemoteError."""
        if choice.server:
            return open_remote(RemoteSettings(choice.server, choice.name), self._keys)
        from engine.engine import Engine

        return Engine(choice.folder, choice.device, choice.precision, anyway=choice.anyway)


def real_engine(choice: ModelChoice) -> EngineLike:
    """A real engine; of keys it knows what keyring and environment say."""
    return EngineMaker(Keys())(choice)


class _EngineSide:
    """Owns the engine; used on the engine's thread only."""

    def __init__(self, make_engine: EngineFactory) -> None:
        self._make_engine = make_engine
        self._engine: EngineLike | None = None

    def load(self, choice: ModelChoice) -> Generator[JobEvent, None, None]:
        yield Progress(Phase.LOADING, 0, 0)  # importing the engine takes seconds
        self.release()
        engine = self._make_engine(choice)
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

    def unload(self) -> Generator[Unloaded, None, None]:
        self.release()
        yield Unloaded()

    def survey(self) -> Generator[Surveyed, None, None]:
        if "torch" not in sys.modules:  # which is not loaded only to see what there is
            yield Surveyed(())
            return
        from engine.placing import devices

        yield Surveyed(devices())

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

    def load(self, choice: ModelChoice) -> int:
        """Load a model in place of the one in use; the job's number."""
        return self.give(partial(self._side.load, choice))

    def ask(self, question: Question) -> int:
        """Answer a question after the jobs given before; the job's number."""
        return self.give(partial(self._side.answer, question))

    def unload(self) -> int:
        """Let go of the model and its memory; the job's number."""
        return self.give(self._side.unload)

    def survey(self) -> int:
        """See how much memory each device has free; the job's number."""
        return self.give(self._side.survey)
