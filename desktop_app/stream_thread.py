"""A thread that pulls streams: one job at a time, in order, each with one closing event."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from desktop_app.jobs import Failed, Stopped, UnexpectedError
from engine.errors import EngineError

LOG = logging.getLogger(__name__)

MakeStream = Callable[[], Generator[Any, None, Any]]
Closes = Callable[[object], bool]


@dataclass(frozen=True, slots=True)
class _Job:
    """How to begin a stream, on the thread, and the flag that says when to stop pulling it."""

    number: int
    make: MakeStream
    stop: threading.Event = field(default_factory=threading.Event)


class _Puller(QObject):
    """Lives on the thread."""

    happened = Signal(int, object)

    def __init__(self, closes: Closes, release: Callable[[], None]) -> None:
        super().__init__()
        self._closes = closes
        self._release = release

    @Slot(object)
    def run(self, job: _Job) -> None:
        """Pull one stream; whatever happens, the last event is a closing one."""
        closing: object
        try:
            closing = self._pull(job)
        except EngineError as error:
            closing = Failed(error)
        except Exception as error:  # the one net: a fault must not end the thread
            LOG.exception("job %d", job.number)
            closing = Failed(UnexpectedError.of(error))
        self.happened.emit(job.number, closing)

    def _pull(self, job: _Job) -> object:
        if job.stop.is_set():
            return Stopped()
        with contextlib.closing(job.make()) as stream:
            for event in stream:
                if self._closes(event):
                    return event
                self.happened.emit(job.number, event)
                if job.stop.is_set():
                    return Stopped()
        raise RuntimeError("the stream ended without a closing event")

    @Slot()
    def finish(self) -> None:
        """Let go of what was made on this thread, then end it."""
        try:
            self._release()
        finally:
            self.thread().quit()


class StreamThread(QObject):
    """The window's side of such a thread: numbers jobs, stops them, passes events on."""

    happened = Signal(int, object)  # job, event
    _job_given = Signal(object)
    _told_to_finish = Signal()

    def __init__(
        self,
        name: str,
        closes: Closes,
        release: Callable[[], None] = lambda: None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._closes = closes
        self._open: dict[int, _Job] = {}
        self._last_number = 0
        self._thread = QThread()
        self._thread.setObjectName(name)
        self._puller = _Puller(closes, release)
        self._puller.moveToThread(self._thread)
        queued = Qt.ConnectionType.QueuedConnection
        self._job_given.connect(self._puller.run, queued)
        self._told_to_finish.connect(self._puller.finish, queued)
        self._puller.happened.connect(self._pass_on, queued)
        self._thread.start()

    def give(self, make: MakeStream) -> int:
        """Pull a stream after the jobs given before; the job's number."""
        self._last_number += 1
        job = _Job(self._last_number, make)
        self._open[job.number] = job
        self._job_given.emit(job)
        return job.number

    def stop(self, number: int) -> None:
        """Stop pulling a job's stream; its Stopped follows, unless it ends on its own first."""
        job = self._open.get(number)
        if job is not None:
            job.stop.set()

    def shutdown(self) -> None:
        """Stop everything, let go, and wait for the thread to end."""
        if not self._thread.isRunning():
            return
        for job in self._open.values():
            job.stop.set()
        self._told_to_finish.emit()
        self._thread.wait()

    @Slot(int, object)
    def _pass_on(self, number: int, event: object) -> None:
        if self._closes(event):
            self._open.pop(number, None)
        self.happened.emit(number, event)
