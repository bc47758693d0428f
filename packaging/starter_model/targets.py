"""What the training asks of patches, cells and answers, from what a scene says was drawn."""

from __future__ import annotations

from functools import lru_cache

import numpy
from numpy.typing import NDArray

from cells import owned
from layout import Layout
from questions import Asked
from scenes import COLOURS, SHAPES, Scene
from sizes import QUERIES

CELL_SLOTS = 4
PATCH_SLOTS = 3
CHARACTER_CLASSES = 97
SPACE, FOREIGN = 95, 96  # the latter for every character that is not ASCII
SHAPE_CLASSES = 1 + len(SHAPES) * len(COLOURS)
Numbers = NDArray[numpy.int64]


def character_class(character: str) -> int:
    """Return 1 to 94 for printable ASCII, 95 for the space, 96 for all that is not ASCII."""
    if character == " ":
        return SPACE
    code = ord(character) - 0x20
    return code if 0 < code < SPACE else FOREIGN


def share(scene: Scene, x: float, y: float) -> tuple[float, float]:
    """Return how far down and across a scene's picture a point is, 0 to 1."""
    width, height = scene.picture.size
    return y / height, x / width


def character_targets(scene: Scene, layout: Layout) -> tuple[Numbers, Numbers]:
    """Return the characters of each patch and cell, both for each slice.

    Their shapes are (slices, patches, PATCH_SLOTS) and (slices, QUERIES, CELL_SLOTS). A cell holds
    what its patches hold, patch by patch: nothing finer than a patch is asked.
    """
    patches = numpy.zeros((layout.parts, *layout.grid, PATCH_SLOTS), dtype=numpy.int64)
    for glyph in scene.glyphs:
        kind = character_class(glyph.character)
        if kind != SPACE:
            patch = patches[layout.place(*share(scene, glyph.x, glyph.y))]
            patch[min(numpy.count_nonzero(patch), PATCH_SLOTS - 1)] = kind
    cells = numpy.stack([in_cells(part) for part in patches])
    return patches.reshape(layout.parts, -1, PATCH_SLOTS), cells


def in_cells(patches: Numbers) -> Numbers:
    """Return the characters of each cell from those of each patch (rows, columns, slots)."""
    rows, columns, slots = patches.shape
    known = numpy.pad(patches.reshape(-1, slots), ((0, 1), (0, 0)))
    held = known[owned_patches(rows, columns)].reshape(QUERIES, -1)
    held = numpy.pad(held, ((0, 0), (0, max(0, CELL_SLOTS - held.shape[1]))))
    order = numpy.argsort(held == 0, axis=1, kind="stable")[:, :CELL_SLOTS]
    return numpy.take_along_axis(held, order, axis=1)


@lru_cache(maxsize=256)
def owned_patches(rows: int, columns: int) -> Numbers:
    """Return the numbers of the patches of each cell, (QUERIES, most), filled up with the last + 1.

    Patches are counted row by row.
    """
    cells = owned(rows, columns)
    table = numpy.full((QUERIES, max(map(len, cells))), rows * columns)
    for cell, patches in zip(table, cells, strict=True):
        cell[: len(patches)] = patches
    return table


def foreign_targets(scene: Scene, layout: Layout) -> list[tuple[int, int, int, str]]:
    """Return slice, patch, cell and character of every character beyond ASCII."""
    found = []
    for glyph in scene.glyphs:
        if not glyph.character.isascii():
            at = share(scene, glyph.x, glyph.y)
            part, row, column = layout.place(*at)
            cell = layout.cell(*at) % QUERIES
            found.append((part, row * layout.columns + column, cell, glyph.character))
    return found


def shape_target(scene: Scene, layout: Layout) -> Numbers:
    """Return (slices, QUERIES): 0, or which shape in which colour has its centre in a cell."""
    cells = numpy.zeros((layout.parts, QUERIES), dtype=numpy.int64)
    names = list(COLOURS)
    for shape in scene.shapes:
        cells.flat[layout.cell(*share(scene, shape.x, shape.y))] = (
            1 + SHAPES.index(shape.kind) * len(COLOURS) + names.index(shape.colour)
        )
    return cells


def aimed(
    scenes: list[Scene],
    talks: list[list[Asked]],
    places: list[list[slice]],
    shape: tuple[int, ...],
    layout: Layout,
) -> Numbers:
    """Return for each token of an answer that is seen in the picture the cell where it is seen."""
    aims = numpy.full(shape, -1, dtype=numpy.int64)
    for row, scene, talk, answers in zip(aims, scenes, talks, places, strict=True):
        for one, answer in zip(talk, answers, strict=True):
            if one.places:
                cells = [(count, layout.cell(*share(scene, *at))) for count, at in one.places]
                row[answer] = [cell for count, cell in cells for _ in range(count)]
            elif one.start is not None:
                row[answer] = written(scene, one.answer, one.start, layout)
    return aims


def written(scene: Scene, answer: str, start: int, layout: Layout) -> list[int]:
    """Return for each character of an answer the cell where it is written, or -1.

    The answer begins with the drawn character `start`. Spaces between entries and line breaks are
    not drawn: they count as standing where the character before them does, which is what can be
    found by what was just written.
    """
    cells, seek = [-1] * len(answer), start
    for place, character in enumerate(answer):
        if seek < len(scene.glyphs) and scene.glyphs[seek].character == character:
            glyph = scene.glyphs[seek]
            cells[place] = layout.cell(*share(scene, glyph.x, glyph.y))
            seek += 1
        elif character in " \n" and place:
            cells[place] = cells[place - 1]
        else:
            break
    return cells


def reading_order(scenes: list[Scene], layout: Layout) -> Numbers:
    """Return pairs of cells of each scene, (scenes, k, 2), filled up with -1.

    In the first of two the text goes on that ends in the second. The decoder sees cells in their
    order: those that are read before a cell with a smaller number are left out.
    """
    found: list[list[tuple[int, int]]] = []
    for scene in scenes:
        seen = (glyph for glyph in scene.glyphs if glyph.character != " ")
        cells = [layout.cell(*share(scene, glyph.x, glyph.y)) for glyph in seen]
        pairs = zip(cells[1:], cells[:-1], strict=True)
        found.append(list(dict.fromkeys(pair for pair in pairs if pair[0] > pair[1])))
    order = numpy.full((len(scenes), max(map(len, found)), 2), -1, dtype=numpy.int64)
    for row, some in zip(order, found, strict=True):
        row[: len(some)] = numpy.array(some, dtype=numpy.int64).reshape(-1, 2)
    return order
