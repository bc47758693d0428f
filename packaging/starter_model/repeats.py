"""Texts that say again what they have said: words recur on screens, and letters stand twice.

A reader finds its place by what it has just written. What stands twice is where it goes wrong.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise

KEPT = 24  # strings that may be said again
DOUBLED = 0.3  # of the words are those with double letters; half as many random characters double


class Repeats:
    """Says something again now and then; while `share` is zero it draws no random number."""

    def __init__(self, source: random.Random) -> None:
        """Draw from this source, and repeat nothing."""
        self.random, self.share = source, 0.0
        self._said: list[str] = []

    def begin(self, share: float) -> None:
        """Begin a picture, in which so many strings are said again."""
        self.share = share
        self._said.clear()

    def item(self, make: Callable[[], str]) -> str:
        """Return what was said before, or something new."""
        if self._said and self.random.random() < self.share:
            return self.random.choice(self._said)
        said = make()
        if self.share:
            self._said = [*self._said, said][-KEPT:]
        return said

    def words(self, plain: list[str], doubled: list[str]) -> list[str]:
        """Return the words to choose from: more of those with double letters than chance has."""
        return doubled if self.share and doubled and self.random.random() < DOUBLED else plain

    def characters(self, text: str) -> str:
        """Return a text in which some characters stand twice."""
        if not self.share:
            return text
        return "".join(c * (1 + (self.random.random() < DOUBLED / 2)) for c in text)


def has_double(word: str) -> bool:
    """Whether a letter stands twice in a row."""
    return any(one == other for one, other in pairwise(word))
