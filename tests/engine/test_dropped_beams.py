"""Beams of which the hopeless are dropped, against a search that remembers nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from engine.decode import ALIKE, closing_where_likeliest, meet, write_beams
from engine.messages import Sampling
from engine.model.minicpmv import MiniCPMV
from tests.engine.test_decode import (
    EOS,
    PROMPT,
    ROOM,
    SEEDS,
    Closed,
    Counting,
    every_row,
    limits,
    model_of,
    single,
)


def searched(model: MiniCPMV, width: int, threshold: float) -> list[int]:
    """The same search without a cache: every hypothesis is read anew."""
    running: list[tuple[list[int], float]] = [([], 0.0)]
    finished = list[tuple[list[int], float]]()
    while running and len(running[0][0]) < ROOM:
        ways = []
        for ids, score in running:
            logits = every_row(model, [*PROMPT, *ids])[-1].clone()
            if int(logits.argmax()) != EOS:
                logits[EOS] = -math.inf
            chances = logits.log_softmax(-1).tolist()
            ways += [([*ids, token], score + chance) for token, chance in enumerate(chances)]
        ways = sorted(ways, key=lambda way: -way[1])[: 2 * width]
        last = len(ways[0][0]) == ROOM
        closed = [way for way in ways[:width] if last or way[0][-1] == EOS]
        finished += [(ids, score / len(ids)) for ids, score in closed]
        best = max((mean for _, mean in finished), default=-math.inf)
        kept = list[tuple[list[int], float]]()
        for ids, score in ways:
            hopeful = score >= ways[0][1] - threshold and score / len(ids) > best
            if hopeful and not any(meet(ids, better) for better, _ in kept):
                kept.append((ids, score))
        running = [way for way in kept if way[0][-1] != EOS][:width]
    ids = max(finished, key=lambda one: one[1])[0]
    return ids[:-1] if ids[-1] == EOS else ids


@pytest.mark.parametrize("threshold", [0.2, 0.5, 1.0, 1000.0])
def test_hypotheses_that_fall_behind_are_dropped(threshold: float) -> None:
    rows = list[int]()
    for seed in SEEDS:
        model = model_of(seed)
        runner, sampling = Counting(model), Sampling.beam(3, 1.0, threshold=threshold)
        logits = runner.read(PROMPT, [], [])
        ours = Closed(write_beams(logits, runner, sampling, limits()))
        assert ours.ids == searched(model, 3, threshold), seed
        rows += runner.rows
    falls = [before - after for before, after in pairwise(rows)]
    assert set(rows) <= {1, 2, 3}
    assert threshold > 1 or (max(falls) > 0 and min(falls) < 0), "rows come and go"


def test_a_row_may_only_close_where_that_is_likeliest() -> None:
    logits = torch.tensor([[0.0, 1.0, 2.0], [0.0, 3.0, 2.0], [2.0, 1.0, 2.5]])
    told = closing_where_likeliest(logits, eos=1)
    assert told.tolist() == [[0.0, -math.inf, 2.0], [0.0, 3.0, 2.0], [2.0, -math.inf, 2.5]]


def test_a_search_that_is_sure_asks_the_model_for_one_row() -> None:
    model = model_of(0)
    model.llm.lm_head.weight[EOS] = 0.0
    runner, sampling = Counting(model), Sampling.beam(3, 1.0, threshold=1e-6)
    closed = Closed(write_beams(runner.read(PROMPT, [], []), runner, sampling, limits()))
    assert closed.ids == single(model, Sampling.greedy()).ids
    assert runner.rows == [1] * (ROOM - 1)


ENDING = list(range(40, 40 + ALIKE))


@pytest.mark.parametrize(
    ("one", "other", "met"),
    [
        ([3, 4, *ENDING], [3, 5, *ENDING], True),
        ([3, 4, *ENDING], [3, *ENDING, 9], True),
        ([3, 4, 5, *ENDING], [3, *ENDING, 9, 8], True),
        ([3, 4, 5, 6, *ENDING], [3, *ENDING, 9, 8, 7], False),
        ([3, *ENDING, 6], [3, *ENDING, 7], False),
        ([3, 4, *ENDING[1:]], [3, 5, *ENDING[1:]], False),
        ([], [], False),
    ],
    ids=["another letter", "one ahead", "two ahead", "three ahead", "forked", "too early", "empty"],
)
def test_hypotheses_meet_where_they_end_alike(one, other, met):
    assert meet(one, other) is met
    assert meet(other, one) is met


class Fork:
    """A model that is sure of all but the first token, which is one of two, then of an ending."""

    def __init__(self, ids: Sequence[int]) -> None:
        self.ids, self.rows = ids, list[int]()

    def logits(self) -> Tensor:
        scores = torch.full((64,), -20.0)
        scores[[3, 4]] = torch.tensor([1.0, 0.9])
        return scores

    def step(self, ids: Sequence[int]) -> Tensor:
        scores = torch.full((len(ids), 64), -20.0)
        scores[:, self.ids[len(self.rows)]] = 1.0
        self.rows.append(len(ids))
        return scores

    def spread(self, rows: int) -> None:
        assert rows == 2

    def reorder(self, rows: Sequence[int]) -> None:
        assert set(rows) <= {0, 1}


def test_of_hypotheses_that_have_met_only_the_best_is_asked_on():
    model = Fork([*ENDING, 50, 51, EOS])
    sampling = Sampling.beam(2, 1.0, threshold=3.0)
    closed = Closed(write_beams(model.logits(), model, sampling, limits(room=99)))
    assert closed.ids == [3, *ENDING, 50, 51]
    assert model.rows == [2] * ALIKE + [1] * 3
