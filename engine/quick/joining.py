"""What the pieces of a line say together, and where paragraphs end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import median_low

from .boxes import Box, Line
from .characters import touch
from .tables import Row

WIDE_GAP = 1.0  # in heights: between Chinese pieces so far apart there is a space after all
NEW_PARAGRAPH = 1.5  # in usual distances of lines


def row_text(row: Row, texts: Mapping[int, str]) -> str:
    """The text of a row, with tabs between cells; ``texts`` is by the boxes' numbers."""
    return "\t".join(_line_text(cell, texts) for cell in row.cells).rstrip("\t")


def _line_text(line: Line, texts: Mapping[int, str]) -> str:
    joined, last = "", None
    for box in line:
        text = texts.get(box.number, "").strip()
        if not text:
            continue
        if last is not None:
            joined += _between(joined, text, last, box)
        joined, last = joined + text, box
    return joined


def _between(before: str, after: str, left: Box, right: Box) -> str:
    close = right.left - left.right < WIDE_GAP * min(left.height, right.height)
    return "" if close and touch(before, after) else " "


def paragraph_starts(rows: Sequence[Row]) -> list[bool]:
    """For each row of a block, whether a paragraph begins there; never at the first."""
    middles = [sum(box.middle for box in row.boxes) / len(row.boxes) for row in rows]
    steps = [after - before for before, after in pairwise(middles)]
    usual = median_low(steps) if steps else 0.0
    return [False, *(step > NEW_PARAGRAPH * usual for step in steps)][: len(rows)]
