"""Turn scenes into training batches: views by the published rule, targets, token ids."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy
from numpy.typing import NDArray
from PIL import Image
from sentencepiece import SentencePieceProcessor

from engine.slicing import SliceSettings
from engine.slicing import plan as slicing_plan
from scenes import COLOURS, SHAPES, Frame, Painter, Scene

PATCH = 14
SIDE = 16
CELL_SLOTS = 6
PATCH_SLOTS = 3
CHARACTER_CLASSES = 96
SHAPE_CLASSES = 1 + len(SHAPES) * len(COLOURS)
QUERIES = SIDE * SIDE
FULL_SIDE = 168
TINY = 0.15
EASY = 0.3
Array = NDArray[numpy.generic]


@dataclass(frozen=True)
class Batch:
    """Equally large views with their targets; every array's first axis is the sample."""

    pixels: NDArray[numpy.uint8]  # (samples, height, width, 3)
    patch_targets: NDArray[numpy.int64]  # (samples, patches, PATCH_SLOTS)
    cell_targets: NDArray[numpy.int64]  # (samples, QUERIES, CELL_SLOTS)
    shape_targets: NDArray[numpy.int64]  # (samples, QUERIES)
    ids: NDArray[numpy.int64]  # (samples, length), padded with 2
    answer_start: NDArray[numpy.int64]  # (samples,)
    lengths: NDArray[numpy.int64]  # (samples,)
    aims: NDArray[numpy.int64]  # (samples, length): the cell that holds a token's character, or -1
    grid: tuple[int, int]


@dataclass(frozen=True)
class ViewPlan:
    """One batch's view: the side of the square of equal area, rows and columns of patches."""

    side: int
    rows: int
    columns: int


def fit(width: int, height: int, side: int) -> tuple[int, int]:
    """Return the (rows, columns) of patches that the published slicing gives a small picture."""
    settings = SliceSettings(scale_resolution=side, patch_size=PATCH, max_slices=1)
    wide, tall = slicing_plan(width, height, settings).overview
    return tall // PATCH, wide // PATCH


def character_class(character: str) -> int:
    """Return 1 to 94 for printable ASCII, 95 for the space, 0 for what is not taught."""
    if character == " ":
        return CHARACTER_CLASSES - 1
    code = ord(character) - 0x20
    return code if 0 < code < CHARACTER_CLASSES - 1 else 0


class Tokens:
    """Character tokens and the exact prompt of one unsliced view."""

    def __init__(self, model_file: Path) -> None:
        """Open a vocabulary."""
        self.processor = SentencePieceProcessor(model_file=str(model_file))
        user, self.reply = self.encode("<用户>"), self.encode("<AI>")
        self.head = [1, *user, 101, *[0] * QUERIES, 102, *self.encode("\n")]
        self.image_start = 2 + len(user)

    def encode(self, text: str) -> list[int]:
        """Return the ids of a text."""
        ids: list[int] = self.processor.encode(text)
        return ids

    def prompt(self, question: str) -> list[int]:
        """Return the ids up to where the answer begins."""
        return [*self.head, *self.encode(question), *self.reply]


class BatchSource:
    """A seeded source of batches whose difficulty follows the progress of the training."""

    def __init__(
        self, seed: int, vocabulary: Path, patches: int = 2048, plan_seed: int | None = None
    ) -> None:
        """Start at a seed; a batch holds about `patches` patches."""
        self.painter = Painter(seed)
        self.random = random.Random(seed + 1)
        self.plans = random.Random(seed if plan_seed is None else plan_seed)
        self.tokens = Tokens(vocabulary)
        self.patches = patches

    def plan(self, progress: float) -> ViewPlan:
        """Choose the size of the views: strips first, later what a person's pictures become."""
        full = max(0.0, min(0.55, (progress - 0.36) * 2.0))
        middle = max(0.0, min(0.35, progress * 1.2 - 0.3)) * (1 - full)
        draw = self.plans.random()
        if draw < full:
            side, low, high = FULL_SIDE, 1.2, 14.0
        elif draw < full + middle:
            side, low, high = self.plans.choice((126, 140, 154)), 1.2, 12.0
        else:
            tiny, small = (84, 98, 112), (98, 112, 126)
            side, low, high = self.plans.choice(tiny if progress < TINY else small), 3.0, 12.0
        aspect = math.exp(self.plans.uniform(math.log(low), math.log(high)))
        rows, columns = fit(round(1000 * aspect), 1000, side)
        return ViewPlan(side, rows, columns)

    def frame(self, plan: ViewPlan, progress: float = 1.0) -> Frame:
        """Choose a capture that this view could come from, with letters of 10 to 40 pixels."""
        height = plan.rows * PATCH
        largest = min(48.0, 0.72 * height)
        harder = max(0.0, progress - EASY)
        smallest, largest = max(13.0, 15.0 - 20 * harder), min(largest, 24.0 + 250 * harder)
        letters = math.exp(
            self.random.uniform(math.log(smallest), math.log(max(smallest + 0.5, largest)))
        )
        scale = min(
            max(math.exp(self.random.uniform(math.log(0.8), math.log(4.5))), letters / 40),
            letters / 10,
        )
        size = max(9, round(letters / scale))
        width = max(16, round(plan.columns * PATCH / scale))
        return Frame(width, max(round(size * 1.25), round(height / scale)), size)

    def scene(self, frame: Frame, progress: float = 1.0) -> Scene:
        """Draw one scene of a kind that fits the frame."""
        draw, tall = self.random.random(), frame.height / frame.font_size
        self.painter.plain = self.random.random() < max(0.5, 1.0 - (progress - EASY) / 0.4)
        if progress < EASY + 0.05:
            return self.painter.lines(frame, 1 if progress < TINY else 3)
        if draw < 0.03:
            return self.painter.empty(frame)
        if draw < 0.12 and tall > 3 and frame.width < 5 * frame.height:
            return self.painter.shapes(frame)
        if draw < 0.35 and tall > 4.5 and frame.width > 11 * frame.font_size:
            return self.painter.window(frame)
        return self.painter.lines(frame)

    def batch(self, progress: float) -> Batch:
        """Draw a whole batch for a moment of the training between 0 and 1."""
        plan = self.plan(progress)
        budget = self.patches * (2.0 if plan.side == FULL_SIDE else 1.0)
        count = max(2, min(32, round(budget / (plan.rows * plan.columns))))
        return assemble(
            [self.scene(self.frame(plan, progress), progress) for _ in range(count)],
            plan,
            self.painter,
            self.tokens,
        )


