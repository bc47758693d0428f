"""Strings as they stand on screens: words, numbers, dates, file names, random characters."""

from __future__ import annotations

import random
import string
from functools import lru_cache
from pathlib import Path
from zlib import crc32

import chinese
from repeats import Repeats, has_double

DICTIONARY = Path("/usr/share/dict/words")
RANDOM_CHARACTERS = string.ascii_letters + string.digits * 3 + ".,:;-_/()@#%&+=*!?'\"<>[]{}$^~|\\`"
FILE_ENDINGS = ("txt", "pdf", "png", "jpg", "py", "md", "docx", "csv", "zip", "json", "html", "log")
INTERFACE_WORDS = Path(__file__).with_name("interface_words.txt")


def is_held_out(word: str) -> bool:
    """Tell whether a word belongs to the evaluation and is never drawn in training."""
    return crc32(word.lower().encode()) % 16 == 0


@lru_cache(maxsize=1)
def interface_words() -> list[str]:
    """Return what stands on buttons and labels, one string a line."""
    return INTERFACE_WORDS.read_text(encoding="utf-8").splitlines()


@lru_cache(maxsize=2)
def dictionary(held_out: bool) -> list[str]:
    """Return the plain English words of one side of the split, or of buttons if there are none."""
    if not DICTIONARY.is_file():
        return [w for w in interface_words() if w.isalpha()]
    words = DICTIONARY.read_text(encoding="utf-8").split()
    return [
        w
        for w in words
        if w.isascii() and w.isalpha() and len(w) < 13 and is_held_out(w) == held_out
    ]


@lru_cache(maxsize=2)
def doubled(held_out: bool) -> list[str]:
    """Return those of the words in which a letter stands twice in a row."""
    return [word for word in dictionary(held_out) if has_double(word)]


class TextSource:
    """A seeded source of short strings; the evaluation uses the words that training never sees."""

    def __init__(self, seed: int, held_out: bool = False) -> None:
        """Start the source at a seed, on one side of the word split."""
        self.random = random.Random(seed)
        self.words = dictionary(held_out)
        self.doubled = doubled(held_out)
        self.repeats = Repeats(self.random)
        self.han = chinese.ChineseSource(self.random, held_out, self.repeats)
        self.chinese = False
        self.kinds = (
            [self.word] * 8
            + [self.number] * 2
            + [self.scramble] * 5
            + [self.date, self.clock, self.price]
        ) + [self.file_name, self.e_mail, self.interface, self.address, self.code]

    def word(self) -> str:
        """Return one English word in one of the usual cases, sometimes with a mark behind it."""
        word = self.random.choice(self.repeats.words(self.words, self.doubled))
        word = self.random.choice((word, word, word.lower(), word.capitalize(), word.upper()))
        return word + self.random.choice(
            (",", ".", ":", "!", "?", ";") if self.random.random() < 0.15 else ("",)
        )

    def number(self) -> str:
        """Return a number of one to eight digits, perhaps grouped, negative or a percentage."""
        value = self.random.randrange(10 ** self.random.randint(1, 8))
        return self.random.choice(
            (f"{value}", f"{value:,}", f"-{value}", f"{value / 100:.2f}", f"{value % 101}%")
        )

    def scramble(self) -> str:
        """Return random characters, which can only be read and not guessed."""
        length = self.random.randint(1, 10)
        pool = self.random.choice(
            (RANDOM_CHARACTERS, string.ascii_letters, string.ascii_letters + string.digits)
        )
        return self.repeats.characters("".join(self.random.choices(pool, k=length)))

    def date(self) -> str:
        """Return a date in one of the common notations."""
        year, month, day = (
            self.random.randint(1980, 2035),
            self.random.randint(1, 12),
            self.random.randint(1, 28),
        )
        forms = (
            f"{year}-{month:02}-{day:02}",
            f"{day}.{month}.{year}",
            f"{month}/{day}/{year}",
            f"{day:02}.{month:02}.",
        )
        return self.random.choice(forms)

    def clock(self) -> str:
        """Return a time of day."""
        hour, minute = self.random.randrange(24), self.random.randrange(60)
        return self.random.choice(
            (f"{hour}:{minute:02}", f"{hour:02}:{minute:02}:{self.random.randrange(60):02}")
        )

    def price(self) -> str:
        """Return an amount of money."""
        amount = self.random.randrange(10 ** self.random.randint(2, 6)) / 100
        return self.random.choice(
            (f"${amount:.2f}", f"{amount:,.2f}", f"{amount:.2f} EUR", f"${int(amount)}")
        )

    def file_name(self) -> str:
        """Return a file's name."""
        ending = self.random.choice(FILE_ENDINGS)
        stem = self.random.choice(self.words).lower()
        return f"{stem}{self.random.choice(('', '_', '-1', '2'))}.{ending}"

    def e_mail(self) -> str:
        """Return an e-mail address of nobody."""
        user, host = self.random.choice(self.words).lower(), self.random.choice(self.words).lower()
        return f"{user}@{host}.{self.random.choice(('com', 'org', 'net', 'io'))}"

    def address(self) -> str:
        """Return a path or a web address."""
        one, two = self.random.choice(self.words).lower(), self.random.choice(self.words).lower()
        return self.random.choice(
            (f"/{one}/{two}", f"www.{one}.com", f"https://{one}.org/{two}", f"C:\\{one}")
        )

    def code(self) -> str:
        """Return a piece of a program or of a terminal's line."""
        one, two = self.random.choice(self.words).lower(), self.random.choice(self.words).lower()
        value = self.random.randrange(100)
        forms = (
            f"{one} = {two}({value})",
            f"if {one} >= {value}:",
            f"def {one}({two}):",
            f"return {one}[{value}]",
            f"$ cd {one}/{two}",
            f'"{one}": {value},',
            f"<{one}>{value}</{one}>",
            f"{one}->{two}();",
        )
        return self.random.choice(forms)

    def interface(self) -> str:
        """Return a word that stands on buttons and labels."""
        if self.chinese:
            return self.han.interface()
        return self.random.choice(interface_words())

    def amount(self) -> str:
        """Return a price as receipts have it."""
        return f"{self.random.randrange(10 ** self.random.randint(2, 5)) / 100:.2f}"

    def item(self) -> str:
        """Return one string of any kind."""
        return self.han.item() if self.chinese else self.repeats.item(self._new)

    def _new(self) -> str:
        return self.random.choice(self.kinds)()

    def phrase(self, length: int) -> str:
        """Return items joined by spaces, at most `length` characters and at least one.

        A Chinese character counts as two.
        """
        if self.chinese:
            return self.han.phrase(length, self.random.choice(self.kinds)())
        parts: list[str] = []
        plain = self.random.random() < 0.4
        while sum(map(len, parts)) + len(parts) < length and len(parts) < 30:
            parts.append(self.repeats.item(self.word) if plain else self.item())
        return " ".join(parts)[: max(length, 1)].strip() or "a"
