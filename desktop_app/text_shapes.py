"""Shapes of a text that was read: joined lines, one line, a table. Pure, for any reader's text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

_BULLET = re.compile(
    r"\s*(?:[-*–—]\s|[•·‣▪◦☐☑□■]|\(?\d{1,3}[.)]\s|\d{1,3}[、．]|[（(][一二三四五六七八九十]+[)）])"
)
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u00ad\u2010]$")
_ENDS = ".!?…:;。！？：；」』”）)"
_RULE = re.compile(r"[-─━═+|│┃┼├┤┬┴╪╞╡┌┐└┘╔╗╚╝╠╣╬╦╩║: ]+")
_PIPE = re.compile(r"[│┃║]")
_SECOND_HALF = "\0"
_WIDE_GAP = re.compile(r"[ \u3000]{2,}")
CELL = "\t"  # between the cells of a table's row
SHORT_LINE = 0.7  # of the longest: a line that stops before it ends its paragraph


def joined(text: str) -> str:
    """The lines of each paragraph as one; paragraphs, list items and rows of cells stay apart.

    Chinese lines join without a space, a word that was parted at a line's end becomes whole.
    """
    return "\n\n".join(
        "\n".join(_join(lines) for lines in _runs(paragraph)) for paragraph in _paragraphs(text)
    )


def single_line(text: str) -> str:
    """Everything on one line."""
    lines = (_trimmed(line).replace(CELL, " ") for line in text.splitlines())
    return _join([line for line in lines if line])


def _paragraphs(text: str) -> list[list[str]]:
    """Lines between blank ones."""
    paragraphs: list[list[str]] = [[]]
    for line in map(_trimmed, text.splitlines()):
        if line:
            paragraphs[-1].append(line)
        elif paragraphs[-1]:
            paragraphs.append([])
    return [lines for lines in paragraphs if lines]


def _runs(lines: list[str]) -> list[list[str]]:
    """The lines that belong together within a paragraph."""
    longest, runs = max(map(_width, lines)), [[lines[0]]]
    for before, line in pairwise(lines):
        row = CELL in line or CELL in before
        if row or _BULLET.match(line) or _closes(before, longest):
            runs.append([line])
        else:
            runs[-1].append(line)
    return runs


def _closes(line: str, longest: int) -> bool:
    """Whether a line was ended on purpose: it stops early, and after a sentence."""
    return line[-1] in _ENDS and _width(line) < SHORT_LINE * longest


def _trimmed(line: str) -> str:
    cells = line.strip().replace("\u3000", " ").split(CELL)
    return CELL.join(" ".join(cell.split()) for cell in cells)


def _width(line: str) -> int:
    """In columns, of which a Chinese character takes two."""
    from engine.quick.characters import is_cjk

    return sum(2 if is_cjk(character) else 1 for character in line)


def _join(lines: Sequence[str]) -> str:
    from engine.quick.characters import touch

    text = lines[0] if lines else ""
    for line in lines[1:]:
        if _HYPHEN.search(text) and line[0].islower():
            text = _HYPHEN.sub("", text) + line
        else:
            text += ("" if touch(text, line) else " ") + line
    return text


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of equally many cells."""

    rows: tuple[tuple[str, ...], ...]

    def as_tsv(self) -> str:
        """For a spreadsheet; a tab or a line break within a cell becomes a space."""
        return "\n".join("\t".join(" ".join(cell.split()) for cell in row) for row in self.rows)

    def as_csv(self) -> str:
        """With quotes where a cell needs them."""
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(self.rows)
        return out.getvalue().rstrip("\n")

    def as_markdown(self) -> str:
        """With the first row as the heading."""
        rows = [[" ".join(cell.split()).replace("|", "\\|") for cell in row] for row in self.rows]
        rows.insert(1, ["---"] * len(rows[0]))
        return "\n".join("| " + " | ".join(row) + " |" for row in rows)


Split = Callable[[str], list[str] | None]


def table_in(text: str) -> Table | None:
    """The largest table in a text: cells parted by tabs, by pipes, or by columns of space."""
    lines = [line.rstrip() for line in text.splitlines()]
    found = [*_tables(lines, _tab_cells), *_tables(lines, _pipe_cells), *_spaced_tables(lines)]
    return max(found, key=lambda table: len(table.rows) * len(table.rows[0]), default=None)


def _tables(lines: list[str], split: Split) -> Iterator[Table]:
    """Each run of lines that are rows; a ruled line within it is no row of its own."""
    for is_row, group in groupby(lines, lambda line: split(line) is not None or _is_rule(line)):
        if is_row:
            yield from _table([split(line) or [] for line in group if not _is_rule(line)])


def _table(rows: list[list[str]]) -> Iterator[Table]:
    """Rows made equally long; less than two rows or two columns are no table."""
    columns = max((len(row) for row in rows), default=0)
    if len(rows) > 1 and columns > 1:
        yield Table(tuple((*row, *[""] * (columns - len(row))) for row in rows))


def _is_rule(line: str) -> bool:
    return len(line) > 2 and bool(_RULE.fullmatch(line)) and any(mark in line for mark in "-─═")


def _tab_cells(line: str) -> list[str] | None:
    return [cell.strip() for cell in line.split("\t")] if "\t" in line.strip() else None


def _pipe_cells(line: str) -> list[str] | None:
    inner = _PIPE.sub("|", line.strip())
    bare = inner.removeprefix("|").removesuffix("|")
    if "|" not in bare and (bare == inner or not bare.strip()):
        return None
    cells = re.split(r"(?<!\\)\|", bare)
    return [cell.strip().replace("\\|", "|") for cell in cells]


def _spaced_tables(lines: list[str]) -> Iterator[Table]:
    """Tables whose columns are parted by two spaces or more, empty cells by where they lie."""
    for is_row, group in groupby(lines, lambda line: bool(_WIDE_GAP.search(line.strip()))):
        if not is_row:
            continue
        rows = list(group)
        split = [_WIDE_GAP.split(row.strip()) for row in rows]
        even = len({len(cells) for cells in split}) == 1
        yield from _table(split if even else _cut_where_all_are_blank(rows))


def _cut_where_all_are_blank(lines: list[str]) -> list[list[str]]:
    """Cells by their columns on a screen, where a Chinese character takes two."""
    grids = [_grid(line) for line in lines]
    wide = max(map(len, grids))
    ink = "".join(" " if all(not grid[x : x + 1].strip() for grid in grids) else "#"
                  for x in range(wide))  # fmt: skip
    spans = [match.span() for match in re.finditer(r"#+(?: #+)*", ink)]
    return [
        [grid[left:right].replace(_SECOND_HALF, "").strip() for left, right in spans]
        for grid in grids
    ]


def _grid(line: str) -> str:
    """The line with a mark behind each character that takes two columns."""
    from engine.quick.characters import is_cjk

    return "".join(mark + _SECOND_HALF if is_cjk(mark) else mark for mark in line)
