"""Keeps the conversation while it goes on, and takes kept ones up again."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from desktop_app import history_notices
from desktop_app.conversation import Conversation
from desktop_app.exchange import AnswerState, Exchange
from desktop_app.history.exchanges import (
    Place,
    answer_turn,
    exchanges_of,
    question_turn,
    title_of,
)
from desktop_app.history.places import Places
from desktop_app.history.records import (
    HistoryError,
    Hit,
    Imported,
    StoredConversation,
    StoredPicture,
    StoredTurn,
    Summary,
)
from desktop_app.history.store import HistoryStore
from desktop_app.kept_picture import stored_picture
from engine.messages import Picture

LOG = logging.getLogger(__name__)
PARTIAL_MS = 3000  # so much of an answer that grows can be lost
OPEN_STATES = (AnswerState.WAITING, AnswerState.GROWING)
Value = TypeVar("Value")


class Recorder(QObject):
    """Stands between the conversation and the history; lives on the GUI thread.

    A conversation in which something was said while nothing was to be kept is never kept.
    """

    changed = Signal()  # the list is another one
    current_changed = Signal(str)  # the id of the conversation that is open, or nothing
    keeping_changed = Signal(bool)
    failed = Signal(object)  # HistoryError
    told = Signal(object)  # Notice

    def __init__(
        self,
        conversation: Conversation,
        path: Path,
        keeping: bool = True,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._conversation = conversation
        self._path = path
        self._keeping = keeping
        self._store: HistoryStore | None = None
        self._current = ""
        self._private = False
        self._tell_unkept = False
        self._places = Places()
        self._removed: tuple[StoredConversation, bool] | None = None  # and whether it was open
        self._partial = QTimer(self)
        self._partial.setInterval(PARTIAL_MS)
        self._partial.timeout.connect(self.save_partial)
        conversation.exchange_added.connect(self._added)
        conversation.exchange_changed.connect(self._exchange_changed)
        conversation.version_added.connect(self._version_added)
        conversation.version_shown.connect(self._version_shown)
        conversation.exchanges_replaced.connect(self._replaced)

    # The history

    def open(self, days: int = 0) -> None:
        """Open the file, and remove what is older than so many days; 0 keeps everything."""
        if not self._keeping and not self._path.exists():
            return
        self._store = self._tried(lambda: HistoryStore(self._path))
        if self._store is not None:
            if self._store.set_aside is not None:
                self.told.emit(history_notices.damaged(self._store.set_aside))
            if days:
                self._with(lambda store: store.delete_older(days))
        self.changed.emit()

    def close(self) -> None:
        """Save what has been written so far and let go of the file."""
        self.save_partial(AnswerState.STOPPED)
        self._with(lambda store: store.close())
        self._store = None
        self._partial.stop()

    @property
    def available(self) -> bool:
        """Whether there is a history to look into."""
        return self._store is not None

    @property
    def current(self) -> str:
        """The id of the kept conversation that is open; empty where it is not kept."""
        return self._current

    @property
    def keeping(self) -> bool:
        """Whether new conversations are kept."""
        return self._keeping

    def keep(self, keeping: bool) -> None:
        """Keep conversations from now on, or do not."""
        self._keeping = keeping
        if not keeping:
            self._make_private()
        elif self._store is None:
            self.open()
        self.keeping_changed.emit(keeping)

    def summaries(self, most: int = -1) -> list[Summary]:
        """The list, or the beginning of it."""
        return self._with(lambda store: store.summaries(most)) or []

    def search(self, query: str) -> list[Hit]:
        """The conversations that hold a text."""
        return self._with(lambda store: store.search(query)) or []

    def thumbnail(self, key: str) -> bytes:
        """The small PNG of a picture."""
        return self._with(lambda store: store.thumbnail(key)) or b""

    def rename(self, key: str, title: str) -> None:
        """Give a conversation another title."""
        if title.strip():
            self._with(lambda store: store.rename(key, title_of(title)))
            self.changed.emit()

    def pin(self, key: str, pinned: bool) -> None:
        """Keep a conversation on top, or no longer."""
        self._with(lambda store: store.pin(key, pinned))
        self.changed.emit()

    def take_up(self, key: str) -> None:
        """Open a kept conversation; an answer that is being written is stopped and kept."""
        if key == self._current:
            return
        kept = self._load(key)
        if kept is None:
            self.changed.emit()
            return
        self._tell_unkept = self._private and bool(self._conversation.exchanges)
        name = kept.summary.picture_name
        picture = Picture(kept.picture.data, name, kept.picture.key) if kept.picture else None
        exchanges, places = exchanges_of(kept.turns, kept.summary.model)
        self._places.learn(key, self._conversation.take_up(picture, exchanges), places)
        self._replaced()

    def delete(self, key: str) -> None:
        """Remove a conversation; the last one removed can be put back."""
        was_open = key == self._current
        if was_open:
            self._conversation.begin_anew()
        kept = self._load(key)
        if kept is None:
            return
        self._removed = (kept, was_open)
        self._with(lambda store: store.delete(key))
        self._places.forget_home(key)
        self.changed.emit()
        self.told.emit(history_notices.deleted(kept.summary.title))

    def put_back(self) -> None:
        """Undo the last removal."""
        if self._removed is not None:
            (kept, was_open), self._removed = self._removed, None
            self._with(lambda store: store.add([kept]))
            self.changed.emit()
            if was_open and not self._conversation.exchanges:
                self.take_up(kept.summary.id)

    def delete_all(self) -> None:
        """Remove everything for good; the conversation that is open stays, and is not kept."""
        self._removed = None
        self._make_private()
        self._places.clear()
        self._set_current("")
        self._with(lambda store: store.delete_all())
        self.changed.emit()

    def forget_older(self, days: int) -> None:
        """Remove what has not been used for so many days and is not open; 0 keeps everything."""
        if days and self._with(lambda store: store.delete_older(days, self._current)):
            left = {summary.id for summary in self.summaries()}
            for home in self._places.homes - left:
                self._places.forget_home(home)
            self.changed.emit()

    def kept(self, keys: Iterable[str] | None = None) -> list[StoredConversation]:
        """Whole conversations, all of them where none is named."""
        if keys is None:
            keys = [summary.id for summary in self.summaries()]
        return [found for key in keys if (found := self._load(key)) is not None]

    def _load(self, key: str) -> StoredConversation | None:
        return self._with(lambda store: store.load(key))

    def add(self, conversations: Iterable[StoredConversation]) -> Imported | None:
        """Take in conversations from a file; None where that failed."""
        done = self._with(lambda store: store.add(conversations))
        self.changed.emit()
        return done

    # The conversation

    @Slot(object)
    def _added(self, exchange: Exchange) -> None:
        self._private = self._private or not self._keeping
        if self._private or self._store is None:
            return
        if self._current:
            before = self._conversation.exchanges[-2:-1]
            for earlier in before:  # which may have been cut off before it had an answer
                self._save(earlier)
            self._write(exchange, *before)
        else:
            self._begin(self._conversation.exchanges)
        self.changed.emit()

    @Slot(object)
    def _version_added(self, exchange: Exchange) -> None:
        self._private = self._private or not self._keeping
        if self._places.home(exchange) and not self._private:
            self._write(exchange, *self._conversation.exchanges[-2:-1])
            self.changed.emit()

    def _write(self, exchange: Exchange, before: Exchange | None = None) -> None:
        """Keep a question that is new, here or as a version of another one."""
        place = self._places.add(self._current, exchange, before)
        self._put(self._current, question_turn(exchange.version, place, time.time()))
        if before is None:
            title = title_of(exchange.question)
            self._with(lambda store: store.retitle(self._current, title))

    def _begin(self, exchanges: tuple[Exchange, ...]) -> None:
        """Keep a conversation; what was said before could not be kept at its own time."""
        turn = question_turn(exchanges[0].version, Place(0, 0, 0, 0), time.time())
        title = title_of(exchanges[0].question)
        begun = self._with(lambda store: store.begin(title, turn, self._model(), self._seen()))
        if begun is None:
            return
        self._set_current(begun)
        before: list[Exchange] = []
        for exchange in exchanges:
            for earlier in before:
                self._save(earlier)
            self._write(exchange, *before)
            before = [exchange]

    @Slot(object)
    def _version_shown(self, exchange: Exchange) -> None:
        home = self._places.home(exchange)
        if home and not self._private:
            place = self._places.of(exchange)
            turns = ((place.position, place.question), (place.position + 1, place.answer))
            self._with(lambda store: store.show(home, turns))

    def _make_private(self) -> None:
        """What is open is not kept from now on, also when one comes back to it."""
        exchanges = self._conversation.exchanges
        self._private = bool(exchanges)
        self._places.forget(exchanges)

    @Slot(object)
    def _exchange_changed(self, exchange: Exchange) -> None:
        if exchange.state is AnswerState.GROWING:
            if not self._partial.isActive():
                self._partial.start()
        elif exchange.state is not AnswerState.WAITING:
            self._partial.stop()
            self._save(exchange)
            self.changed.emit()

    @Slot()
    def save_partial(self, state: AnswerState = AnswerState.GROWING) -> None:
        """Save an answer that is not finished as far as it has come."""
        exchanges = self._conversation.exchanges
        if exchanges and exchanges[-1].state in OPEN_STATES:
            answer = self._conversation.text_so_far
            self._save(exchanges[-1].changed(answer=answer, state=state))

    def _save(self, exchange: Exchange) -> None:
        home = self._places.home(exchange)
        if home and not self._private:
            place = self._places.of(exchange)
            self._put(home, answer_turn(exchange.version, place, time.time()))

    def _put(self, key: str, turn: StoredTurn) -> None:
        self._with(lambda store: store.put_turn(key, turn))

    @Slot()
    def _replaced(self) -> None:
        """Another conversation is open: a kept one, a new one, or one that is not kept."""
        exchanges = self._conversation.exchanges
        home = self._places.home(exchanges[0]) if exchanges else ""
        self._private = bool(exchanges) and not home
        self._set_current(home)
        if self._tell_unkept and home:
            self._tell_unkept = False
            self.told.emit(history_notices.left_unkept())

    def _set_current(self, key: str) -> None:
        self._current = key
        self.current_changed.emit(key)

    def _model(self) -> str:
        choice = self._conversation.choice
        return choice.name if choice else ""

    def _seen(self) -> StoredPicture | None:
        shown = self._conversation.picture
        return stored_picture(shown) if shown else None

    # Errors

    def _with(self, use: Callable[[HistoryStore], Value]) -> Value | None:
        store = self._store
        return None if store is None else self._tried(lambda: use(store))

    def _tried(self, action: Callable[[], Value]) -> Value | None:
        try:
            return action()
        except HistoryError as error:
            LOG.exception("history")
            self.failed.emit(error)
            return None
