"""What the text of each cell is to a window, and the number of each shape and button.

Answers about buttons, titles and values hang on which is which, and a number can only be told if
something was counted. By the answers alone both are learned slowly: a picture has one answer, but
many cells. So the decoder's states learn it where the cells are.
"""

from __future__ import annotations

from collections import Counter

import numpy

from cells import stand_ins
from layout import Layout
from scenes import Scene
from sizes import QUERIES
from targets import Numbers, share

COUNTED = 2  # behind this decoder layer it is known
OTHER, TITLE, VALUE, BUTTON = range(4)  # the first button; others follow it
BUTTONS_MOST, SHAPES_MOST = 4, 6  # that are told apart
SIZES = {"text": BUTTON + BUTTONS_MOST, "shape": SHAPES_MOST, "kind": SHAPES_MOST}


def role_targets(scene: Scene, layout: Layout) -> Numbers:
    """Return what each cell of all slices has in it, or -1, (cells, 3).

    The columns are those of SIZES: the role of its text, the number of the shape whose centre it
    shows among all shapes, and among those of its kind, in reading order and from 0.
    """
    cells = numpy.full((layout.parts * QUERIES, len(SIZES)), -1, dtype=numpy.int64)
    for glyph, role in zip(scene.glyphs, roles(scene), strict=True):
        if glyph.character != " ":
            cells[layout.cell(*share(scene, glyph.x, glyph.y)), 0] = role
    seen: Counter[str] = Counter()
    for number, shape in enumerate(scene.shapes):
        cell = layout.cell(*share(scene, shape.x, shape.y))
        cells[cell, 1:] = min(number, SHAPES_MOST - 1), min(seen[shape.kind], SHAPES_MOST - 1)
        seen[shape.kind] += 1
    parts = cells.reshape(layout.parts, QUERIES, -1)
    return parts[:, stand_ins(*layout.grid)].reshape(-1, len(SIZES))


def roles(scene: Scene) -> list[int]:
    """Return the role of each drawn character."""
    found = [OTHER] * len(scene.glyphs)
    found[: len(scene.title or "")] = [TITLE] * len(scene.title or "")
    for fact in scene.facts:
        found[fact.start : fact.start + len(fact.value)] = [VALUE] * len(fact.value)
    for number, (label, start) in enumerate(scene.buttons):
        role = BUTTON + min(number, BUTTONS_MOST - 1)
        found[start : start + len(label)] = [role] * len(label)
    return found
