"""The answer that is being written and the model that writes it; reads the engine's events."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import assert_never

from PySide6.QtCore import QObject, Signal, Slot

from desktop_app import memory_wording, notices
from desktop_app.exchange import Activity, AnswerState, ModelChoice
from desktop_app.jobs import ClosingEvent, Failed, JobError, JobEvent, Stopped
from desktop_app.worker import EngineWorker
from engine.messages import (
    Finished,
    MemoryRelieved,
    ModelInfo,
    PictureSeen,
    Progress,
    Question,
    Ready,
    Statistics,
    StopReason,
    TextDelta,
    TurnsDropped,
)

SPEED_AFTER = 0.5  # seconds of writing, before which a speed would be chance
MakeQuestion = Callable[[ModelInfo], Question]


@dataclass(frozen=True, slots=True)
class Ended:
    """How an answer ended, and all of its text."""

    state: AnswerState
    text: str
    reason: StopReason | None = None
    statistics: Statistics | None = None


class Answering(QObject):
    """Owns activity, model and the text so far; lives on the GUI thread."""

    activity_changed = Signal(object)  # Activity
    progressed = Signal(object)  # Progress or None
    speed_changed = Signal(float)  # tokens a second, while an answer is written
    model_changed = Signal(object)  # ModelInfo or None
    seen = Signal(object)  # PictureSeen
    began = Signal()
    grew = Signal(str)
    ended = Signal(object)  # Ended
    failed = Signal(object)  # JobError
    told = Signal(object)  # Notice

    def __init__(self, worker: EngineWorker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self._activity = Activity.NO_MODEL
        self._choice: ModelChoice | None = None
        self._model: ModelInfo | None = None
        self._waiting: MakeQuestion | None = None  # it waits for the model
        self._load_job = self._answer_job = 0
        self._text: list[str] = []
        self._begun = False
        self._written = 0  # pieces
        self._first_piece_at = 0.0
        worker.happened.connect(self._read_event)

    @property
    def activity(self) -> Activity:
        """What goes on now."""
        return self._activity

    @property
    def busy(self) -> bool:
        """Whether a question is being answered, or waits for it."""
        answering = self._activity in (Activity.ANSWERING, Activity.STOPPING)
        return answering or self._waiting is not None

    @property
    def model(self) -> ModelInfo | None:
        """The model that is loaded."""
        return self._model

    @property
    def choice(self) -> ModelChoice | None:
        """The model that was asked for."""
        return self._choice

    @property
    def text(self) -> str:
        """What has been written so far."""
        return "".join(self._text).strip()

    # The model

    def use_model(self, choice: ModelChoice) -> None:
        """Load a model in place of the one in use; a question that waits goes on waiting."""
        if self._waiting is None:
            self.abandon()
        if self._load_job:
            self._worker.stop(self._load_job)  # the latest wish counts
        self._choice, self._model = choice, None
        self.model_changed.emit(None)
        self._load_job = self._worker.load(choice)
        self._set_activity(Activity.LOADING)

    def load_again(self, device: str | None = None, *, anyway: bool = False) -> None:
        """Load the same model once more, on another device where one is named."""
        if self._choice is not None:
            precision = self._choice.precision if device is None else "auto"
            device = device or self._choice.device
            self.use_model(replace(self._choice, device=device, precision=precision, anyway=anyway))

    def rest(self) -> None:
        """Let go of a model that nobody asks; the next question brings it back."""
        if self._activity is Activity.IDLE and self._model is not None:
            self._worker.unload()
            self._model = None
            self.model_changed.emit(None)
            self._set_activity(Activity.RESTING)

    # The answer

    def ask(self, question: MakeQuestion, so_far: str = "") -> None:
        """Answer a question once there is a model; ``so_far`` is text that it goes on with."""
        self.wait_with(question, so_far)
        if self._activity is Activity.IDLE:
            self._send()
        elif self._activity in (Activity.NO_MODEL, Activity.RESTING):
            self.load_again()
        self.activity_changed.emit(self._activity)

    def wait_with(self, question: MakeQuestion, so_far: str = "") -> None:
        """Answer a question when the next model is loaded."""
        self._text, self._begun, self._waiting = [so_far], False, question

    def stop(self) -> None:
        """Stop the answer; what has been written stays."""
        if self._waiting is not None:
            self._waiting = None
            self._close(AnswerState.STOPPED)
            self.activity_changed.emit(self._activity)
        elif self._activity is Activity.ANSWERING:
            self._worker.stop(self._answer_job)
            self._set_activity(Activity.STOPPING)

    def abandon(self) -> None:
        """Stop the answer and hear no more of it."""
        if not self.busy:
            return
        if self._waiting is None:
            self._worker.stop(self._answer_job)
            self._answer_job = 0
            self._activity = Activity.IDLE
            self.progressed.emit(None)  # or its phase would be shown for good
        self._waiting = None
        self._close(AnswerState.STOPPED)
        self.activity_changed.emit(self._activity)

    def shutdown(self) -> None:
        """Stop, and wait until the engine's thread has ended."""
        self._answer_job = self._load_job = 0
        self._worker.shutdown()

    def _send(self) -> None:
        make, self._waiting = self._waiting, None
        if make is not None and self._model is not None:
            self._written = 0
            self._answer_job = self._worker.ask(make(self._model))
            self._set_activity(Activity.ANSWERING)

    # What the engine says

    @Slot(int, object)
    def _read_event(self, job: int, event: JobEvent) -> None:
        if job not in (self._load_job, self._answer_job):
            return  # of a job that was given up
        match event:
            case Progress():
                self.progressed.emit(event)
            case PictureSeen():
                self.seen.emit(event)
            case TurnsDropped():
                self.told.emit(notices.turns_dropped(event))
            case MemoryRelieved():
                self._relieved(event)
            case TextDelta():
                self._grow(event.text)
            case _:
                self._read_end(job, event)

    def _read_end(self, job: int, event: ClosingEvent) -> None:
        match event:
            case Ready():
                self._model_ready(event.info)
            case Finished():
                self._finish(event)
            case Stopped():
                self._end(AnswerState.STOPPED)
            case Failed():
                self._fail(job, event.error)
            case _:
                assert_never(event)

    def _relieved(self, event: MemoryRelieved) -> None:
        self.told.emit(memory_wording.relieved(event))
        if self._model is not None and self._model.choice != event.choice:
            self._model = replace(self._model, choice=event.choice)
            self.model_changed.emit(self._model)

    def _grow(self, piece: str) -> None:
        now = time.monotonic()
        if not self._begun:
            self._begun, self._first_piece_at = True, now
            self.began.emit()
        elif now > self._first_piece_at + SPEED_AFTER:
            self.speed_changed.emit(self._written / (now - self._first_piece_at))
        self._written += 1
        self._text.append(piece)
        if piece:
            self.grew.emit(piece)

    def _model_ready(self, info: ModelInfo) -> None:
        self._load_job = 0
        self._model = info
        self.model_changed.emit(info)
        self._set_activity(Activity.IDLE)
        self._send()

    def _finish(self, event: Finished) -> None:
        self._text[1:] = [event.text]
        self._end(AnswerState.FINISHED, event.reason, event.statistics)

    def _fail(self, job: int, error: JobError) -> None:
        if job == self._load_job:
            self._load_job = 0
            if self._waiting is not None:
                self._waiting = None
                self._close(AnswerState.FAILED)
            self._set_activity(Activity.NO_MODEL)
        else:
            self._end(AnswerState.FAILED)
        self.failed.emit(error)

    def _end(
        self,
        state: AnswerState,
        reason: StopReason | None = None,
        statistics: Statistics | None = None,
    ) -> None:
        self._answer_job = 0
        self._close(state, reason, statistics)
        self._set_activity(Activity.IDLE if self._model else Activity.NO_MODEL)

    def _close(
        self,
        state: AnswerState,
        reason: StopReason | None = None,
        statistics: Statistics | None = None,
    ) -> None:
        text, self._text = self.text, []
        self.ended.emit(Ended(state, text, reason, statistics))

    def _set_activity(self, activity: Activity) -> None:
        self._activity = activity
        if activity not in (Activity.LOADING, Activity.ANSWERING, Activity.STOPPING):
            self.progressed.emit(None)
        self.activity_changed.emit(activity)
