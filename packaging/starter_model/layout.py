"""Where things stand in a picture's views: patches, the cells of the queries, and slices."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TypeVar

from torch import Tensor

from engine.slicing import SliceSettings
from engine.slicing import plan as slicing_plan
from sizes import CELL_COLUMNS, CELL_ROWS, PATCH, QUERIES, SLICES_AT_MOST

Cells = TypeVar("Cells", int, Tensor)


@dataclass(frozen=True)
class Layout:
    """Rows and columns of patches of a view, or of each slice of a larger picture.

    `slices` is the (columns, rows) of the slices, and `overview` the (rows, columns) of patches
    of the whole picture that stands before them.
    """

    rows: int
    columns: int
    slices: tuple[int, int] = (1, 1)
    overview: tuple[int, int] | None = None

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of patches of one view."""
        return self.rows, self.columns

    @property
    def patches(self) -> tuple[int, int]:
        """Rows and columns of patches of all slices together."""
        return self.rows * self.slices[1], self.columns * self.slices[0]

    @property
    def parts(self) -> int:
        """How many slices there are; one where nothing is cut."""
        return self.slices[0] * self.slices[1]

    @property
    def grids(self) -> list[tuple[int, int]]:
        """The grid of every view in the order of the prompt, the overview first if there is one."""
        slices = [self.grid] * self.parts
        return slices if self.overview is None else [self.overview, *slices]

    def place(self, down: float, across: float) -> tuple[int, int, int]:
        """Return slice, row and column of the patch at a point given in shares of both sides."""
        shares = (min(max(share, 0.0), 0.9999) for share in (down, across))
        y, x = (int(share * patches) for share, patches in zip(shares, self.patches, strict=True))
        return y // self.rows * self.slices[0] + x // self.columns, y % self.rows, x % self.columns

    def cell(self, down: float, across: float) -> int:
        """Return the first query of the slices that owns the patch at a point, counted through."""
        part, y, x = self.place(down, across)
        return part * QUERIES + owners(*self.grid)[y * self.columns + x]


def fit(width: int, height: int, side: int, slices_at_most: int = 1) -> Layout:
    """Return what the published slicing makes of a picture with views of `side` squared pixels."""
    settings = SliceSettings(scale_resolution=side, patch_size=PATCH, max_slices=slices_at_most)
    made = slicing_plan(width, height, settings)
    overview = made.overview[1] // PATCH, made.overview[0] // PATCH
    if made.grid is None or made.slice is None:
        return Layout(*overview)
    return Layout(made.slice[1] // PATCH, made.slice[0] // PATCH, made.grid, overview)


def fit_slices(source: random.Random, side: int) -> Layout:
    """Return the layout of a picture of a random size that is cut."""
    while True:
        area = side * side * source.uniform(1.0, SLICES_AT_MOST)
        aspect = math.exp(source.uniform(math.log(0.6), math.log(3.5)))
        made = fit(
            round((area * aspect) ** 0.5), round((area / aspect) ** 0.5), side, SLICES_AT_MOST
        )
        if made.overview is not None:
            return made


@lru_cache(maxsize=256)
def owned(rows: int, columns: int) -> tuple[tuple[int, ...], ...]:
    """Return for each cell of a view the patches it owns, counted row by row, at least one.

    A view has fewer patches than there are cells, so nearly every patch can have a cell of its
    own: two patches in one cell are read less surely than one. Odd rows of cells stand half a
    column further to the right than even ones, and where a row of a wide view has two rows of
    cells, these take its patches in turns.
    """
    cells = [
        [down * columns + min(columns - 1, int(column(cell) * columns)) for down in some]
        for row, some in enumerate(along(rows, CELL_ROWS))
        for cell in range(row * CELL_COLUMNS, (row + 1) * CELL_COLUMNS)
    ]
    taken = {patch for some in cells for patch in some}
    for patch in set(range(rows * columns)) - taken:
        down, across = divmod(patch, columns)
        beside = (n for n, some in enumerate(cells) if some[0] // columns == down)
        cells[min(beside, key=lambda n: abs(column(n) * columns - across - 0.5))].append(patch)
    return tuple(tuple(sorted(some)) for some in cells)


def column(cell: int) -> float:
    """Return where across a view a cell stands, 0 to 1."""
    return (half_columns(cell) + 0.5) / (2 * CELL_COLUMNS)


def half_columns(cells: Cells) -> Cells:
    """Return how many halves of a column stand before each cell in its view."""
    return 2 * (cells % CELL_COLUMNS) + cells // CELL_COLUMNS % 2


@lru_cache(maxsize=256)
def owners(rows: int, columns: int) -> tuple[int, ...]:
    """Return for each patch of a view the first cell that owns it and as few others as any."""
    found: dict[int, int] = {}
    some = owned(rows, columns)
    for cell in sorted(range(QUERIES), key=lambda cell: len(some[cell])):
        for patch in some[cell]:
            found.setdefault(patch, cell)
    return tuple(found[patch] for patch in range(rows * columns))


@lru_cache(maxsize=256)
def stand_ins(rows: int, columns: int) -> tuple[int, ...]:
    """Return for each cell the first one that owns the same patches."""
    firsts: dict[tuple[int, ...], int] = {}
    return tuple(firsts.setdefault(some, cell) for cell, some in enumerate(owned(rows, columns)))


@lru_cache(maxsize=256)
def distinct(rows: int, columns: int) -> tuple[int, ...]:
    """Return the cells that stand for all: no two of them own the same patches."""
    return tuple(sorted(set(stand_ins(rows, columns))))


def along(patches: int, cells: int) -> list[range]:
    """Return which of a side's patches each of the cells along it owns, at least one."""
    if patches < cells:
        nearest = [int((i + 0.5) * patches / cells) for i in range(cells)]
        return [range(n, n + 1) for n in nearest]
    edges = [round(i * patches / cells) for i in range(cells + 1)]
    return [range(a, b) for a, b in pairwise(edges)]
