"""Which patch of a view each query of the resampler shows: its cell.

Patches side by side lie in cells side by side, so that a reader goes one cell on for what comes
next, whatever the view. A cell looks at whole patch numbers, as the resampler's keys carry them.
Rows of patches that only tall views have share cells with columns that only wide ones have.
"""

from __future__ import annotations

from functools import lru_cache

STRIP = 33  # patches that half a row of cells holds: the width of views that are not wide
ROW = 2 * STRIP  # a row of cells: a line of a wide view, or two of one that is not
ROWS = 17  # of cells, the last of them half as long
CONTINUED = 9  # rows of the widest views, whose lines are longer than a row of cells
TALL_STRIP = 17  # where rows of the tallest views begin in a half row


@lru_cache(maxsize=1)
def candidates() -> tuple[tuple[tuple[int, int], ...], ...]:
    """Return the patches (row, column) that each cell may show; no view has two of them.

    Behind each row of cells follows the one that continues it where lines are very long.
    """
    rows = [row for first in range(CONTINUED) for row in (first, first + CONTINUED) if row < ROWS]
    lengths = [STRIP if row == ROWS - 1 else ROW for row in rows]
    return tuple(
        shown(row, column)
        for row, length in zip(rows, lengths, strict=True)
        for column in range(length)
    )


def shown(row: int, column: int) -> tuple[tuple[int, int], ...]:
    """Return the patches that the cell in a row and column may show."""
    half, strip = divmod(column, STRIP)
    patches = [(row, column)]
    if half:
        patches.append((row + ROWS, strip))  # of a view that is not wide
    if row >= CONTINUED:
        patches.append((row - CONTINUED, ROW + column))
    if strip >= TALL_STRIP:
        patches.append((row + STRIP + ROWS * half, strip - TALL_STRIP))
    return tuple(patches)


@lru_cache(maxsize=256)
def owners(rows: int, columns: int) -> tuple[int, ...]:
    """Return for each patch of a view the cell that owns it.

    Where rounding makes a view larger than the cells foresee, its last patches belong to the cell
    before them.
    """
    found: dict[int, int] = {}
    for cell, some in enumerate(candidates()):
        patch = next((r * columns + c for r, c in some if r < rows and c < columns), None)
        if patch is not None:
            found[patch] = cell
    for patch in range(rows * columns):
        found.setdefault(patch, found.get(patch - 1, 0))
    return tuple(found[patch] for patch in range(rows * columns))


@lru_cache(maxsize=256)
def stand_ins(rows: int, columns: int) -> tuple[int, ...]:
    """Return for each cell the one that owns its patches: itself, or its twin."""
    first = owners(rows, columns)
    needed = set(first)
    return tuple(
        cell if cell in needed else first[nearest(some, rows, columns)]
        for cell, some in enumerate(candidates())
    )


def nearest(some: tuple[tuple[int, int], ...], rows: int, columns: int) -> int:
    """Return the patch of a view that is nearest to the one a cell shows elsewhere."""
    row, column = some[0]
    return min(row, rows - 1) * columns + min(column % STRIP, columns - 1)


@lru_cache(maxsize=256)
def owned(rows: int, columns: int) -> tuple[tuple[int, ...], ...]:
    """Return for each cell of a view the patches it owns, counted row by row, at least one.

    Cells that no patch needs are twins of others.
    """
    groups: dict[int, list[int]] = {}
    for patch, cell in enumerate(owners(rows, columns)):
        groups.setdefault(cell, []).append(patch)
    return tuple(tuple(groups[cell]) for cell in stand_ins(rows, columns))


@lru_cache(maxsize=256)
def distinct(rows: int, columns: int) -> tuple[int, ...]:
    """Return the cells that stand for all: no two of them own the same patches."""
    return tuple(sorted(set(owners(rows, columns))))


@lru_cache(maxsize=256)
def lefts(rows: int, columns: int) -> tuple[tuple[int, int], ...]:
    """Return pairs of cells that own patches side by side, the right one first."""
    first = owners(rows, columns)
    return tuple(
        (first[patch], first[patch - 1])
        for patch in range(rows * columns)
        if patch % columns and first[patch] == first[patch - 1] + 1
    )
