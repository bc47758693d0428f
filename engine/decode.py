"""Writing: generators that turn logits into settled token ids, one forward pass at a time."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from .messages import Sampling, StopReason
from .sampling import make_generator, next_token, penalise

Writing = Generator[tuple[int, ...], None, StopReason]
LENGTH_PENALTY = 1.0
COPIES, REPEATED_LEAST = 6, 100  # of equal stretches, and tokens of all of them together


class Stepper(Protocol):
    """What decoding asks of the model."""

    def step(self, ids: Sequence[int]) -> Tensor:
        """Feed one token a row; return (rows, vocabulary) float32 logits on the CPU."""

    def spread(self, rows: int) -> None:
        """Continue with so many equal rows."""

    def reorder(self, rows: Sequence[int]) -> None:
        """Row i goes on from what was row ``rows[i]``."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Where writing ends: token ids that close, room for tokens, and why room is short."""

    bos: int
    eos: int
    room: int
    reason: StopReason


def write_single(
    logits: Tensor,
    model: Stepper,
    sampling: Sampling,
    limits: Limits,
    already: tuple[int, ...] = (),
) -> Writing:
    """Sampled or greedy writing from the last (vocabulary,) logits of the prompt and ``already``.

    The penalty covers bos and what was written: the published code started its ids with bos.
    A model that goes round in circles would do so until there is no room left: it is stopped.
    """
    chance = make_generator(sampling.seed)
    written = [limits.bos, *already]
    while True:
        token = next_token(logits, written, sampling, chance)
        if token == limits.eos:
            return StopReason.END
        written.append(token)
        yield (token,)
        if len(written) > limits.room:
            return limits.reason
        if repeats(written[len(already) + 1 :]):
            return StopReason.REPEATS
        logits = model.step([token])[0]


def repeats(ids: Sequence[int]) -> bool:
    """Whether ids end with one stretch of tokens over and over.

    Tables have equal rows and rules are long: only what no document shows counts as repeated.
    """
    for period in range(1, len(ids) // COPIES + 1):
        span = max(COPIES * period, REPEATED_LEAST)
        if len(ids) >= span and ids[-1] == ids[-1 - period]:
            tail = ids[-span:]
            if tail[period:] == tail[:-period]:
                return True
    return False


@dataclass(frozen=True, slots=True)
class Beam:
    """A hypothesis: its ids, and the sum of its log-probabilities."""

    ids: tuple[int, ...]
    score: float


def write_beams(
    logits: Tensor,
    model: Stepper,
    sampling: Sampling,
    limits: Limits,
    already: tuple[int, ...] = (),
) -> Writing:
    """Beam search as transformers does it with its defaults; ids are yielded once settled.

    An id is settled when every beam that can still win agrees on it, so text appears while
    the search goes on. The penalty acts on log-probabilities. The search begins after ``already``,
    which is settled.
    """
    width = sampling.beams
    running, finished = [Beam(already, 0.0)], list[Beam]()
    settled = len(already)
    logits = logits[None]
    while True:
        candidates = _extend(running, logits, sampling, limits.bos)
        last = len(candidates[0][1].ids) >= limits.room
        finished = _collect(finished, candidates[:width], width, limits.eos, last)
        parents, running = _survivors(candidates, width, limits.eos)
        if last or _cannot_improve(running, finished, width):
            break
        newly = _common_prefix([*running, *finished])[settled:]
        settled += len(newly)
        yield newly
        if len(running[0].ids) == len(already) + 1:
            model.spread(width)
        else:
            model.reorder(parents)
        logits = model.step([beam.ids[-1] for beam in running])
    best = max(finished, key=lambda beam: beam.score).ids
    closed = best[-1] == limits.eos
    yield best[settled : len(best) - closed]
    return StopReason.END if closed else limits.reason


def _extend(
    running: list[Beam], logits: Tensor, sampling: Sampling, bos: int
) -> list[tuple[int, Beam]]:
    """The 2 * width best continuations, best first, each with its parent's row."""
    rows = []
    for beam, row in zip(running, logits.log_softmax(-1), strict=True):
        rows.append(penalise(row, (bos, *beam.ids), sampling.repetition_penalty) + beam.score)
    scores = torch.stack(rows)
    best = torch.topk(scores.flatten(), 2 * sampling.beams)
    vocabulary = scores.shape[1]
    return [
        (index // vocabulary, Beam((*running[index // vocabulary].ids, index % vocabulary), score))
        for score, index in zip(best.values.tolist(), best.indices.tolist(), strict=True)
    ]


def _collect(
    finished: list[Beam], top: list[tuple[int, Beam]], width: int, eos: int, last: bool
) -> list[Beam]:
    """Add the closed ones of the best continuations, scored by length, and keep ``width``."""
    closed = [
        Beam(beam.ids, beam.score / len(beam.ids) ** LENGTH_PENALTY)
        for _, beam in top
        if last or beam.ids[-1] == eos
    ]
    return sorted([*finished, *closed], key=lambda beam: -beam.score)[:width]


def _survivors(
    candidates: list[tuple[int, Beam]], width: int, eos: int
) -> tuple[list[int], list[Beam]]:
    open_ones = [(row, beam) for row, beam in candidates if beam.ids[-1] != eos][:width]
    return [row for row, _ in open_ones], [beam for _, beam in open_ones]


def _cannot_improve(running: list[Beam], finished: list[Beam], width: int) -> bool:
    """Whether the best running beam, at its present length, loses to the worst finished one."""
    if len(finished) < width:
        return False
    best = running[0].score / len(running[0].ids) ** LENGTH_PENALTY
    return best <= finished[-1].score


def _common_prefix(beams: list[Beam]) -> tuple[int, ...]:
    first = beams[0].ids
    length = min(len(beam.ids) for beam in beams)
    for index in range(length):
        if any(beam.ids[index] != first[index] for beam in beams):
            return first[:index]
    return first[:length]
