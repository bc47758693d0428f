"""Reads a region of the screen with the quick reader or the model, again and otherwise if asked."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal, Slot

from desktop_app import wording
from desktop_app.capture.choice import Action, Choice
from desktop_app.conversation import Conversation
from desktop_app.exchange import Activity
from desktop_app.i18n import tr
from desktop_app.jobs import Failed, JobEvent, Stopped
from desktop_app.paths import FULL, Paths, model_folder
from desktop_app.picture_reader import PastedImage, PictureReader, ShownPicture
from desktop_app.preferences import Preferences
from desktop_app.reader_worker import Prepared, ReaderLike, ReaderWorker, quick_reader
from desktop_app.readers import (
    Reader,
    ReaderChoice,
    ReaderFacts,
    choose_reader,
    reader_name,
    slow_here,
)
from desktop_app.worker import EngineWorker
from engine.messages import (
    Finished,
    ModelInfo,
    Picture,
    Progress,
    Question,
    Sampling,
    Speaker,
    TextDelta,
    Turn,
)

LOG = logging.getLogger(__name__)
# What the models are asked, in the words of their training.
PROMPTS = {
    Action.READ: "Read the text.",
    Action.TABLE: "Read the table. Answer with a markdown table.",
}
LONGEST_TEXT = 2048  # tokens


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a region: who reads, why, and what came of it."""

    choice: Choice
    by: ReaderChoice
    reader: str  # its name, for people
    prompt: str = ""  # a question of the person's own
    text: str = ""
    seconds: float = 0.0


