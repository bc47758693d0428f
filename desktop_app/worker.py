"""The engine's thread: one for the life of the program, one job at a time, in order."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, cast

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from desktop_app.jobs import (
    ClosingEvent,
    Failed,
    JobEvent,
    Stopped,
    UnexpectedError,
    closes,
)
from engine.errors import EngineError
from engine.messages import AnswerEvent, LoadEvent, Phase, Progress, Question

LOG = logging.getLogger(__name__)


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


@dataclass(frozen=True, slots=True)
class Job:
    """One stream to pull, and the flag that says when to stop pulling."""

    number: int
    folder: Path | None = None
    device: str = "auto"
    precision: str = "auto"
    question: Question | None = None
    stop: threading.Event = field(default_factory=threading.Event)


class _Runner(QObject):
    """Lives on the engine's thread and owns the engine."""

    happened = Signal(int, object)

    def __init__(self, make_engine: EngineFactory) -> None:
        super().__init__()
        self._make_engine = make_engine
        self._engine: EngineLike | None = None

    @Slot(object)
    def run(self, job: Job) -> None:
        """Pull one stream; whatever happens, the last event is a closing one."""
        closing: ClosingEvent
        try:
            closing = self._pull(job)
        except EngineError as error:
            closing = Failed(error)
        except Exception as error:  # the one net: a fault must not end the thread
            LOG.exception("job %d", job.number)
            closing = Failed(UnexpectedError.of(error))
        self.happened.emit(job.number, closing)

    def _pull(self, job: Job) -> ClosingEvent:
        if job.stop.is_set():
            return Stopped()
        stream = self._load(job) if job.folder is not None else self._answer(job)
        with contextlib.closing(stream):
            for event in stream:
                if closes(event):
                    return cast(ClosingEvent, event)
                self.happened.emit(job.number, event)
                if job.stop.is_set():
                    return Stopped()
        raise RuntimeError("the stream ended without a closing event")

    def _load(self, job: Job) -> Generator[JobEvent, None, None]:
        yield Progress(Phase.LOADING, 0, 0)  # importing the engine takes seconds
        self._release()
        engine = self._make_engine(cast(Path, job.folder), job.device, job.precision)
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

    def _answer(self, job: Job) -> Generator[JobEvent, None, None]:
        if self._engine is None or job.question is None:
            raise RuntimeError("asked without a model")
        stream = self._engine.answer(job.question)
        try:
            yield from stream
        finally:
            _close(stream)

    def _release(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()

    @Slot()
    def finish(self) -> None:
        """Let go of the engine on the thread that made it, then end the thread."""
        try:
            self._release()
        finally:
            self.thread().quit()


def _close(stream: Iterator[AnswerEvent]) -> None:
    close = getattr(stream, "close", None)
    if close is not None:
        close()


class EngineWorker(QObject):
    """The window's side of the engine's thread: numbers jobs, stops them, passes events on."""

    happened = Signal(int, object)  # job, JobEvent
    _job_given = Signal(object)
    _told_to_finish = Signal()

    def __init__(
        self, make_engine: EngineFactory = real_engine, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._open: dict[int, Job] = {}
        self._last_number = 0
        self._thread = QThread()
        self._thread.setObjectName("engine")
        self._runner = _Runner(make_engine)
        self._runner.moveToThread(self._thread)
        queued = Qt.ConnectionType.QueuedConnection
        self._job_given.connect(self._runner.run, queued)
        self._told_to_finish.connect(self._runner.finish, queued)
        self._runner.happened.connect(self._pass_on, queued)
        self._thread.start()

    def load(self, folder: Path, device: str = "auto", precision: str = "auto") -> int:
        """Load a model in place of the one in use; the job's number."""
        number = self._next_number()
        return self._give(Job(number, folder=folder, device=device, precision=precision))

    def ask(self, question: Question) -> int:
        """Answer a question after the jobs given before; the job's number."""
        return self._give(Job(self._next_number(), question=question))

    def stop(self, number: int) -> None:
        """Stop pulling a job's stream; its Stopped follows, unless it ends on its own first."""
        job = self._open.get(number)
        if job is not None:
            job.stop.set()

    def shutdown(self) -> None:
        """Stop everything, let the engine go, and wait for the thread to end."""
        if not self._thread.isRunning():
            return
        for job in self._open.values():
            job.stop.set()
        self._told_to_finish.emit()
        self._thread.wait()

    def _next_number(self) -> int:
        self._last_number += 1
        return self._last_number

    def _give(self, job: Job) -> int:
        self._open[job.number] = job
        self._job_given.emit(job)
        return job.number

    @Slot(int, object)
    def _pass_on(self, number: int, event: JobEvent) -> None:
        if closes(event):
            self._open.pop(number, None)
        self.happened.emit(number, event)
