"""Where things stand in a picture's views: patches, the cells of the queries, and slices."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from cells import owners
from engine.slicing import SliceSettings
from engine.slicing import plan as slicing_plan
from sizes import PATCH, QUERIES, SLICES_AT_MOST


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
