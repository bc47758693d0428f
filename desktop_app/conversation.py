"""What the person sees: picture, exchanges, activity. Wishes come in, signals go out."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import assert_never

from PySide6.QtCore import QObject, Signal, Slot

from desktop_app import notices
from desktop_app.exchange import Activity, AnswerState, Exchange, ModelChoice
from desktop_app.jobs import Failed, JobError, JobEvent, Stopped
from desktop_app.picture_reader import PastedImage, PictureReader, ShownPicture, Source
from desktop_app.worker import EngineWorker
from engine.messages import (
    Finished,
    ModelInfo,
    Picture,
    PictureSeen,
    Progress,
    Question,
    Ready,
    Sampling,
    Speaker,
    TextDelta,
    Turn,
    TurnsDropped,
)

SPEED_AFTER = 0.5  # seconds of writing, before which a speed would be chance


@dataclass(frozen=True, slots=True)
class _Past:
    """A conversation that was left and can be gone back to."""

    picture: ShownPicture | None
    exchanges: tuple[Exchange, ...]


class Conversation(QObject):
    """Owns picture, exchanges and activity; lives on the GUI thread; reads every event."""

    activity_changed = Signal(object)  # Activity
    progressed = Signal(object)  # Progress or None
    speed_changed = Signal(float)  # tokens a second, while an answer is written
    model_changed = Signal(object)  # ModelInfo or None
    picture_changed = Signal(object)  # ShownPicture or None
    exchange_added = Signal(object)  # Exchange
    answer_grew = Signal(int, str)  # number, what came
    exchange_changed = Signal(object)  # Exchange
    exchange_removed = Signal(int)
    exchanges_replaced = Signal()
    failed = Signal(object)  # an error that notices.explain can word
    told = Signal(object)  # Notice

    def __init__(
        self,
        worker: EngineWorker,
        reader: PictureReader,
        sampling: Sampling | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._worker = worker
        self._reader = reader
        self._sampling = sampling
        self._activity = Activity.NO_MODEL
        self._choice: ModelChoice | None = None
        self._model: ModelInfo | None = None
        self._picture: ShownPicture | None = None
        self._exchanges: list[Exchange] = []
        self._past: _Past | None = None
        self._earlier: tuple[Exchange, ...] = ()  # of a conversation whose picture is read
        self._pieces: list[str] = []
        self._load_job = self._answer_job = self._reading = 0
        self._waiting = False  # the last question waits for the model
        self._last_number = 0
        self._first_piece_at = 0.0
        worker.happened.connect(self._read_event)
        reader.finished.connect(self._picture_read)

    # What is, for the widgets

    @property
    def activity(self) -> Activity:
        """What goes on now."""
        return self._activity

    @property
    def busy(self) -> bool:
        """Whether a question is being answered, or waits for it."""
        return self._waiting or self._activity in (
            Activity.ANSWERING,
            Activity.STOPPING,
        )

    @property
    def picture(self) -> ShownPicture | None:
        """The picture that is talked about."""
        return self._picture

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """All questions and answers, the oldest first."""
        return tuple(self._exchanges)

    @property
    def model(self) -> ModelInfo | None:
        """The model that is loaded."""
        return self._model

    @property
    def choice(self) -> ModelChoice | None:
        """The model that was asked for."""
        return self._choice

    # Wishes

    def use_model(self, choice: ModelChoice) -> None:
        """Load a model in place of the one in use."""
        if not self._waiting:
            self._abandon_answer()
        self._choice, self._model = choice, None
        self.model_changed.emit(None)
        self._load_job = self._worker.load(choice.folder, choice.device, choice.precision)
        self._set_activity(Activity.LOADING)

    def load_again(self, device: str | None = None) -> None:
        """Load the same model once more, on another device where one is named.

        A question that failed is asked again then.
        """
        if self._choice is not None:
            if self._exchanges and self._exchanges[-1].state is AnswerState.FAILED:
                self._waiting = True
                self._change(state=AnswerState.WAITING, answer="")
            precision = self._choice.precision if device is None else "auto"
            device = device or self._choice.device
            self.use_model(replace(self._choice, device=device, precision=precision))

    def open_pictures(self, paths: Iterable[Path]) -> None:
        """Look at the first of some picture files."""
        paths = list(paths)
        if not paths:
            return
        self._start_reading(paths[0])
        if len(paths) > 1:
            self.told.emit(notices.only_first(len(paths), paths[0].name))

    def use_image(self, image: PastedImage) -> None:
        """Look at pixels that have no file."""
        self._start_reading(image)

    def begin_anew(self) -> None:
        """Leave picture and exchanges; one can go back to them."""
        self._begin(None, "")

    def go_back(self) -> None:
        """Take up again what the last new conversation left."""
        if self._past is not None:
            past, self._past = self._past, None
            self._replace(past.picture, past.exchanges)

    def take_up(
        self, picture: Picture | None, exchanges: Iterable[Exchange]
    ) -> tuple[Exchange, ...]:
        """Go on with earlier exchanges once their picture is read; what they are numbered now."""
        first = self._last_number + 1
        earlier = tuple(replace(old, number=n) for n, old in enumerate(exchanges, first))
        self._last_number += len(earlier)
        if picture is None:
            self._go_on(None, earlier)
        else:
            self._start_reading(picture)
            self._earlier = earlier
        return earlier

    def ask(self, text: str) -> bool:
        """Ask about the picture; False where that is not possible now."""
        text = text.strip()
        if not text or self.busy:
            return False
        self._last_number += 1
        self._exchanges.append(Exchange(self._last_number, text))
        self._pieces = []
        self._waiting = True
        self.exchange_added.emit(self._exchanges[-1])
        if self._activity is Activity.IDLE:
            self._send()
        elif self._activity is Activity.NO_MODEL:
            self.load_again()
        self.activity_changed.emit(self._activity)
        return True

    def ask_again(self, text: str) -> bool:
        """Put another question in place of the last one."""
        if not text.strip() or self.busy:
            return False
        if self._exchanges:
            self.exchange_removed.emit(self._exchanges.pop().number)
        return self.ask(text)

    def stop(self) -> None:
        """Stop the answer; what has been written stays."""
        if self._waiting:
            self._waiting = False
            self._close_answer(AnswerState.STOPPED)
            self.activity_changed.emit(self._activity)
        elif self._activity is Activity.ANSWERING:
            self._worker.stop(self._answer_job)
            self._set_activity(Activity.STOPPING)

    def shutdown(self) -> None:
        """Stop, and wait until no thread of ours runs."""
        self._answer_job = self._load_job = self._reading = 0
        self._reader.shutdown()
        self._worker.shutdown()

    # Pictures

    def _start_reading(self, source: Source) -> None:
        self._earlier = ()
        self._reading = self._reader.start(source)

    @Slot(int, object)
    def _picture_read(self, number: int, outcome: ShownPicture | Exception) -> None:
        if number != self._reading:
            return
        shown = outcome if isinstance(outcome, ShownPicture) else None
        if self._earlier:
            self._go_on(shown, self._earlier)
        elif shown is not None:
            self._begin(shown, shown.picture.name)
        if isinstance(outcome, Exception):
            self.failed.emit(outcome)

    def _go_on(self, picture: ShownPicture | None, exchanges: tuple[Exchange, ...]) -> None:
        self._abandon_answer()
        left = _Past(self._picture, self.exchanges)
        self._replace(picture, exchanges)
        if left.exchanges:
            self._past = left

    def _begin(self, picture: ShownPicture | None, name: str) -> None:
        """What is said belongs to one picture, so another one begins a new conversation."""
        self._abandon_answer()
        left = _Past(self._picture, self.exchanges)
        self._replace(picture, ())
        if left.exchanges:
            self._past = left
            self.told.emit(notices.new_conversation(name))

    def _replace(self, picture: ShownPicture | None, exchanges: Iterable[Exchange]) -> None:
        self._abandon_answer()
        self._reading, self._earlier = 0, ()  # the latest wish counts
        self._picture = picture
        self._exchanges = list(exchanges)
        self.picture_changed.emit(picture)
        self.exchanges_replaced.emit()

    def _abandon_answer(self) -> None:
        if not self.busy:
            return
        if not self._waiting:
            self._worker.stop(self._answer_job)
            self._answer_job = 0
            self._activity = Activity.IDLE
        self._waiting = False
        self._close_answer(AnswerState.STOPPED)
        self.activity_changed.emit(self._activity)

    # Answers

    def _send(self) -> None:
        self._waiting = False
        earlier = (turn for exchange in self._exchanges[:-1] for turn in exchange.turns)
        asked = Turn(Speaker.USER, self._exchanges[-1].question)
        picture = self._picture.picture if self._picture else None
        self._first_piece_at = 0.0
        sampling = self._sampling or (self._model.sampling if self._model else Sampling())
        self._answer_job = self._worker.ask(Question(picture, (*earlier, asked), sampling))
        self._set_activity(Activity.ANSWERING)

    @Slot(int, object)
    def _read_event(self, job: int, event: JobEvent) -> None:
        if job not in (self._load_job, self._answer_job):
            return  # of a job that was given up
        match event:
            case Progress():
                self.progressed.emit(event)
            case PictureSeen():
                self._picture_seen(event)
            case TurnsDropped():
                self.told.emit(notices.turns_dropped(event))
            case TextDelta():
                self._grow(event.text)
            case Ready():
                self._model_ready(event.info)
            case Finished():
                self._finish(event)
            case Stopped():
                self._end_answer(AnswerState.STOPPED)
            case Failed():
                self._fail(job, event.error)
            case _:
                assert_never(event)

    def _picture_seen(self, seen: PictureSeen) -> None:
        if self._picture is not None:
            self._picture = self._picture.with_seen(seen)
            self.picture_changed.emit(self._picture)

    def _grow(self, piece: str) -> None:
        now = time.monotonic()
        if not self._pieces:
            self._first_piece_at = now
            self._change(state=AnswerState.GROWING)
        elif now > self._first_piece_at + SPEED_AFTER:
            self.speed_changed.emit(len(self._pieces) / (now - self._first_piece_at))
        self._pieces.append(piece)
        if piece:
            self.answer_grew.emit(self._exchanges[-1].number, piece)

    def _model_ready(self, info: ModelInfo) -> None:
        self._load_job = 0
        self._model = info
        self.model_changed.emit(info)
        self._set_activity(Activity.IDLE)
        if self._waiting:
            self._send()

    def _finish(self, event: Finished) -> None:
        self._pieces = [event.text]
        self._change(statistics=event.statistics, reason=event.reason)
        self._end_answer(AnswerState.FINISHED)

    def _fail(self, job: int, error: JobError) -> None:
        if job == self._load_job:
            self._load_job = 0
            if self._waiting:
                self._waiting = False
                self._close_answer(AnswerState.FAILED)
            self._set_activity(Activity.NO_MODEL)
        else:
            self._end_answer(AnswerState.FAILED)
        self.failed.emit(error)

    def _end_answer(self, state: AnswerState) -> None:
        self._answer_job = 0
        self._close_answer(state)
        self._set_activity(Activity.IDLE if self._model else Activity.NO_MODEL)

    def _close_answer(self, state: AnswerState) -> None:
        self._change(state=state, answer="".join(self._pieces).strip())
        self._pieces = []

    def _change(self, **what: object) -> None:
        self._exchanges[-1] = replace(self._exchanges[-1], **what)  # type: ignore[arg-type]
        self.exchange_changed.emit(self._exchanges[-1])

    def _set_activity(self, activity: Activity) -> None:
        self._activity = activity
        if activity not in (Activity.LOADING, Activity.ANSWERING, Activity.STOPPING):
            self.progressed.emit(None)
        self.activity_changed.emit(activity)
