"""Where the letters of a piece stand, which is narrower than the piece that was found.

The finder draws its pieces with a margin and sometimes takes two cells of a table for one piece.
Where the lines around show the edge of a column in a space between its words, it is two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from .boxes import Block, Box
from .looking import pixels_of
from .networks import Piece, Pixels
from .order import lines_of
from .tables import Row, rows_of

Span = tuple[float, float]
SPACE = 0.2  # in heights: the least space that can be between two cells
CONTRAST = 0.35  # of the strongest in a piece: what differs more from the ground is a letter
FAINT = 24  # of 255: what differs less everywhere is no letter at all
ALIGNED = 0.5  # in heights: how far the cells of one column may stand out of line
WITNESSES = 2  # lines that show an edge


@dataclass(frozen=True, slots=True)
class _Edge:
    """What a line shows: where its left cell begins, the space, and where its right cell ends."""

    line: int
    start: float
    space: Span
    end: float


def parted(pieces: Mapping[int, Piece], pixels: Pixels) -> dict[int, Piece]:
    """The same pieces, those that reach over the edge of a column as two."""
    made = dict(pieces)
    for line in lines_of([piece.box for piece in made.values()]):
        for left, right in pairwise(line):
            made.update(_untangled(made[left.number], made[right.number], pixels))
    lines = lines_of([piece.box for piece in made.values()])
    edges = list(_edges(lines, made, pixels))
    for number, line in enumerate(lines):
        piece = made[line[0].number]
        if len(line) != 1 or piece.crooked:
            continue
        others = [edge for edge in edges if edge.line != number]
        place = _place(words_of(piece, pixels), others, piece.box.height)
        if place:
            made[piece.box.number] = _cropped(piece, right=place)
            number = max(made) + 1
            made[number] = _cropped(piece, left=place, number=number)
    return made


def _untangled(left: Piece, right: Piece, pixels: Pixels) -> dict[int, Piece]:
    """Two pieces whose margins reach into each other, parted between their letters."""
    first, last = right.box.left, left.box.right
    if last <= first or left.crooked or right.crooked:
        return {}
    whole = _cropped(left, right=right.box.right)
    for before, after in pairwise(words_of(whole, pixels)):
        if before[1] < last and after[0] > first:
            place = (before[1] + after[0]) / 2
            parts = (_cropped(left, right=place), _cropped(right, left=place))
            return {part.box.number: part for part in parts}
    return {}


def rows_by_ink(block: Block, pieces: Mapping[int, Piece], pixels: Pixels) -> list[Row]:
    """The rows of a block, its columns told by the letters and not by the pieces' margins."""
    found = {box.number: box for line in block for box in line}
    tight = tuple(tuple(_tight(box, pieces, pixels) for box in line) for line in block)
    return [
        Row(tuple(tuple(found[box.number] for box in cell) for cell in row.cells))
        for row in rows_of(tight)
    ]


def _tight(box: Box, pieces: Mapping[int, Piece], pixels: Pixels) -> Box:
    words = words_of(pieces[box.number], pixels)
    return replace(box, left=words[0][0], right=words[-1][1]) if words else box


def words_of(piece: Piece, pixels: Pixels) -> list[Span]:
    """From where to where words stand in a piece; none where it is crooked or shows nothing."""
    if piece.crooked or piece.box.upended:
        return []
    green = pixels_of(piece, pixels)[:, :, 1].astype(np.int16)  # nearly brightness
    apart = np.abs(green - np.median(green)).max(axis=0)
    if apart.max() < FAINT:
        return []
    inked = np.flatnonzero(apart > CONTRAST * apart.max())
    breaks = np.flatnonzero(np.diff(inked) > SPACE * piece.box.height)
    first = int(piece.box.left)
    runs = np.split(inked, breaks + 1)
    return [(first + float(run[0]), first + float(run[-1]) + 1) for run in runs]


def _edges(block: Block, pieces: Mapping[int, Piece], pixels: Pixels) -> Iterator[_Edge]:
    """Of each line of two pieces, since in longer ones it is not plain what belongs together."""
    for number, line in enumerate(block):
        if len(line) != 2:
            continue
        left, right = (words_of(pieces[box.number], pixels) for box in line)
        if left and right and left[-1][1] < right[0][0]:
            yield _Edge(number, left[0][0], (left[-1][1], right[0][0]), right[-1][1])


def _place(words: list[Span], edges: list[_Edge], height: float) -> float:
    """Where a piece is to be parted; 0 where nothing says so."""
    for before, after in pairwise(words):
        seen = 0
        for edge in edges:
            across = before[1] < edge.space[1] and after[0] > edge.space[0]
            reach = ALIGNED * height
            begins = abs(edge.start - words[0][0]) < reach
            ends = abs(edge.end - words[-1][1]) < reach or abs(edge.space[1] - after[0]) < reach
            seen += across and begins and ends
        if seen >= WITNESSES:
            return (before[1] + after[0]) / 2
    return 0.0


def _cropped(piece: Piece, **sides: float) -> Piece:
    box = replace(piece.box, **sides)  # type: ignore[arg-type]
    top = ((box.left, box.top), (box.right, box.top))
    return Piece(box, (*top, (box.right, box.bottom), (box.left, box.bottom)))
