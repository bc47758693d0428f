"""Turn scenes into training batches: views by the published rule, targets, token ids."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy
from numpy.typing import NDArray
from PIL import Image
from sentencepiece import SentencePieceProcessor

from curriculum import Curriculum, ViewPlan
from questions import Asked, Asker
from scenes import COLOURS, SHAPES, Painter, Scene
from sizes import CELL_COLUMNS, CELL_ROWS, PATCH, QUERIES

CELL_SLOTS = 6
PATCH_SLOTS = 3
CHARACTER_CLASSES = 97
SPACE, FOREIGN = 95, 96  # the latter for every character that is not ASCII
SHAPE_CLASSES = 1 + len(SHAPES) * len(COLOURS)
Array = NDArray[numpy.generic]


@dataclass(frozen=True)
class Batch:
    """Equally large views with their targets; every array's first axis is the sample."""

    pixels: NDArray[numpy.uint8]  # (samples, height, width, 3)
    patch_targets: NDArray[numpy.int64]  # (samples, patches, PATCH_SLOTS)
    cell_targets: NDArray[numpy.int64]  # (samples, QUERIES, CELL_SLOTS)
    foreign: NDArray[
        numpy.int64
    ]  # (n, 4): sample, patch, cell and token of characters beyond ASCII
    shape_targets: NDArray[numpy.int64]  # (samples, QUERIES)
    ids: NDArray[numpy.int64]  # (samples, length), padded with 2
    taught: NDArray[numpy.bool_]  # (samples, length): the answers' tokens, and the closing one
    aims: NDArray[numpy.int64]  # (samples, length): the cell that holds a token's character, or -1
    grid: tuple[int, int]
    whole: bool  # whether every query's output stands in the prompt
    letters_only: bool  # dense pages that teach tower and resampler, without a question


def character_class(character: str) -> int:
    """Return 1 to 94 for printable ASCII, 95 for the space, 96 for all that is not ASCII."""
    if character == " ":
        return SPACE
    code = ord(character) - 0x20
    return code if 0 < code < SPACE else FOREIGN


class Tokens:
    """Character tokens and the exact prompt of one unsliced view."""

    def __init__(self, model_file: Path) -> None:
        """Open a vocabulary."""
        self.processor = SentencePieceProcessor(model_file=str(model_file))
        self.user, self.reply = self.encode("<用户>"), self.encode("<AI>")
        self.head = [1, *self.user, 101, *[0] * QUERIES, 102, *self.encode("\n")]
        self.image_start = 2 + len(self.user)

    def encode(self, text: str) -> list[int]:
        """Return the ids of a text."""
        ids: list[int] = self.processor.encode(text)
        return ids

    def prompt(self, question: str) -> list[int]:
        """Return the ids up to where the answer begins."""
        return [*self.head, *self.encode(question), *self.reply]

    def talk(self, asked: list[Asked]) -> tuple[list[int], list[slice]]:
        """Return the ids of questions and answers about one view, and where each answer stands."""
        ids = list(self.head)
        answers: list[slice] = []
        for one in asked:
            ids += self.user if answers else []
            ids += [*self.encode(one.question), *self.reply]
            answers.append(slice(len(ids), len(ids) + len(one.answer)))
            ids += self.encode(one.answer)
        return [*ids, 2], answers


