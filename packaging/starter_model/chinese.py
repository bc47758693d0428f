"""Chinese strings as they stand on screens: words, phrases, numbers with their units, labels."""

from __future__ import annotations

import random
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from zlib import crc32

from build_vocabulary import gb2312_level_one
from repeats import Repeats

INTERFACE_WORDS = Path(__file__).with_name("interface_words_chinese.txt")
MARKS = "，。：；！？、"
WORDS_AT_MOST = 40_000


@lru_cache(maxsize=1)
def interface_words() -> list[str]:
    """Return what stands on buttons and labels, one string a line."""
    return INTERFACE_WORDS.read_text(encoding="utf-8").splitlines()


@lru_cache(maxsize=1)
def characters() -> list[str]:
    """Return the characters that the vocabulary has."""
    return list(gb2312_level_one())


@lru_cache(maxsize=2)
def words(held_out: bool) -> tuple[list[str], list[int]]:
    """Return the commoner words of one side of the split with their weights, from jieba's list.

    Where the package is not installed, single characters stand in for words.
    """
    found = find_spec("jieba")
    if found is None or found.origin is None:
        return characters(), [1] * len(characters())
    known = set(characters())
    rows = (
        line.split(" ")
        for line in Path(found.origin).with_name("dict.txt").read_text("utf-8").splitlines()
    )
    counted = [
        (word, int(count))
        for word, count, *_ in rows
        if set(word) <= known and (crc32(word.encode()) % 16 == 0) == held_out
    ]
    counted.sort(key=lambda pair: -pair[1])
    chosen = counted[:WORDS_AT_MOST]
    # the square root: rarer words are drawn more often than people write them
    return [word for word, _ in chosen], [max(1, round(count**0.5)) for _, count in chosen]


class ChineseSource:
    """A source of short strings that shares its random numbers with the English one."""

    def __init__(self, source: random.Random, held_out: bool, repeats: Repeats) -> None:
        """Draw from a random source, on one side of the word split."""
        self.random = source
        self.repeats = repeats
        self.words, weights = words(held_out)
        self.reach = _running_sums(weights)

    def word(self) -> str:
        """Return one word, common ones more often."""
        return self.random.choices(self.words, cum_weights=self.reach)[0]

    def run(self) -> str:
        """Return a few words as a sentence's part, perhaps with a mark behind it."""
        text = "".join(self.word() for _ in range(self.random.randint(1, 4)))
        return text + (self.random.choice(MARKS) if self.random.random() < 0.3 else "")

    def scramble(self) -> str:
        """Return characters that can only be read and not guessed, each as likely as any."""
        text = "".join(self.random.choices(characters(), k=self.random.randint(1, 6)))
        return self.repeats.characters(text)

    def quantity(self) -> str:
        """Return a date, a time, an amount or a share in Chinese notation."""
        pick = self.random.randint
        return self.random.choice(
            (
                f"{pick(1990, 2035)}年{pick(1, 12)}月{pick(1, 28)}日",
                f"{pick(1, 12)}月{pick(1, 28)}日",
                f"{pick(0, 23)}:{pick(0, 59):02}",
                f"¥{pick(1, 99999) / 100:.2f}",
                f"{pick(1, 9999)}元",
                f"{pick(0, 100)}%",
                f"第{pick(1, 99)}页",
                f"{pick(1, 999)}个",
            )
        )

    def interface(self) -> str:
        """Return a word that stands on buttons and labels."""
        return self.random.choice(interface_words())

    def item(self) -> str:
        """Return one string of any kind, or one again."""
        return self.repeats.item(self._new)

    def _new(self) -> str:
        # few words of interfaces: there are so few that they would be guessed and not read
        kinds = (*[self.run] * 3, *[self.scramble] * 3, self.quantity, self.interface)
        return self.random.choice(kinds)()

    def phrase(self, width: int, other: str) -> str:
        """Return items, at most `width` half characters wide; `other` may stand among them."""
        parts: list[str] = []
        between = self.random.choice(("", "", " "))
        mixed = self.random.random() < 0.3
        while half_widths("".join(parts)) < width and len(parts) < 30:
            parts.append(self.item())
            if mixed and len(parts) == 1:
                parts.append(other)
        text = between.join(parts)
        while len(text) > 1 and half_widths(text) > width:
            text = text[:-1]
        return text.strip() or "文"


def half_widths(text: str) -> int:
    """Return how wide a text is: two for a Chinese character or mark, one for any other."""
    return sum(2 if ord(character) > 0x2FFF else 1 for character in text)


def _running_sums(weights: list[int]) -> list[int]:
    total, sums = 0, []
    for weight in weights:
        total += weight
        sums.append(total)
    return sums
