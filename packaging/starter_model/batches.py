"""Turn scenes into training batches: views by the published rule, targets, token ids."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from pathlib import Path

import numpy
import torch
from numpy.typing import NDArray
from PIL import Image
from sentencepiece import SentencePieceProcessor
from torch import Tensor

from build_vocabulary import CLOSING_ID
from cells import distinct
from curriculum import Curriculum, ViewPlan
from glyphs import glyphs
from layout import Layout
from line_numbers import line_targets
from questions import Asked, Asker
from roles import role_targets
from scenes import Painter, Scene
from sizes import PATCH, QUERIES
from slips import with_slips
from targets import Numbers, aimed, character_targets, foreign_targets, reading_order, shape_target

Pixels = NDArray[numpy.uint8]
PAGE_ANSWER = 1.6, 0.5  # tokens a patch of a page with the smallest letters, English and Chinese
READ = ("page", "lines", "window", "sheet", "dialog")  # kinds whose answers are mostly copied
ANSWERS = {"window": 110, "lines": 50, "sheet": 100, "dialog": 100, "shapes": 100, "thing": 24}


@dataclass(frozen=True)
class Batch:
    """Samples with equally large views, and their targets.

    The first axis of what concerns views runs over the samples' slices, or their only views:
    slices of one sample follow each other. That of the rest runs over the samples.
    """

    pixels: Pixels  # (slices, height, width, 3)
    overviews: Pixels | None  # (samples, height, width, 3), where pictures are cut
    patch_targets: Numbers  # (slices, patches, PATCH_SLOTS)
    cell_targets: Numbers  # (slices, QUERIES, CELL_SLOTS)
    foreign: Numbers  # (n, 4): slice, patch, cell and token of characters beyond ASCII
    glyphs: NDArray[numpy.float32]  # (n, GLYPH_PIXELS): how those characters look
    shape_targets: Numbers  # (slices, QUERIES)
    lines: Numbers  # (samples, cells of all slices): the line of the text there, or -1
    roles: Numbers  # (samples, cells of all slices, 3), as `role_targets` has them
    ids: Numbers  # (samples, length), padded with CLOSING_ID
    taught: NDArray[numpy.bool_]  # (samples, length): the answers' tokens, and the closing one
    aims: Numbers  # (samples, length): the cell that holds a token's character, or -1
    order: Numbers  # (samples, k, 2): cells in whose text another's ends before it, or -1
    layout: Layout
    whole: bool  # whether every query's output stands in the prompt
    letters_only: bool  # dense pages that teach tower and resampler, without a question


class Tokens:
    """Character tokens and the exact prompt of a picture's views."""

    def __init__(self, model_file: Path) -> None:
        """Open a vocabulary."""
        self.processor = SentencePieceProcessor(model_file=str(model_file))
        self.user, self.reply = self.encode("<用户>"), self.encode("<AI>")
        self.view = [101, *[0] * QUERIES, 102]
        pieces = map(self.processor.id_to_piece, range(self.processor.vocab_size()))
        self.glyphs = glyphs(tuple(pieces))

    def encode(self, text: str) -> list[int]:
        """Return the ids of a text."""
        ids: list[int] = self.processor.encode(text)
        return ids

    def head(self, layout: Layout) -> list[int]:
        """Return the ids before the first question: the overview, then the rows of slices."""
        new_line = self.encode("\n")
        views = list(self.view)
        if layout.overview is not None:
            row = self.view * layout.slices[0]
            views += [111, *row, *(new_line + row) * (layout.slices[1] - 1), 112]
        return [1, *self.user, *views, *new_line]

    def prompt(self, question: str, layout: Layout) -> list[int]:
        """Return the ids up to where the answer begins."""
        return [*self.head(layout), *self.encode(question), *self.reply]

    def talk(self, asked: list[Asked], layout: Layout) -> tuple[list[int], list[slice]]:
        """Return the ids of questions and answers about one view, and where each answer stands."""
        ids = self.head(layout)
        answers: list[slice] = []
        for one in asked:
            ids += self.user if answers else []
            ids += [*self.encode(one.question), *self.reply]
            answers.append(slice(len(ids), len(ids) + len(one.answer)))
            ids += self.encode(one.answer)
        return [*ids, CLOSING_ID], answers


