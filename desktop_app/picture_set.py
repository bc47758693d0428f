"""Several pictures at once: each has its own conversation, since the model looks at one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from desktop_app import notices
from desktop_app.conversation import Conversation
from desktop_app.exchange import AnswerState, Exchange
from desktop_app.picture_reader import ShownPicture, count_views
from engine.messages import Picture

MOST = 30
THUMBNAIL = QSize(128, 96)  # pixels


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture of the set, with what was said about it while another one is looked at."""

    picture: Picture
    thumbnail: QImage
    width: int
    height: int
    views: int
    exchanges: tuple[Exchange, ...] = ()


class PictureSet(QObject):
    """Is empty unless there are two pictures or more; one of them is looked at."""

    changed = Signal()
    asking_changed = Signal()

    def __init__(self, conversation: Conversation, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._conversation = conversation
        self._kept: list[Kept] = []
        self._reading: dict[int, str] = {}  # numbers of pictures that will join
        self._failed: list[Exception] = []  # of those that came together
        self._coming = 0  # number of the picture that will be looked at
        self._to_ask: list[str] = []  # keys of the pictures that are still to be asked about
        self._question = ""
        conversation.reader.finished.connect(self._read)
        conversation.left.connect(self._leave)
        conversation.picture_changed.connect(self._follow)
        conversation.slicing_changed.connect(self._recount)
        conversation.exchange_changed.connect(self._answered)

    @property
    def pictures(self) -> tuple[Kept, ...]:
        """All of them, in the order in which they came; none where there is only one."""
        return tuple(self._kept) if len(self._kept) > 1 else ()

    @property
    def current(self) -> int:
        """Which one is looked at; -1 for none."""
        shown = self._conversation.picture
        keys = [kept.picture.key for kept in self._kept]
        return keys.index(shown.picture.key) if shown and shown.picture.key in keys else -1

    @property
    def still_to_ask(self) -> int:
        """About how many pictures the question for all is still to be put."""
        return len(self._to_ask)

    def open(self, paths: Iterable[Path]) -> None:
        """Look at one picture, or bring several together; a set that is there grows."""
        paths = list(paths)
        if len(paths) == 1 and not self.pictures:
            self._conversation.open_pictures(paths)
            return
        room = MOST - len(self.pictures)
        if len(paths) > room:
            self._conversation.told.emit(notices.too_many(len(paths), MOST))
        if not self.pictures:
            self._kept = []
        for path in paths[:room]:
            self._reading[self._conversation.reader.start(path)] = path.name

    def choose(self, place: int) -> None:
        """Look at another one and go on with what was said about it."""
        self._stop_asking()
        self._go_to(place)

    def step(self, by: int) -> None:
        """Look at the next one, or at the one before."""
        if self.pictures:
            self.choose((self.current + by) % len(self._kept))

    def remove(self, place: int) -> None:
        """Take one out; what was said about it stays in the history."""
        if not 0 <= place < len(self.pictures):
            return
        self._stop_asking()
        gone, was_current = self._kept[place], place == self.current
        del self._kept[place]
        self._to_ask = [key for key in self._to_ask if key != gone.picture.key]
        if was_current:
            self._go_to(min(place, len(self._kept) - 1))
        self.changed.emit()

    def ask_all(self, question: str) -> bool:
        """Put one question to every picture, one after the other, the one that is shown first."""
        if self._conversation.busy or not self.pictures or not question.strip():
            return False
        first = max(self.current, 0)
        order = [*self._kept[first:], *self._kept[:first]]
        self._question, self._to_ask = question, [kept.picture.key for kept in order]
        self._ask_next()
        return True

    # Reading

    @Slot(int, object)
    def _read(self, number: int, outcome: ShownPicture | Exception) -> None:
        if number == self._coming:
            self._coming = 0
            self._arrive(outcome)
        elif self._reading.pop(number, None) is not None:
            self._join(outcome)

    def _join(self, outcome: ShownPicture | Exception) -> None:
        if isinstance(outcome, Exception):
            self._failed.append(outcome)
        else:
            self._add(outcome)
        if not self._reading:
            self._tell_failures()

    def _add(self, shown: ShownPicture) -> None:
        keys = [kept.picture.key for kept in self._kept]
        if shown.picture.key not in keys:  # the same one twice is one
            self._kept.append(_kept(shown))
            self._count()
        if self.current < 0:
            self._conversation.look_at(shown)
        self.changed.emit()

    def _tell_failures(self) -> None:
        """Once, at the end: one notice would hide the one before, and a picture all of them."""
        failed, self._failed = self._failed, []
        if len(failed) == 1:
            self._conversation.failed.emit(failed[0])
        elif failed:
            self._conversation.told.emit(notices.several_failed(failed))

    def _arrive(self, outcome: ShownPicture | Exception) -> None:
        if isinstance(outcome, Exception):
            self._stop_asking()
            self._conversation.failed.emit(outcome)
            return
        for kept in self._kept:
            if kept.picture.key == outcome.picture.key:
                self._conversation.look_at(outcome, kept.exchanges)
                self._put()

    def _go_to(self, place: int) -> None:
        if 0 <= place < len(self._kept) and place != self.current:
            self._coming = self._conversation.reader.start(self._kept[place].picture)

    # Following the conversation

    @Slot(object, object)
    def _leave(self, picture: ShownPicture, exchanges: tuple[Exchange, ...]) -> None:
        for place, kept in enumerate(self._kept):
            if kept.picture.key == picture.picture.key:
                self._kept[place] = replace(kept, exchanges=exchanges, views=picture.views)

    @Slot(object)
    def _follow(self, shown: ShownPicture | None) -> None:
        """Another picture than one of these begins something else, and the set goes."""
        if self._kept and self.current < 0:
            self._kept, self._reading, self._coming = [], {}, 0
            self._stop_asking()
        self.changed.emit()

    @Slot()
    def _recount(self) -> None:
        self._count()
        self.changed.emit()

    def _count(self) -> None:
        """Every model has its own way to cut pictures into views."""
        slicing = self._conversation.slicing
        self._kept = [
            replace(kept, views=count_views(kept.width, kept.height, slicing))
            for kept in self._kept
        ]

    # One question for all

    def _ask_next(self) -> None:
        keys = [kept.picture.key for kept in self._kept]
        if not self._to_ask:
            self.asking_changed.emit()
            return
        place = keys.index(self._to_ask[0])
        if place == self.current:
            self._put()
        else:
            self._go_to(place)

    def _put(self) -> None:
        """Ask about the picture that is shown, if it is its turn."""
        current = self.current
        if self._to_ask and current >= 0 and self._kept[current].picture.key == self._to_ask[0]:
            self._conversation.ask(self._question)
            self.asking_changed.emit()

    @Slot(object)
    def _answered(self, exchange: Exchange) -> None:
        if not self._to_ask or exchange.state in (AnswerState.WAITING, AnswerState.GROWING):
            return
        if exchange.state is AnswerState.FINISHED:
            del self._to_ask[0]
            # The conversation is still closing this answer.
            QTimer.singleShot(0, self, self._ask_next)
        else:
            self._stop_asking()

    def _stop_asking(self) -> None:
        if self._to_ask:
            self._to_ask = []
            self.asking_changed.emit()


def _kept(shown: ShownPicture) -> Kept:
    small = shown.image.scaled(
        THUMBNAIL,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    return Kept(shown.picture, small, shown.width, shown.height, shown.views)