def assemble(scenes: list[Scene], plan: ViewPlan, painter: Painter, tokens: Tokens) -> Batch:
    """Scale the scenes to one view size and write down every target."""
    size = (plan.columns * PATCH, plan.rows * PATCH)
    pixels = [
        numpy.asarray(painter.blemish(scene.picture).resize(size, Image.Resampling.BICUBIC))
        for scene in scenes
    ]
    pairs = [painter.question(scene) for scene in scenes]
    prompts = [tokens.prompt(question) for question, _ in pairs]
    whole = [
        [*prompt, *tokens.encode(answer), 2]
        for prompt, (_, answer) in zip(prompts, pairs, strict=True)
    ]
    ids = numpy.full((len(scenes), max(map(len, whole))), 2, dtype=numpy.int64)
    for row, sequence in zip(ids, whole, strict=True):
        row[: len(sequence)] = sequence
    targets = [character_targets(scene, plan) for scene in scenes]
    return Batch(
        numpy.stack(pixels),
        numpy.stack([patch for patch, _ in targets]),
        numpy.stack([cells for _, cells in targets]),
        numpy.stack([shape_target(scene) for scene in scenes]),
        ids,
        numpy.array([len(prompt) for prompt in prompts]),
        numpy.array([len(sequence) for sequence in whole]),
        aimed(scenes, [answer for _, answer in pairs], [len(prompt) for prompt in prompts], ids),
        (plan.rows, plan.columns),
    )


def character_targets(
    scene: Scene, plan: ViewPlan
) -> tuple[NDArray[numpy.int64], NDArray[numpy.int64]]:
    """Return the characters of each patch (patches, 3) and of each cell (QUERIES, CELL_SLOTS).

    A cell holds what its patches hold, patch by patch: nothing finer than a patch is asked.
    """
    patches = numpy.zeros((plan.rows, plan.columns, PATCH_SLOTS), dtype=numpy.int64)
    width, height = scene.picture.size
    for glyph in scene.glyphs:
        kind = character_class(glyph.character)
        x, y = min(max(glyph.x / width, 0.0), 0.9999), min(max(glyph.y / height, 0.0), 0.9999)
        if kind != CHARACTER_CLASSES - 1:
            patch = patches[int(y * plan.rows), int(x * plan.columns)]
            patch[min(numpy.count_nonzero(patch), PATCH_SLOTS - 1)] = kind
    cells = numpy.zeros((SIDE, SIDE, CELL_SLOTS), dtype=numpy.int64)
    for i, some_rows in enumerate(owned(plan.rows)):
        for j, some_columns in enumerate(owned(plan.columns)):
            held = patches[some_rows, some_columns].reshape(-1)
            held = held[held > 0][:CELL_SLOTS]
            cells[i, j, : len(held)] = held
    return patches.reshape(-1, PATCH_SLOTS), cells.reshape(QUERIES, CELL_SLOTS)


def aimed(
    scenes: list[Scene], answers: list[str], starts: list[int], ids: NDArray[numpy.int64]
) -> NDArray[numpy.int64]:
    """Return for each token of an answer that stands in the picture the cell where it stands."""
    aims = numpy.full(ids.shape, -1, dtype=numpy.int64)
    for row, (scene, answer, start) in enumerate(zip(scenes, answers, starts, strict=True)):
        drawn = "".join(glyph.character for glyph in scene.glyphs)
        width, height = scene.picture.size
        seek = 0
        for line in answer.split("\n"):
            found = drawn.find(line, seek)
            for offset in range(len(line) if found >= 0 else 0):
                glyph = scene.glyphs[found + offset]
                x, y = (
                    min(max(glyph.x / width, 0.0), 0.9999),
                    min(max(glyph.y / height, 0.0), 0.9999),
                )
                aims[row, start + offset] = int(y * SIDE) * SIDE + int(x * SIDE)
            seek = max(seek, found + len(line))
            start += len(line) + 1
    return aims


def owned(patches: int) -> list[slice]:
    """Return which of a side's patches each of the SIDE cells along it owns, at least one."""
    if patches < SIDE:
        nearest = [int((i + 0.5) * patches / SIDE) for i in range(SIDE)]
        return [slice(n, n + 1) for n in nearest]
    edges = [round(i * patches / SIDE) for i in range(SIDE + 1)]
    return [slice(a, b) for a, b in pairwise(edges)]


def shape_target(scene: Scene) -> NDArray[numpy.int64]:
    """Return for each cell 0, or which shape in which colour has its centre there."""
    cells = numpy.zeros(QUERIES, dtype=numpy.int64)
    width, height = scene.picture.size
    names = list(COLOURS)
    for shape in scene.shapes:
        column, row = (
            int(min(shape.x / width, 0.9999) * SIDE),
            int(min(shape.y / height, 0.9999) * SIDE),
        )
        cells[row * SIDE + column] = (
            1 + SHAPES.index(shape.kind) * len(COLOURS) + names.index(shape.colour)
        )
    return cells
