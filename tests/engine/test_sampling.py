"""Choosing a token against transformers' own processors, and the rules of the defaults."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers.generation.logits_process import (
    LogitsProcessorList,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from engine.messages import Decoding, Sampling
from engine.sampling import keep_top_k, keep_top_p, make_generator, next_token, penalise

VOCABULARY = 200
WRITTEN = (1, 17, 4, 17, 60)


def logits(seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return 3 * torch.randn(VOCABULARY, generator=generator)


def theirs(scores: Tensor, sampling: Sampling) -> Tensor:
    """transformers' processors in transformers' order."""
    processors: Any = LogitsProcessorList(
        [
            RepetitionPenaltyLogitsProcessor(sampling.repetition_penalty),
            TemperatureLogitsWarper(sampling.temperature),
            TopKLogitsWarper(sampling.top_k),
            TopPLogitsWarper(sampling.top_p),
        ]
    )
    return processors(torch.tensor([WRITTEN]), scores[None].clone())[0]


def ours(scores: Tensor, sampling: Sampling) -> Tensor:
    scores = penalise(scores, WRITTEN, sampling.repetition_penalty) / sampling.temperature
    return keep_top_p(keep_top_k(scores, sampling.top_k), sampling.top_p)


SAMPLINGS = [
    Sampling(),
    Sampling(temperature=1.7, top_p=0.95, top_k=7, repetition_penalty=1.3),
    Sampling(temperature=0.2, top_p=0.3, top_k=150, repetition_penalty=0.8),
    Sampling(temperature=1.0, top_p=0.01, top_k=1),
]


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_scores_are_those_of_transformers(sampling: Sampling) -> None:
    for seed in range(20):
        scores = logits(seed)
        torch.testing.assert_close(ours(scores, sampling), theirs(scores, sampling))


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_tokens_are_drawn_by_those_scores(sampling: Sampling) -> None:
    """The same source of chance, so the very same token."""
    for seed in range(20):
        probabilities = theirs(logits(seed), sampling).softmax(-1)
        expected = int(torch.multinomial(probabilities, 1, generator=make_generator(seed)))
        assert next_token(logits(seed), WRITTEN, sampling, make_generator(seed)) == expected


def test_the_penalty_lowers_what_was_written_once() -> None:
    scores = torch.tensor([2.0, -2.0, 0.0, 3.0])
    penalised = penalise(scores, [0, 0, 1, 2], 1.25)
    torch.testing.assert_close(penalised, torch.tensor([1.6, -2.5, 0.0, 3.0]))
    assert torch.equal(scores, torch.tensor([2.0, -2.0, 0.0, 3.0]))
    assert torch.equal(penalise(scores, [], 1.25), scores)


def test_the_few_best_are_kept() -> None:
    scores = torch.log(torch.tensor([0.1, 0.5, 0.15, 0.25]))
    kept = keep_top_p(scores, 0.7).softmax(-1)
    torch.testing.assert_close(kept, torch.tensor([0.0, 2 / 3, 0.0, 1 / 3]))
    torch.testing.assert_close(keep_top_k(scores, 1).softmax(-1), torch.tensor([0.0, 1, 0, 0]))
    assert keep_top_p(scores, 1e-6).isfinite().tolist() == [False, True, False, False]
    assert torch.equal(keep_top_k(scores, 0), scores)
    assert torch.equal(keep_top_k(scores, 9), scores)
    assert torch.equal(keep_top_p(scores, 1.0), scores)


def test_draws_follow_the_probabilities() -> None:
    scores = torch.log(torch.tensor([0.1, 0.5, 0.15, 0.25]))
    sampling = Sampling(temperature=1.0, top_p=0.8, top_k=0, repetition_penalty=1.0)
    chance, draws = make_generator(0), 2000
    counts = [0] * 4
    for _ in range(draws):
        counts[next_token(scores, [], sampling, chance)] += 1
    expected = [0.0, 0.5 / 0.9, 0.15 / 0.9, 0.25 / 0.9]
    for count, probability in zip(counts, expected, strict=True):
        deviation = math.sqrt(draws * probability * (1 - probability))
        assert abs(count - draws * probability) <= 4 * deviation


def test_greedy_takes_the_best_after_the_penalty() -> None:
    scores = torch.tensor([4.0, 3.5, 1.0])
    chance = make_generator(None)
    assert next_token(scores, [0], Sampling.greedy(), chance) == 0
    assert next_token(scores, [0], Sampling.greedy(1.2), chance) == 1


def test_chance_differs_without_a_seed() -> None:
    draws = {tuple(torch.rand(4, generator=make_generator(None)).tolist()) for _ in range(3)}
    assert len(draws) == 3
    first, second = (torch.rand(4, generator=make_generator(11)) for _ in range(2))
    assert torch.equal(first, second)


@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature": 0.0},
        {"temperature": math.nan},
        {"temperature": math.inf},
        {"top_p": 0.0},
        {"top_p": 1.1},
        {"top_p": math.nan},
        {"top_k": -1},
        {"repetition_penalty": 0.0},
        {"repetition_penalty": math.nan},
        {"beams": 0},
        {"beam_threshold": 0.0},
        {"beam_threshold": math.nan},
        {"length_penalty": math.nan},
        {"max_new_tokens": 0},
        {"seed": -1},
        {"seed": 2**64},
    ],
    ids=str,
)
def test_values_out_of_range_are_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Sampling(**wrong)


def test_without_chance_a_model_searches_as_it_did_or_takes_the_likeliest_token() -> None:
    assert Sampling(top_p=0.5).without_chance().decoding is Decoding.GREEDY
    assert Sampling(repetition_penalty=1.3).without_chance().repetition_penalty == 1.0
    assert Sampling.greedy(1.2, 9).without_chance() == Sampling.greedy(1.0, 9)
    wide = Sampling.beam(4, 1.0, threshold=2.5)
    assert wide.without_chance() == wide


def test_every_seed_that_is_taken_works() -> None:
    for seed in (0, 2**63, 2**64 - 1):
        make_generator(Sampling(seed=seed).seed)


def test_the_defaults_are_those_of_the_model_card() -> None:
    told = Sampling()
    assert (told.temperature, told.top_p, told.top_k) == (0.7, 0.8, 100)
    assert (told.repetition_penalty, told.decoding) == (1.05, Decoding.SAMPLE)
    assert (Sampling.beam().beams, Sampling.beam().repetition_penalty) == (3, 1.2)
    assert Sampling.greedy().repetition_penalty == 1.0
