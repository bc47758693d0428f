"""Which lines of a block are rows of a table, and which piece is in which column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .boxes import Block, Box, Line


@dataclass(frozen=True, slots=True)
class Row:
    """One line as cells; a line that belongs to no table is one cell."""

    cells: tuple[Line, ...]

    @property
    def boxes(self) -> Line:
        """All its pieces, from left to right."""
        return tuple(box for cell in self.cells for box in cell)


Span = tuple[float, float]


def rows_of(block: Block) -> Iterator[Row]:
    """The lines of a block, those of tables with their cells, empty ones included."""
    index = 0
    while index < len(block):
        spans, end = _table_at(block, index)
        if end - index < 2:
            yield Row((block[index],))
            index += 1
            continue
        for line in block[index:end]:
            yield Row(tuple(_within(line, span) for span in spans))
        index = end


def _table_at(block: Block, start: int) -> tuple[list[Span], int]:
    """The columns of the table that begins at a line, and where it ends; at once, if none."""
    spans: list[Span] = []
    best, end = spans, start
    for index in range(start, len(block)):
        line = block[index]
        if index == start and len(line) < 2:
            break
        spans = _merged([*spans, *((box.left, box.right) for box in line)])
        columns = [_column(box, spans) for box in line]
        if (
            len(spans) < 2
            or len(set(columns)) < len(columns)
            or not _apart(block, start, index, spans)
        ):
            break
        if len(line) > 1:  # a table does not end with a lone cell: that is the text below it
            best, end = spans, index + 1
    return best, end


def _apart(block: Block, start: int, index: int, spans: list[Span]) -> bool:
    """Whether every earlier line still has its pieces in different columns."""
    for line in block[start:index]:
        if len({_column(box, spans) for box in line}) < len(line):
            return False
    return True


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for left, right in sorted(spans):
        if merged and left < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(right, merged[-1][1]))
        else:
            merged.append((left, right))
    return merged


def _column(box: Box, spans: list[Span]) -> int:
    return next(i for i, span in enumerate(spans) if box.left < span[1] and box.right > span[0])


def _within(line: Line, span: Span) -> Line:
    return tuple(box for box in line if box.left < span[1] and box.right > span[0])
