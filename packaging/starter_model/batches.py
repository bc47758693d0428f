"""Turn scenes into training batches: views by the published rule, targets, token ids."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from pathlib import Path

import numpy
from numpy.typing import NDArray
from PIL import Image
from sentencepiece import SentencePieceProcessor

from scenes import COLOURS, SHAPES, Frame, Painter, Scene

PATCH = 14
SIDE = 8
CELL_SLOTS = 12
PATCH_SLOTS = 3
CHARACTER_CLASSES = 96
SHAPE_CLASSES = 1 + len(SHAPES) * len(COLOURS)
QUERIES = SIDE * SIDE
EASY = 0.12
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
    grid: tuple[int, int]


@dataclass(frozen=True)
class ViewPlan:
    """One batch's view: the side of the square of equal area, rows and columns of patches."""

    side: int
    rows: int
    columns: int


def fit(width: int, height: int, side: int) -> tuple[int, int]:
    """Return the (rows, columns) of patches that the published slicing gives a small picture."""
    ratio = width / height
    tall = int(side / math.sqrt(ratio))
    wide = int(tall * ratio)
    return max(round(tall / PATCH), 1), max(round(wide / PATCH), 1)


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
        full = max(0.0, min(0.55, (progress - 0.25) * 1.4))
        middle = max(0.0, min(0.35, progress * 1.5 - 0.1)) * (1 - full)
        draw = self.plans.random()
        if draw < full:
            side, low, high = 448, 0.8, 16.0
        elif draw < full + middle:
            side, low, high = self.plans.choice((224, 288, 336)), 0.8, 12.0
        else:
            sides = (112, 128, 144) if progress < EASY else (112, 144, 176, 208)
            side, low, high = self.plans.choice(sides), 2.0, 16.0
        aspect = math.exp(self.plans.uniform(math.log(low), math.log(high)))
        rows, columns = fit(round(1000 * aspect), 1000, side)
        return ViewPlan(side, rows, columns)

    def frame(self, plan: ViewPlan, progress: float = 1.0) -> Frame:
        """Choose a capture that this view could come from, with letters of 10 to 40 pixels."""
        height = plan.rows * PATCH
        largest = min(100.0, 0.72 * height)
        harder = max(0.0, progress - EASY)
        smallest, largest = max(11.5, 15.0 - 40 * harder), min(largest, 22.0 + 600 * harder)
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
        self.painter.plain = self.random.random() < 1.0 - (progress - EASY) / 0.12
        if progress < EASY + 0.05:
            return self.painter.lines(frame, 3)
        if draw < 0.04:
            return self.painter.empty(frame)
        if draw < 0.14 and tall > 3 and frame.width < 5 * frame.height:
            return self.painter.shapes(frame)
        if draw < 0.45 and tall > 4.5 and frame.width > 11 * frame.font_size:
            return self.painter.window(frame)
        return self.painter.lines(frame)

    def batch(self, progress: float) -> Batch:
        """Draw a whole batch for a moment of the training between 0 and 1."""
        plan = self.plan(progress)
        budget = self.patches * (2.0 if plan.side == 448 else 1.0)
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
        numpy.stack([cell for _, cell in targets]),
        numpy.stack([shape_target(scene) for scene in scenes]),
        ids,
        numpy.array([len(prompt) for prompt in prompts]),
        numpy.array([len(sequence) for sequence in whole]),
        (plan.rows, plan.columns),
    )


def character_targets(
    scene: Scene, plan: ViewPlan
) -> tuple[NDArray[numpy.int64], NDArray[numpy.int64]]:
    """Return the characters of each patch (patches, 3) and of each cell of the grid (64, 12)."""
    patches = numpy.zeros((plan.rows * plan.columns, PATCH_SLOTS), dtype=numpy.int64)
    cells = numpy.zeros((QUERIES, CELL_SLOTS), dtype=numpy.int64)
    width, height = scene.picture.size
    for glyph in scene.glyphs:
        kind = character_class(glyph.character)
        x, y = min(max(glyph.x / width, 0.0), 0.9999), min(max(glyph.y / height, 0.0), 0.9999)
        if kind != CHARACTER_CLASSES - 1:
            patch = patches[int(y * plan.rows) * plan.columns + int(x * plan.columns)]
            patch[min(numpy.count_nonzero(patch), PATCH_SLOTS - 1)] = kind
        fine = int(x * SIDE * CELL_SLOTS)
        cell, slot = cells[int(y * SIDE) * SIDE + fine // CELL_SLOTS], fine % CELL_SLOTS
        if cell[slot] and slot + 1 < CELL_SLOTS:
            slot += 1
        cell[slot] = kind
    return patches, cells


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
