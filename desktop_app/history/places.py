"""Where the exchanges of this session are kept: in which conversation, and as which turns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from desktop_app.exchange import Exchange
from desktop_app.history.exchanges import NO_ANSWER, Place, walk

_Key = tuple[int, int]  # the exchange's number, which of its versions


class Places:
    """A conversation's id and a place for each version of each exchange that is kept."""

    def __init__(self) -> None:
        self._homes: dict[int, str] = {}
        self._places: dict[_Key, Place] = {}

    def home(self, exchange: Exchange) -> str:
        """The id of the conversation in which an exchange is kept, or nothing."""
        return self._homes.get(exchange.number, "")

    def of(self, exchange: Exchange) -> Place:
        """Where the version that is shown is kept."""
        return self._places[exchange.number, exchange.shown]

    def learn(self, home: str, exchanges: Sequence[Exchange], places: Iterable[Place]) -> None:
        """Note what was read; the places come in the order of ``walk``."""
        for (exchange, index), place in zip(walk(exchanges), places, strict=True):
            self._note(home, (exchange.number, index), place)
        for key, place in list(self._places.items()):
            if place.answer == NO_ANSWER:
                free = self._free(self._homes[key[0]], place.position)[1]
                self._places[key] = replace(place, answer=free)

    def add(self, home: str, exchange: Exchange, before: Exchange | None) -> Place:
        """Find a place for a version that is new; a question that was put before has its turn."""
        position = self.of(before).position + 2 if before else 0
        follows = self.of(before).answer if before else 0
        question, answer = self._free(home, position)
        for index, version in enumerate(exchange.versions[: exchange.shown]):
            known = self._places.get((exchange.number, index))
            if known is not None and version.question == exchange.question:
                question = known.question
        place = Place(position, question, answer, follows)
        self._note(home, (exchange.number, exchange.shown), place)
        return place

    def forget(self, exchanges: Sequence[Exchange]) -> None:
        """These are no longer kept, nor is what stands behind their other versions."""
        for exchange, index in walk(exchanges):
            self._homes.pop(exchange.number, None)
            self._places.pop((exchange.number, index), None)

    @property
    def homes(self) -> frozenset[str]:
        """The conversations of which something was on the screen."""
        return frozenset(self._homes.values())

    def forget_home(self, home: str) -> None:
        """A conversation was removed."""
        gone = {number for number, mine in self._homes.items() if mine == home}
        self._places = {key: place for key, place in self._places.items() if key[0] not in gone}
        self._homes = {number: mine for number, mine in self._homes.items() if mine != home}

    def clear(self) -> None:
        """Nothing is kept."""
        self._homes, self._places = {}, {}

    def _note(self, home: str, key: _Key, place: Place) -> None:
        self._homes[key[0]] = home
        self._places[key] = place

    def _free(self, home: str, position: int) -> tuple[int, int]:
        """The next versions of a question and of an answer at a position."""
        taken = [
            place
            for (number, _), place in self._places.items()
            if self._homes[number] == home and place.position == position
        ]
        questions = max((place.question for place in taken), default=-1)
        answers = max((place.answer for place in taken), default=-1)
        return questions + 1, answers + 1