class BatchSource:
    """A seeded source of batches whose difficulty follows the progress of the training."""

    def __init__(
        self,
        seed: int,
        vocabulary: Path,
        tokens_per_batch: int = 5000,
        plan_seed: int | None = None,
    ) -> None:
        """Start at a seed; a batch costs about `tokens_per_batch` tokens of work."""
        self.painter = Painter(seed)
        self.asker = Asker(self.painter.random)
        plans = random.Random(seed if plan_seed is None else plan_seed)
        self.curriculum = Curriculum(self.painter, plans)
        self.tokens = Tokens(vocabulary)
        self.tokens_per_batch = tokens_per_batch

    def batch(self, progress: float) -> Batch:
        """Draw a whole batch for a moment of the training between 0 and 1."""
        plan = self.curriculum.plan(progress)
        count = max(2, min(40, round(self.tokens_per_batch / self.cost(plan))))
        scenes = [
            self.curriculum.scene(self.curriculum.frame(plan, progress), plan, progress)
            for _ in range(count)
        ]
        pictures = [self.painter.blemish(scene.picture) for scene in scenes]
        talks = [self.asker.talk(scene) for scene in scenes]
        return assemble(scenes, pictures, talks, plan, self.tokens)

    @staticmethod
    def cost(plan: ViewPlan) -> float:
        """Return about how many tokens a sample puts through tower and decoder together."""
        patches = plan.rows * plan.columns
        if plan.kind == "letters":
            return 2.4 * patches  # so dense that smaller batches teach as well
        answer = {"window": 70, "lines": 50, "sheet": 60, "dialog": 70}.get(plan.kind, 10)
        queries = (
            QUERIES if plan.whole else min(plan.rows, CELL_ROWS) * min(plan.columns, CELL_COLUMNS)
        )
        return patches + queries + answer


def assemble(
    scenes: list[Scene],
    pictures: list[Image.Image],
    talks: list[list[Asked]],
    plan: ViewPlan,
    tokens: Tokens,
) -> Batch:
    """Scale the scenes' pictures to one view size and write down every target."""
    size = (plan.columns * PATCH, plan.rows * PATCH)
    pixels = [numpy.asarray(one.resize(size, Image.Resampling.BICUBIC)) for one in pictures]
    whole = [tokens.talk(asked) for asked in talks]
    ids = numpy.full((len(scenes), max(len(row) for row, _ in whole)), 2, dtype=numpy.int64)
    taught = numpy.zeros(ids.shape, dtype=numpy.bool_)
    for place, (row, answers) in enumerate(whole):
        ids[place, : len(row)] = row
        for answer in (*answers, slice(len(row) - 1, len(row))):  # and that it ends
            taught[place, answer] = True
    targets = [character_targets(scene, plan) for scene in scenes]
    grid = (plan.rows, plan.columns)
    return Batch(
        numpy.stack(pixels),
        numpy.stack([patch for patch, _ in targets]),
        numpy.stack([cells for _, cells in targets]),
        foreign_targets(scenes, grid, tokens),
        numpy.stack([shape_target(scene, grid) for scene in scenes]),
        ids,
        taught,
        aimed(scenes, talks, [answers for _, answers in whole], ids.shape, grid),
        grid,
        plan.whole,
        plan.kind == "letters",
    )


def character_targets(
    scene: Scene, plan: ViewPlan
) -> tuple[NDArray[numpy.int64], NDArray[numpy.int64]]:
    """Return the characters of each patch (patches, 3) and of each cell (QUERIES, CELL_SLOTS).

    A cell holds what its patches hold, patch by patch: nothing finer than a patch is asked.
    """
    patches = numpy.zeros((plan.rows, plan.columns, PATCH_SLOTS), dtype=numpy.int64)
    for glyph in scene.glyphs:
        kind = character_class(glyph.character)
        if kind != SPACE:
            patch = patches[patch_of(scene, glyph.x, glyph.y, (plan.rows, plan.columns))]
            patch[min(numpy.count_nonzero(patch), PATCH_SLOTS - 1)] = kind
    cells = numpy.zeros((CELL_ROWS, CELL_COLUMNS, CELL_SLOTS), dtype=numpy.int64)
    for i, some_rows in enumerate(owned(plan.rows, CELL_ROWS)):
        for j, some_columns in enumerate(owned(plan.columns, CELL_COLUMNS)):
            held = patches[some_rows, some_columns].reshape(-1)
            held = held[held > 0][:CELL_SLOTS]
            cells[i, j, : len(held)] = held
    return patches.reshape(-1, PATCH_SLOTS), cells.reshape(QUERIES, CELL_SLOTS)


