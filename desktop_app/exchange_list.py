"""The exchanges that are shown, in order, and the versions that could be shown instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from desktop_app.exchange import Exchange, Version


class ExchangeList:
    """Owns the exchanges of one conversation and gives each of them a number.

    To show another version of an exchange is to show another end of the conversation: what
    followed is kept in the version that goes, and comes back with it.
    """

    def __init__(self) -> None:
        self._items: list[Exchange] = []
        self._last_number = 0

    @property
    def items(self) -> tuple[Exchange, ...]:
        """What is shown, the oldest first."""
        return tuple(self._items)

    @property
    def last(self) -> Exchange:
        """The latest exchange; there must be one."""
        return self._items[-1]

    def place(self, number: int) -> int:
        """Where an exchange stands; -1 where it is not shown."""
        return next((i for i, item in enumerate(self._items) if item.number == number), -1)

    def replace(self, exchanges: Iterable[Exchange]) -> None:
        """Show another conversation."""
        self._items = list(exchanges)

    def add(self, question: str, model: str) -> Exchange:
        """Ask a model something at the end."""
        self._last_number += 1
        self._items.append(Exchange.of(self._last_number, question, model))
        return self.last

    def change_last(self, **what: object) -> Exchange:
        """Change the version that is shown of the latest exchange."""
        self._items[-1] = self.last.changed(**what)
        return self.last

    def branch(self, place: int, question: str, model: str) -> tuple[Exchange, ...]:
        """Begin a new version of an exchange, now the last one; what went with the old."""
        old, gone = self._cut(place)
        versions = (*old.versions, Version(question, model=model))
        self._items.append(replace(old, versions=versions, shown=len(versions) - 1))
        return gone

    def show(self, place: int, version: int) -> tuple[Exchange, ...]:
        """Show another version with what followed it; what went with the old one."""
        old, gone = self._cut(place)
        shown = replace(old, shown=version)
        self._items += [shown.changed(following=()), *shown.version.following]
        return gone

    def _cut(self, place: int) -> tuple[Exchange, tuple[Exchange, ...]]:
        """Take the end off; its first exchange keeps the rest."""
        first, *rest = self._items[place:]
        del self._items[place:]
        return first.changed(following=tuple(rest)), tuple(rest)

    def numbered(self, exchanges: Iterable[Exchange]) -> tuple[Exchange, ...]:
        """The same with numbers that no other exchange has, those behind other versions too."""
        made = []
        for exchange in exchanges:
            self._last_number += 1
            number = self._last_number
            versions = tuple(
                replace(version, following=self.numbered(version.following))
                for version in exchange.versions
            )
            made.append(replace(exchange, number=number, versions=versions))
        return tuple(made)