class ScreenReading(QObject):
    """One reading at a time; a new one takes the place of the one before."""

    began = Signal(object)  # Reading
    progressed = Signal(object)  # Progress or None
    grew = Signal(str)
    finished = Signal(object)  # Reading with its text
    failed = Signal(object)  # an error that notices.explain can word
    model_wished = Signal()  # none was chosen yet

    def __init__(
        self,
        conversation: Conversation,
        worker: EngineWorker,
        preferences: Preferences,
        paths: Paths,
        make_quick: Callable[[], ReaderLike] = quick_reader,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._conversation, self._model_worker = conversation, worker
        self._preferences, self._paths = preferences, paths
        self.make_quick = make_quick
        self._quick: ReaderWorker | None = None
        self._pictures = PictureReader(parent=self)
        self._pictures.finished.connect(self._picture_read)
        self._reading: Reading | None = None
        self._picture: Picture | None = None
        self._looking = self._quick_job = self._model_job = 0
        self._waits_for_model = False
        self._pieces: list[str] = []
        self._began_at = 0.0
        worker.happened.connect(self._model_says)
        conversation.model_changed.connect(self._model_changed)
        conversation.failed.connect(self._model_failed)

    @property
    def reading(self) -> Reading | None:
        """The reading that goes on, or went last."""
        return self._reading

    @property
    def copies(self) -> bool:
        """Whether text goes to the clipboard as soon as it has been read."""
        return self._preferences.settings.copy_text

    @property
    def busy(self) -> bool:
        """Whether one goes on."""
        return bool(self._looking or self._quick_job or self._model_job or self._waits_for_model)

    def prepare(self) -> None:
        """Load the quick reader while the person still draws, if it is the one that will read."""
        if self._choose("auto").reader is Reader.QUICK:
            self._quick_worker().prepare()

    def read(self, choice: Choice, asked: str = "auto", prompt: str = "") -> None:
        """Read a region; with a question of the person's own the model answers it."""
        self.stop()
        by = self._choose(asked, plain_text=not prompt)
        self._reading = Reading(choice, by, self._name_of(by.reader), prompt)
        self._pieces, self._began_at = [], time.monotonic()
        self.began.emit(self._reading)
        self._looking = self._pictures.start(PastedImage(choice.image, tr("Screenshot")))

    def stop(self) -> None:
        """Hear no more of the reading that goes on."""
        if self._quick_job and self._quick is not None:
            self._quick.stop(self._quick_job)
        if self._model_job:
            self._model_worker.stop(self._model_job)
        self._end()

    def shutdown(self) -> None:
        """Stop, and wait until no thread of ours runs; the model's is not ours."""
        self.stop()
        self._pictures.shutdown()
        if self._quick is not None:
            self._quick.shutdown()

    # Who reads

    def _choose(self, asked: str, *, plain_text: bool = True) -> ReaderChoice:
        from engine.folder import missing_files
        from engine.quick.parts import quick_parts

        settings, chosen = self._preferences.settings, self._conversation.choice
        folder = model_folder(FULL, self._paths)
        facts = ReaderFacts(
            full_model=(chosen is None or chosen.name == FULL)
            and folder.is_dir()
            and not missing_files(folder),
            full_slow=slow_here(settings.device),
            quick_ready=self.make_quick is not quick_reader or quick_parts().ready,
        )
        asked = settings.reader if asked == "auto" else asked
        return choose_reader(asked, facts, plain_text=plain_text)

    def _name_of(self, reader: Reader) -> str:
        chosen = self._conversation.choice
        if reader is Reader.MODEL and chosen is not None:
            return wording.model_name(chosen.name)
        return reader_name(reader)

    def _quick_worker(self) -> ReaderWorker:
        if self._quick is None:
            self._quick = ReaderWorker(self.make_quick, self)
            self._quick.happened.connect(self._quick_says)
        return self._quick

    # The picture, then the reader

    @Slot(int, object)
    def _picture_read(self, number: int, outcome: ShownPicture | Exception) -> None:
        if number != self._looking:
            return
        self._looking = 0
        if isinstance(outcome, Exception):
            self._fail(outcome)
        elif self._reading is not None:
            self._picture = outcome.picture
            if self._reading.by.reader is Reader.QUICK:
                self._quick_job = self._quick_worker().read(outcome.picture)
            else:
                self._ask_model()

    def _ask_model(self) -> None:
        """At once, or as soon as there is a model."""
        if self._conversation.model is not None:
            self._send()
            return
        self._waits_for_model = True
        if self._conversation.choice is None:
            self.model_wished.emit()
        elif self._conversation.activity is not Activity.LOADING:
            self._conversation.load_again()

    def _send(self) -> None:
        assert self._reading is not None
        self._waits_for_model = False
        words = self._reading.prompt or PROMPTS[self._reading.choice.action]
        model = self._conversation.model
        sampling = model.sampling if model is not None else Sampling()
        if not self._reading.prompt:
            sampling = replace(sampling.without_chance(), max_new_tokens=LONGEST_TEXT)
        question = Question(self._picture, (Turn(Speaker.USER, words),), sampling)
        self._model_job = self._model_worker.ask(question)

    @Slot(object)
    def _model_changed(self, info: ModelInfo | None) -> None:
        if self._waits_for_model and info is not None and self._reading is not None:
            self._reading = replace(self._reading, reader=self._name_of(Reader.MODEL))
            self.began.emit(self._reading)
            self._send()

    @Slot(object)
    def _model_failed(self, error: Exception) -> None:
        if self._waits_for_model:
            self._fail(error)

    # What the readers say

    @Slot(int, object)
    def _quick_says(self, job: int, event: JobEvent | Prepared) -> None:
        if job == self._quick_job:
            self._take(event)
        elif isinstance(event, Failed):
            LOG.info("quick reader: %s", event.error)  # it was only to be prepared

    @Slot(int, object)
    def _model_says(self, job: int, event: JobEvent) -> None:
        if job == self._model_job:
            self._take(event)

    def _take(self, event: object) -> None:
        if isinstance(event, Progress):
            self.progressed.emit(event)
        elif isinstance(event, TextDelta):
            self._pieces.append(event.text)
            self.grew.emit(event.text)
        elif isinstance(event, Finished):
            self._finish(event.text)
        elif isinstance(event, Failed):
            self._fail(event.error)
        elif isinstance(event, Stopped):
            self._end()

    def _finish(self, text: str) -> None:
        assert self._reading is not None
        seconds = time.monotonic() - self._began_at
        self._reading = replace(self._reading, text=text.strip(), seconds=seconds)
        self._end()
        self.finished.emit(self._reading)

    def _fail(self, error: Exception) -> None:
        self._end()
        self.failed.emit(error)

    def _end(self) -> None:
        self._looking = self._quick_job = self._model_job = 0
        self._waits_for_model = False
        self.progressed.emit(None)
