"""Writing: generators that turn logits into settled token ids, one forward pass at a time."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from .messages import Sampling, StopReason
from .sampling import make_generator, next_token, penalise

Writing = Generator[tuple[int, ...], None, StopReason]
ALIKE, LEAD_MOST = 5, 2  # tokens after which hypotheses have met, and how far one may be ahead
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

    A finite ``sampling.beam_threshold`` drops hypotheses that have little chance, so that the model
    is asked for few rows, mostly for one, while it is sure. Nor does an answer close then where
    closing is not its likeliest token.
    """
    width = sampling.beams
    running, finished = [Beam(already, 0.0)], list[Beam]()
    settled = len(already)
    logits = logits[None]
    while True:
        if sampling.beam_threshold < math.inf:
            logits = closing_where_likeliest(logits, limits.eos)
        candidates = _extend(running, logits, sampling, limits.bos)
        last = len(candidates[0][1].ids) >= limits.room
        closed = [beam for _, beam in candidates[:width] if last or beam.ids[-1] == limits.eos]
        finished = _collect(finished, closed, sampling)
        candidates = _promising(candidates, finished, sampling)
        parents, running = _survivors(candidates, width, limits.eos)
        if last or not running or _cannot_improve(running, finished, sampling):
            break
        if repeats(running[0].ids[len(already) :]):
            yield running[0].ids[settled:]
            return StopReason.REPEATS
        newly = _common_prefix([*running, *finished])[settled:]
        settled += len(newly)
        yield newly
        if len(running[0].ids) == len(already) + 1:
            model.spread(width)
        else:
            model.reorder(parents)
        logits = model.step([beam.ids[-1] for beam in running])
    best = max(finished, key=lambda beam: beam.score).ids
    ended = best[-1] == limits.eos
    yield best[settled : len(best) - ended]
    return StopReason.END if ended else limits.reason


def closing_where_likeliest(logits: Tensor, eos: int) -> Tensor:
    """Logits (rows, vocabulary) in which only a row that would close anyway may close.

    Else an answer that ends early beats one that goes on with what is hard to read.
    """
    early = logits.argmax(-1) != eos
    told = logits.clone()
    told[early, eos] = -math.inf
    return told


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


def _by_length(beam: Beam, sampling: Sampling) -> float:
    return beam.score / len(beam.ids) ** sampling.length_penalty


def _collect(finished: list[Beam], closed: list[Beam], sampling: Sampling) -> list[Beam]:
    """Add those that have closed now, scored by their lengths, and keep as many as may run."""
    scored = [Beam(beam.ids, _by_length(beam, sampling)) for beam in closed]
    return sorted([*finished, *scored], key=lambda beam: -beam.score)[: sampling.beams]


def _promising(
    candidates: list[tuple[int, Beam]], finished: list[Beam], sampling: Sampling
) -> list[tuple[int, Beam]]:
    """Leave out what is too far behind the best, or would lose if it closed now.

    Of hypotheses that meet again only the best stays: they would go on alike.
    """
    if sampling.beam_threshold == math.inf:
        return candidates
    least = candidates[0][1].score - sampling.beam_threshold
    beaten = max((beam.score for beam in finished), default=-math.inf)
    kept = list[tuple[int, Beam]]()
    for row, beam in candidates:
        hopeful = beam.score >= least and _by_length(beam, sampling) > beaten
        if hopeful and not any(meet(beam.ids, better.ids) for _, better in kept):
            kept.append((row, beam))
    return kept


def meet(one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether two equally long hypotheses ended in the same tokens, one perhaps a little later.

    Two readings of one character differ there and nowhere else, and where one of them has left
    out a character it is ahead from then on.
    """
    return any(
        tuple(front[-ALIKE - lead :][:ALIKE]) == tuple(back[-ALIKE:])
        for lead in range(LEAD_MOST + 1)
        for front, back in ((one, other), (other, one))
        if len(front) >= ALIKE + lead
    )


def _survivors(
    candidates: list[tuple[int, Beam]], width: int, eos: int
) -> tuple[list[int], list[Beam]]:
    open_ones = [(row, beam) for row, beam in candidates if beam.ids[-1] != eos][:width]
    return [row for row, _ in open_ones], [beam for _, beam in open_ones]


def _cannot_improve(running: list[Beam], finished: list[Beam], sampling: Sampling) -> bool:
    """Whether the best running beam, at its present length, loses to the worst finished one."""
    if len(finished) < sampling.beams:
        return False
    return _by_length(running[0], sampling) <= finished[-1].score


def _common_prefix(beams: list[Beam]) -> tuple[int, ...]:
    first = beams[0].ids
    length = min(len(beam.ids) for beam in beams)
    for index in range(length):
        if any(beam.ids[index] != first[index] for beam in beams):
            return first[:index]
    return first[:length]
