"""The order in which a person reads pieces of text: columns first, lines within them.

Pure geometry: nothing here knows what the pieces say, so it runs before they are read.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from .boxes import Block, Box, Line, usual_height

SAME_LINE = 0.5  # the share of height that two pieces on one line have in common
LEAST_GUTTER = 0.7  # in heights; pieces are found with a margin, so the paper's gap is wider
SAME_ROW = 0.15  # in heights: how far the cells of one table row may lie apart
LONG_PIECE = 8  # in heights: about twenty letters, longer than most cells and labels


def reading_order(boxes: Sequence[Box]) -> tuple[Block, ...]:
    """Blocks of lines, in the order in which they are read."""
    return tuple(block for block in _blocks(list(boxes)) if block)


@dataclass(frozen=True, slots=True)
class _Cut:
    """Four parts of a page around a gutter; those at its sides are read one after the other."""

    above: list[Box]
    left: list[Box]
    right: list[Box]
    below: list[Box]

    @property
    def gap(self) -> float:
        return min(box.left for box in self.right) - max(box.right for box in self.left)


def _blocks(boxes: list[Box]) -> Iterator[Block]:
    if not boxes:
        return
    cut = _best_cut(boxes)
    if cut is None:
        yield lines_of(boxes)
        return
    for part in (cut.above, cut.left, cut.right, cut.below):
        yield from _blocks(part)


def _best_cut(boxes: list[Box]) -> _Cut | None:
    """The gutter with most text at its sides, if any parts columns."""
    least = LEAST_GUTTER * usual_height(boxes)
    cuts = [cut for cut in _cuts(boxes) if cut.gap >= least]
    cuts.sort(key=lambda cut: (len(cut.left) + len(cut.right), cut.gap), reverse=True)
    return next((cut for cut in cuts if _are_columns(cut.left, cut.right)), None)


def _cuts(boxes: list[Box]) -> Iterator[_Cut]:
    """Every way to go down between pieces; what crosses the way ends it above and below."""
    ordered = sorted(boxes, key=lambda box: box.middle)
    known = set[tuple[int, int, int]]()  # most ways part the same pieces
    for x in sorted({math.floor(box.left) for box in boxes}):
        for start, end in _runs([box.left < x < box.right for box in ordered]):
            left = [box for box in ordered[start:end] if box.right <= x]
            cut = (start, end, len(left))
            if cut not in known and 1 < len(left) < end - start - 1:
                known.add(cut)
                right = [box for box in ordered[start:end] if box.right > x]
                yield _Cut(ordered[:start], left, right, ordered[end:])


def _runs(crossing: list[bool]) -> Iterator[tuple[int, int]]:
    """Where nothing crosses: from, and up to."""
    start = 0
    for crosses, group in groupby(crossing):
        end = start + len(list(group))
        if not crosses:
            yield start, end
        start = end


def _are_columns(left: list[Box], right: list[Box]) -> bool:
    """Whether the sides are read one after the other; else they are the cells of common rows.

    Cells lie level with each other, and so do the lines of two columns of prose, but those
    are long and most of them reach the end of the column.
    """
    few, many = sorted((lines_of(left), lines_of(right)), key=len)
    if len(few) < 2:
        return False
    if _is_prose(left) and _is_prose(right):
        return True
    level = sum(any(_level(line, other) for other in many) for line in few) / len(few)
    return not (level >= 0.9 or (level >= 0.7 and len(few) >= 0.6 * len(many)))


def _level(line: Line, other: Line) -> bool:
    reach = SAME_ROW * max(line[0].height, other[0].height)
    return abs(_middle(line) - _middle(other)) <= reach


def _is_prose(boxes: list[Box]) -> bool:
    widest = max(box.width for box in boxes)
    long = [box for box in boxes if box.width >= LONG_PIECE * box.height]
    full = [box for box in long if box.width >= 0.75 * widest]
    return len(boxes) >= 3 and len(long) >= 0.6 * len(boxes) and len(full) >= 0.5 * len(boxes)


def lines_of(boxes: Sequence[Box]) -> Block:
    """Pieces side by side become lines. Each is held against its neighbour on the left only,
    so that a line of a crooked photograph stays one.
    """
    if sum(box.upended for box in boxes) > len(boxes) / 2:  # written downwards, from the right
        return tuple((box,) for box in sorted(boxes, key=lambda box: -box.right))
    lines: list[list[Box]] = []
    for box in sorted(boxes, key=lambda box: box.left):
        near = [line for line in lines if line[-1].top < box.bottom and line[-1].bottom > box.top]
        line = max(near, key=lambda line: box.beside(line[-1]), default=None)
        if line is not None and box.beside(line[-1]) >= SAME_LINE:
            line.append(box)
        else:
            lines.append([box])
    return tuple(sorted((tuple(line) for line in lines), key=_middle))


def _middle(line: Line) -> float:
    return sum(box.middle for box in line) / len(line)