class BatchSource:
    """A seeded source of batches whose difficulty follows the progress of the training."""

    def __init__(
        self,
        seed: int,
        vocabulary: Path,
        tokens_per_batch: int = 5000,
        plan_seed: int | None = None,
        eyes: bool = True,
    ) -> None:
        """Start at a seed; a batch costs about `tokens_per_batch` tokens of work.

        Without the `eyes` only the decoder learns, and no batch is of letters alone.
        """
        self.painter = Painter(seed)
        self.asker = Asker(self.painter.random)
        plans = random.Random(seed if plan_seed is None else plan_seed)
        self.curriculum = Curriculum(self.painter, plans, eyes)
        self.tokens = Tokens(vocabulary)
        self.tokens_per_batch = tokens_per_batch

    def batch(self, progress: float) -> Batch:
        """Draw a whole batch for a moment of the training between 0 and 1."""
        plan = self.curriculum.plan(progress)
        count = max(2, min(60, round(self.tokens_per_batch / self.cost(plan))))
        scenes = [
            self.curriculum.scene(self.curriculum.frame(plan), plan, progress) for _ in range(count)
        ]
        pictures = [self.painter.blemish(scene.picture) for scene in scenes]
        talks = [self.asker.talk(scene) for scene in scenes]
        batch = assemble(scenes, pictures, talks, plan, self.tokens)
        if plan.kind not in READ:
            return batch
        ids, taught, aims = with_slips(batch.ids, batch.taught, batch.aims, self.painter.random)
        return replace(batch, ids=ids, taught=taught, aims=aims)

    @staticmethod
    def cost(plan: ViewPlan) -> float:
        """Return about how many tokens a sample puts through tower and decoder together."""
        grids = plan.layout.grids
        patches = sum(rows * columns for rows, columns in grids)
        if plan.kind == "letters":
            return 1.5 * patches  # so dense that smaller batches teach as well
        answer = ANSWERS.get(plan.kind, 10)
        if plan.large is not None:  # a page: as many letters as its area holds
            most = PAGE_ANSWER[plan.chinese] * patches
            answer = 20 + round(most / (1 + 8 * plan.large))
        queries = sum(
            QUERIES if plan.whole else len(distinct(rows, columns)) for rows, columns in grids
        )
        return patches + queries + answer


def assemble(
    scenes: list[Scene],
    pictures: list[Image.Image],
    talks: list[list[Asked]],
    plan: ViewPlan,
    tokens: Tokens,
) -> Batch:
    """Scale the scenes' pictures to views of one size and write down every target."""
    layout = plan.layout
    whole = [tokens.talk(asked, layout) for asked in talks]
    length = max(len(row) for row, _ in whole)
    ids = numpy.full((len(scenes), length), CLOSING_ID, dtype=numpy.int64)
    taught = numpy.zeros(ids.shape, dtype=numpy.bool_)
    for place, (row, answers) in enumerate(whole):
        ids[place, : len(row)] = row
        for answer in (*answers, slice(len(row) - 1, len(row))):  # and that it ends
            taught[place, answer] = True
    characters = [character_targets(scene, layout) for scene in scenes]
    foreign = all_foreign(scenes, layout, tokens)
    return Batch(
        numpy.concatenate([slices_of(picture, layout) for picture in pictures]),
        None if layout.overview is None else scaled(pictures, layout.overview),
        numpy.concatenate([patches for patches, _ in characters]),
        numpy.concatenate([cells for _, cells in characters]),
        foreign,
        tokens.glyphs[foreign[:, 3]],
        numpy.concatenate([shape_target(scene, layout) for scene in scenes]),
        numpy.stack([line_targets(scene, layout) for scene in scenes]),
        numpy.stack([role_targets(scene, layout) for scene in scenes]),
        ids,
        taught,
        aimed(scenes, talks, [answers for _, answers in whole], ids.shape, layout),
        reading_order(scenes, layout),
        layout,
        plan.whole,
        plan.kind == "letters",
    )


def all_foreign(scenes: list[Scene], layout: Layout, tokens: Tokens) -> Numbers:
    """Return (slice, patch, cell, token) of every character beyond ASCII, (n, 4)."""
    found = [
        (sample * layout.parts + part, patch, cell, tokens.encode(character)[0])
        for sample, scene in enumerate(scenes)
        for part, patch, cell, character in foreign_targets(scene, layout)
    ]
    return numpy.array(found, dtype=numpy.int64).reshape(-1, 4)


def slices_of(picture: Image.Image, layout: Layout) -> Pixels:
    """Scale a picture and cut it row by row, (slices, height, width, 3)."""
    rows, columns = layout.patches
    size = columns * PATCH, rows * PATCH
    whole = numpy.asarray(picture.resize(size, Image.Resampling.BICUBIC))
    across, down = layout.slices
    parts = whole.reshape(down, layout.rows * PATCH, across, layout.columns * PATCH, 3)
    return parts.swapaxes(1, 2).reshape(-1, layout.rows * PATCH, layout.columns * PATCH, 3)


def scaled(pictures: list[Image.Image], grid: tuple[int, int]) -> Pixels:
    """Scale pictures whole, (samples, height, width, 3)."""
    size = grid[1] * PATCH, grid[0] * PATCH
    return numpy.stack(
        [numpy.asarray(one.resize(size, Image.Resampling.BICUBIC)) for one in pictures]
    )


def pixels_of(views: Pixels) -> Tensor:
    """Return views (n, height, width, 3) as the tower takes them, (n, 3, height, width)."""
    return torch.from_numpy(views).permute(0, 3, 1, 2).float().div_(127.5).sub_(1.0)
