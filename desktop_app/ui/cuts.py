"""Where Markdown that grows can be drawn for good: each line is looked at once."""

from __future__ import annotations

import re
from dataclasses import dataclass

from desktop_app.line_breaks import FENCE

ITEM = re.compile(r"([-*+]|\d{1,9}[.)]) ")
STARTS_BLOCK = re.compile(r"[^\s\-*+>|0-9]")
DELIMITER = re.compile(r" {0,3}\|?(?:\s*:?-+:?\s*\|)*\s*(?::?-+:?\s*)?")
CELL_ENDS = re.compile(r"(?<!\\)\|")
LONG = 2000  # characters, from which on a list, table or paragraph is drawn in parts
LONGEST_LINE = 6000


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that will not change any more.

    ``code`` are lines of a program whose fence stands in an earlier piece. A piece that
    ``continues`` the paragraph or list before it stands close to it. One whose first lines are
    rows of a table of which others were handed out has the table's ``head``.
    """

    text: str
    code: bool = False
    continues: bool = False
    head: str = ""


class Cuts:
    """Reads a text that grows and hands out what has become final."""

    def __init__(self) -> None:
        self.safe = 0  # characters that were handed out
        self.in_code = False  # what comes next belongs to a program of which lines were handed out
        self.head = ""  # of the table to which what comes next belongs, if rows were handed out
        self._line = 0  # where the first line starts that is not complete
        self._fence = ""
        self._at_margin = False  # the fence is, so nothing else contains it
        self._blank = False  # the line before
        self._before = ""
        self._begins = True  # the line before, a block
        self._table = ""  # the head of the table in which the lines are

    def advance(self, text: str) -> list[Piece]:
        """The pieces that have become final; ``text`` is the earlier one with more behind it."""
        made: list[Piece] = []
        while (end := text.find("\n", self._line) + 1) > 0:
            start, self._line = self._line, end
            made += self._take(text, start, end)
        rest = text[self._line : self._line + 1]
        if not self._fence and self._blank and STARTS_BLOCK.match(rest):
            made += self._cut(text, self._line)
        if not self._fence:
            made += self._split(text, self._line, len(text))
        return made

    def may_close(self, rest: str) -> bool:
        """Whether the beginning of a line could become the end of the program."""
        return self.in_code and self._fence.startswith(rest.strip()[: len(self._fence)])

    def _take(self, text: str, start: int, end: int) -> list[Piece]:
        line = text[start:end]
        if self._fence:
            return self._take_code(text, line, end)
        mark = FENCE.match(line.rstrip("\n"))
        if mark is not None:
            self._fence, self._at_margin = mark.group(1), not line.startswith(" ")
            self._table = ""
            return self._cut(text, start) if self._at_margin else []
        made = self._cut_before(text, line, start) + self._split(text, start, end)
        self._table = self._head_after(line)
        self._begins = not self._before.strip() or self._before.startswith("#")
        self._blank, self._before = not line.strip(), line
        return made

    def _head_after(self, line: str) -> str:
        """The head of the table that is open after a line: two lines begin it, a blank ends it."""
        if self._table:
            return self._table if line.strip() else ""
        drawn = self._begins and "|" in line and DELIMITER.fullmatch(line.rstrip("\n"))
        margin = self._before.startswith("|") or STARTS_BLOCK.match(self._before)
        if drawn and margin and "|" in self._before and _cells(self._before) == _cells(line):
            return self._before + line
        return ""

    def _cut_before(self, text: str, line: str, start: int) -> list[Piece]:
        """A blank line ends a block, but only what begins a paragraph ends a list or a table."""
        if self._blank and STARTS_BLOCK.match(line):
            return self._cut(text, start)
        if start - self.safe < LONG:
            return []
        if self._table and "|" in line:
            return self._cut(text, start, goes_on=self._table)
        listed = ITEM.match(text, self.safe) is not None
        plain = not (self._blank or listed or line[:1].isspace() or "|" in line)
        if (listed and ITEM.match(line)) or plain:
            return self._cut(text, start, continues=True)
        return []

    def _split(self, text: str, start: int, end: int) -> list[Piece]:
        """A line without an end is broken, between words where there are any."""
        made: list[Piece] = []
        while start <= self.safe < end - LONGEST_LINE:
            last = self.safe + LONGEST_LINE
            place = text.rfind(" ", last - 200, last) + 1
            made += self._cut(text, place or last, continues=True)
        return made

    def _take_code(self, text: str, line: str, end: int) -> list[Piece]:
        mark = FENCE.match(line.rstrip("\n"))
        closed = (
            mark is not None and mark.group(1).startswith(self._fence) and not mark.group(2).strip()
        )
        if closed:
            self._fence, self._blank = "", False
        if not self._at_margin:
            return []
        made = [] if closed and self.in_code else self._cut(text, end, code=self.in_code)
        self.safe, self.in_code = end, not closed
        return made

    def _cut(
        self,
        text: str,
        end: int,
        *,
        code: bool = False,
        continues: bool = False,
        goes_on: str = "",
    ) -> list[Piece]:
        """``goes_on`` is the head of a table that is cut."""
        piece, self.safe = text[self.safe : end], max(self.safe, end)
        head, self.head = self.head, goes_on
        return [Piece(piece, code, continues, head)] if piece.strip() or code else []


def _cells(line: str) -> int:
    """How many columns a row has."""
    return len(CELL_ENDS.split(line.strip().removeprefix("|").removesuffix("|")))
