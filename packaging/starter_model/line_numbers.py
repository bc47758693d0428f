"""Which line of the text each cell shows, and each character of an answer was read in.

A reader finds its place by what it has just written, and a word that stands in two lines has two
places. The tower sees all lines at once, so it can number them, and a writer can count the breaks
that it has written: where both numbers are known, a place in another line is no candidate.
"""

from __future__ import annotations

import numpy
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from cells import stand_ins
from layout import Layout
from scenes import Scene
from sizes import LINES, QUERIES

KNOWN = 1  # behind this decoder layer both know their line


def line_targets(scene: Scene, layout: Layout) -> NDArray[numpy.int64]:
    """Return the number of the line that each cell of all slices shows, or -1, (cells,).

    Lines are counted from 0, all behind LINES - 1 as that one. Of two lines in one cell the first
    counts.
    """
    cells = numpy.full((layout.parts, QUERIES), -1, dtype=numpy.int64)
    line = seek = 0
    for character in "\n".join(scene.lines):
        if seek < len(scene.glyphs) and scene.glyphs[seek].character == character:
            glyph, (width, height) = scene.glyphs[seek], scene.picture.size
            cell = layout.cell(glyph.y / height, glyph.x / width)
            if character != " " and cells.flat[cell] < 0:
                cells.flat[cell] = min(line, LINES - 1)
            seek += 1
        line += character == "\n"
    return cells[:, stand_ins(*layout.grid)].ravel()


def lines_written(lines: Tensor, aims: Tensor) -> Tensor:
    """Return the line of each token's character, (n, length), from those of the cells (n, cells).

    `aims` are the tokens' cells; where they are -1 so is the line.
    """
    return torch.where(aims >= 0, lines.gather(1, aims.clamp(min=0)), -1)


def line_loss(head: nn.Linear, states: Tensor, lines: Tensor) -> Tensor:
    """States (n, places, width) against the numbers of lines (n, places), where these are known."""
    known = lines >= 0
    # also where none is known: processes that train together share the same gradients
    missed = functional.cross_entropy(head(states[known]).float(), lines[known], reduction="sum")
    mean: Tensor = missed / max(1, int(known.sum()))
    return mean
