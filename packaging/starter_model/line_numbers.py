"""Which line of the text each cell shows, and each character of an answer was read in.

A reader finds its place by what it has just written, and a word that stands in two lines has two
places. The tower sees all lines at once, so it can number them, and a writer can count the breaks
that it has written: where both numbers are known, a place in another line is no candidate.
"""

from __future__ import annotations

import numpy
import torch
from torch import Tensor

from cells import stand_ins
from layout import Layout
from scenes import Scene
from sizes import LINES, QUERIES
from targets import Numbers, written

KNOWN = 1  # behind this decoder layer both know their line


def line_targets(scene: Scene, layout: Layout) -> Numbers:
    """Return the number of the line that each cell of all slices shows, or -1, (cells,).

    Lines are counted from 0, all behind LINES - 1 as that one. Of two lines in one cell the first
    counts.
    """
    cells = numpy.full((layout.parts, QUERIES), -1, dtype=numpy.int64)
    text, line = "\n".join(scene.lines), 0
    for character, cell in zip(text, written(scene, text, 0, layout), strict=True):
        if cell >= 0 and not character.isspace() and cells.flat[cell] < 0:
            cells.flat[cell] = min(line, LINES - 1)
        line += character == "\n"
    return cells[:, stand_ins(*layout.grid)].ravel()


def lines_written(lines: Tensor, aims: Tensor) -> Tensor:
    """Return the line of each token's character, (n, length), from those of the cells (n, cells).

    `aims` are the tokens' cells; where they are -1 so is the line.
    """
    return torch.where(aims >= 0, lines.gather(1, aims.clamp(min=0)), -1)
