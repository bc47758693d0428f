"""What the person sees: picture, exchanges, activity. Wishes come in, signals go out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from desktop_app import notices
from desktop_app.answering import Answering, Ended, MakeQuestion
from desktop_app.exchange import (
    Activity,
    AnswerState,
    Exchange,
    ModelChoice,
    together,
)
from desktop_app.exchange_list import ExchangeList
from desktop_app.picture_reader import PastedImage, PictureReader, ShownPicture, Source
from desktop_app.worker import EngineWorker
from engine.messages import (
    Decoding,
    ModelInfo,
    Picture,
    PictureSeen,
    Question,
    Sampling,
    Speaker,
    Turn,
)

if TYPE_CHECKING:
    from engine.slicing import SliceSettings


@dataclass(frozen=True, slots=True)
class _Past:
    """A conversation that was left and can be gone back to."""

    picture: ShownPicture | None
    exchanges: tuple[Exchange, ...]


class Conversation(QObject):
    """Owns picture and exchanges, passes on what its answering says; lives on the GUI thread."""

    activity_changed = Signal(object)  # Activity
    progressed = Signal(object)  # Progress or None
    speed_changed = Signal(float)  # tokens a second, while an answer is written
    model_changed = Signal(object)  # ModelInfo or None
    picture_changed = Signal(object)  # ShownPicture or None
    picture_known = Signal(object)  # ShownPicture: the same, of which more is known
    slicing_changed = Signal()
    exchange_added = Signal(object)  # Exchange with a new question
    version_added = Signal(object)  # Exchange with a new version, which is shown
    version_shown = Signal(object)  # Exchange with a version that was there before
    answer_grew = Signal(int, str)  # number, what came
    exchange_changed = Signal(object)  # Exchange
    exchange_hidden = Signal(int)  # its number; it belongs to a version that is not shown
    exchange_shown = Signal(object)  # Exchange that belongs to a version that is shown again
    exchanges_replaced = Signal()
    left = Signal(object, object)  # ShownPicture, and what was said about it
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
        self._answering = Answering(worker, self)
        self._reader = reader
        self._sampling = sampling
        self._as_wished: Callable[[Sampling], Sampling] | None = None
        self._picture: ShownPicture | None = None
        self._list = ExchangeList()
        self._past: _Past | None = None
        self._earlier: tuple[Exchange, ...] = ()  # of a conversation whose picture is read
        self._reading = 0
        self._listen()

    def _listen(self) -> None:
        answering = self._answering
        answering.activity_changed.connect(self.activity_changed)
        answering.progressed.connect(self.progressed)
        answering.speed_changed.connect(self.speed_changed)
        answering.model_changed.connect(self.model_changed)
        answering.failed.connect(self.failed)
        answering.told.connect(self.told)
        answering.seen.connect(self._picture_seen)
        answering.began.connect(self._answer_began)
        answering.grew.connect(self._answer_grew)
        answering.ended.connect(self._answer_ended)
        self._reader.finished.connect(self._picture_read)

    # What is, for the widgets

    @property
    def activity(self) -> Activity:
        """What goes on now."""
        return self._answering.activity

    @property
    def busy(self) -> bool:
        """Whether a question is being answered, or waits for it."""
        return self._answering.busy

    @property
    def picture(self) -> ShownPicture | None:
        """The picture that is talked about."""
        return self._picture

    @property
    def reader(self) -> PictureReader:
        """Reads pictures; others may have theirs read by it too."""
        return self._reader

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """All questions and answers, the oldest first."""
        return self._list.items

    @property
    def text_so_far(self) -> str:
        """What has been written of the answer that is being written."""
        return self._answering.text

    @property
    def model(self) -> ModelInfo | None:
        """The model that is loaded."""
        return self._answering.model

    @property
    def choice(self) -> ModelChoice | None:
        """The model that was asked for."""
        return self._answering.choice

    # Wishes: the model

    def use_model(self, choice: ModelChoice) -> None:
        """Load a model in place of the one in use; it may see pictures in other views."""
        self._answering.use_model(choice)
        if self._picture is not None:
            self._know(self._picture.counted(self.slicing))
        self.slicing_changed.emit()

    @property
    def slicing(self) -> SliceSettings | None:
        """How the model that was asked for cuts pictures; None where there is none here."""
        from engine.slicing import settings_in

        if self.choice is None or self.choice.server:
            return None
        return settings_in(self.choice.folder)

    def use_sampling(self, change: Callable[[Sampling], Sampling] | None) -> None:
        """Write as the person wishes, given how the model's authors advise; None: as they do."""
        self._as_wished = change

    def rest(self) -> None:
        """Let go of a model that nobody asks; the next question brings it back."""
        self._answering.rest()

    def load_again(self, device: str | None = None, *, anyway: bool = False) -> None:
        """Load the same model once more, on another device where one is named.

        A question that failed is asked again then.
        """
        failed = bool(self.exchanges) and self._list.last.state is AnswerState.FAILED
        if failed and self.choice is not None:
            self._change(state=AnswerState.WAITING, answer="")
            self._answering.wait_with(self._question())
        self._answering.load_again(device, anyway=anyway)

    # Wishes: the picture

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

    def look_at(self, shown: ShownPicture, exchanges: Iterable[Exchange] = ()) -> None:
        """Look at a picture that has been read, and go on with what was said about it."""
        self._go_on(shown, tuple(exchanges))

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
        earlier = self._list.numbered(exchanges)
        if picture is None:
            self._go_on(None, earlier)
        else:
            self._start_reading(picture)
            self._earlier = earlier
        return earlier

    # Wishes: questions and answers

    def ask(self, text: str) -> bool:
        """Ask about the picture; False where that is not possible now."""
        text = text.strip()
        if not text or self.busy:
            return False
        self.exchange_added.emit(self._list.add(text, self._model_name()))
        self._answering.ask(self._question())
        return True

    def edit(self, number: int, text: str) -> bool:
        """Put another question in place of one; the old one stays as a version."""
        return bool(text.strip()) and self._branch(number, text.strip())

    def regenerate(self, number: int) -> bool:
        """Have a question answered once more; the old answer stays as a version."""
        return self._branch(number, "")

    def continue_answer(self) -> bool:
        """Go on where the last answer ends; False where nothing is unfinished."""
        if self.busy or not self.exchanges or not self._list.last.version.unfinished:
            return False
        self._change(state=AnswerState.WAITING, reason=None)
        answer = self._list.last.answer
        self._answering.ask(self._question(Turn(Speaker.ASSISTANT, answer)), answer)
        return True

    def show_version(self, number: int, version: int) -> bool:
        """Show another version of an exchange, with what was said after it."""
        place = self._list.place(number)
        if place < 0 or self.busy or not 0 <= version < len(self.exchanges[place].versions):
            return False
        for gone in reversed(self._list.show(place, version)):
            self.exchange_hidden.emit(gone.number)
        first, *rest = self.exchanges[place:]
        self.version_shown.emit(first)
        for exchange in rest:
            self.exchange_shown.emit(exchange)
        return True

    def stop(self) -> None:
        """Stop the answer; what has been written stays."""
        self._answering.stop()

    def shutdown(self) -> None:
        """Stop, and wait until no thread of ours runs."""
        self._reading = 0
        self._reader.shutdown()
        self._answering.shutdown()

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
        self._answering.abandon()
        left = _Past(self._picture, self.exchanges)
        self._replace(picture, exchanges)
        if left.exchanges:
            self._past = left

    def _begin(self, picture: ShownPicture | None, name: str) -> None:
        """What is said belongs to one picture, so another one begins a new conversation."""
        self._answering.abandon()
        left = _Past(self._picture, self.exchanges)
        self._replace(picture, ())
        if left.exchanges:
            self._past = left
            self.told.emit(notices.new_conversation(name))

    def _replace(self, picture: ShownPicture | None, exchanges: Iterable[Exchange]) -> None:
        self._answering.abandon()
        if self._picture is not None:
            self.left.emit(self._picture, self.exchanges)
        self._reading, self._earlier = 0, ()  # the latest wish counts
        self._picture = picture.counted(self.slicing) if picture is not None else None
        self._list.replace(exchanges)
        self.picture_changed.emit(self._picture)
        self.exchanges_replaced.emit()

    @Slot(object)
    def _picture_seen(self, seen: PictureSeen) -> None:
        if self._picture is not None:
            self._know(self._picture.with_seen(seen))

    def _know(self, picture: ShownPicture) -> None:
        self._picture = picture
        self.picture_known.emit(picture)

    # Answers

    def _branch(self, number: int, text: str) -> bool:
        place = self._list.place(number)
        if place < 0 or self.busy:
            return False
        again = not text
        wished = text or self.exchanges[place].question
        for gone in reversed(self._list.branch(place, wished, self._model_name())):
            self.exchange_hidden.emit(gone.number)
        self.version_added.emit(self._list.last)
        self._answering.ask(self._question(differently=again))
        return True

    def _model_name(self) -> str:
        return self.choice.name if self.choice else ""

    def _question(self, *more: Turn, differently: bool = False) -> MakeQuestion:
        """What is asked now, with the sampling of the model that will answer."""
        *before, last = self.exchanges
        earlier = [turn for exchange in before for turn in exchange.turns]
        picture = self._picture.picture if self._picture else None

        def make(model: ModelInfo) -> Question:
            sampling = self._sampling or model.sampling
            if self._as_wished is not None:
                sampling = self._as_wished(sampling)
            if differently and sampling.decoding is not Decoding.SAMPLE:
                # What is not drawn would come out the same.
                sampling = replace(sampling, decoding=Decoding.SAMPLE)
            return Question(picture, (*earlier, last.asked, *more), sampling)

        return make

    @Slot()
    def _answer_began(self) -> None:
        self._change(state=AnswerState.GROWING)

    @Slot(str)
    def _answer_grew(self, piece: str) -> None:
        self.answer_grew.emit(self._list.last.number, piece)

    @Slot(object)
    def _answer_ended(self, ended: Ended) -> None:
        self._change(
            state=ended.state,
            answer=ended.text,
            reason=ended.reason,
            statistics=together(self._list.last.statistics, ended.statistics),
        )

    def _change(self, **what: object) -> None:
        self.exchange_changed.emit(self._list.change_last(**what))