def aimed(
    scenes: list[Scene],
    talks: list[list[Asked]],
    places: list[list[slice]],
    shape: tuple[int, ...],
    grid: tuple[int, int],
) -> NDArray[numpy.int64]:
    """Return for each token of an answer that is seen in the picture the cell where it is seen."""
    aims = numpy.full(shape, -1, dtype=numpy.int64)
    for row, scene, talk, answers in zip(aims, scenes, talks, places, strict=True):
        for one, answer in zip(talk, answers, strict=True):
            if one.place is not None:
                row[answer] = cell_of(scene, *one.place, grid)
            elif one.start is not None:
                row[answer] = written(scene, one.answer, one.start, grid)
    return aims


def written(scene: Scene, answer: str, start: int, grid: tuple[int, int]) -> list[int]:
    """Return for each character of an answer the cell where it is written, or -1.

    The answer begins with the drawn character `start`. Spaces between entries and line breaks are
    not drawn: they count as standing where the character before them does, which is what can be
    found by what was just written.
    """
    cells, seek = [-1] * len(answer), start
    for place, character in enumerate(answer):
        if seek < len(scene.glyphs) and scene.glyphs[seek].character == character:
            glyph = scene.glyphs[seek]
            cells[place] = cell_of(scene, glyph.x, glyph.y, grid)
            seek += 1
        elif character in " \n" and place:
            cells[place] = cells[place - 1]
        else:
            break
    return cells


def foreign_targets(
    scenes: list[Scene], grid: tuple[int, int], tokens: Tokens
) -> NDArray[numpy.int64]:
    """Return (sample, patch, cell, token) of every character beyond ASCII, (n, 4)."""
    found = []
    for sample, scene in enumerate(scenes):
        for glyph in scene.glyphs:
            if glyph.character.isascii():
                continue
            row, column = patch_of(scene, glyph.x, glyph.y, grid)
            patch = row * grid[1] + column
            cell = cell_of(scene, glyph.x, glyph.y, grid)
            found.append((sample, patch, cell, tokens.encode(glyph.character)[0]))
    return numpy.array(found, dtype=numpy.int64).reshape(-1, 4)


def cell_of(scene: Scene, x: float, y: float, grid: tuple[int, int]) -> int:
    """Return the first cell that owns the patch at a point of the picture."""
    down, across = patch_of(scene, x, y, grid)
    row = owner(down, grid[0], CELL_ROWS)
    return row * CELL_COLUMNS + owner(across, grid[1], CELL_COLUMNS)


def patch_of(scene: Scene, x: float, y: float, grid: tuple[int, int]) -> tuple[int, int]:
    """Return the row and the column of the patch at a point of the picture."""
    width, height = scene.picture.size
    down, across = (min(max(at, 0.0), 0.9999) for at in (y / height, x / width))
    return int(down * grid[0]), int(across * grid[1])


@lru_cache(maxsize=4096)
def owner(patch: int, patches: int, cells: int) -> int:
    """Return the first of the cells along a side that owns a patch."""
    return next(i for i, s in enumerate(owned(patches, cells)) if s.start <= patch < s.stop)


def owned(patches: int, cells: int) -> list[slice]:
    """Return which of a side's patches each of the cells along it owns, at least one."""
    if patches < cells:
        nearest = [int((i + 0.5) * patches / cells) for i in range(cells)]
        return [slice(n, n + 1) for n in nearest]
    edges = [round(i * patches / cells) for i in range(cells + 1)]
    return [slice(a, b) for a, b in pairwise(edges)]


def shape_target(scene: Scene, grid: tuple[int, int]) -> NDArray[numpy.int64]:
    """Return for each cell 0, or which shape in which colour has its centre there."""
    cells = numpy.zeros(QUERIES, dtype=numpy.int64)
    names = list(COLOURS)
    for shape in scene.shapes:
        cells[cell_of(scene, shape.x, shape.y, grid)] = (
            1 + SHAPES.index(shape.kind) * len(COLOURS) + names.index(shape.colour)
        )
    return cells
