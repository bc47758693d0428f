"""From logits to the next token: pure functions in the order of transformers' generation."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from .messages import Decoding, Sampling


def penalise(scores: Tensor, written: Iterable[int], penalty: float) -> Tensor:
    """Repetition penalty on (vocabulary,) scores: positive ones divided, negative multiplied."""
    ids = sorted(set(written))
    if penalty == 1.0 or not ids:
        return scores
    index = torch.tensor(ids, device=scores.device)
    chosen = scores[index]
    return scores.index_copy(0, index, torch.where(chosen < 0, chosen * penalty, chosen / penalty))


def keep_top_k(scores: Tensor, k: int) -> Tensor:
    """All but the ``k`` best scores become -inf; 0 keeps all."""
    if k <= 0 or k >= scores.shape[-1]:
        return scores
    return scores.masked_fill(scores < torch.topk(scores, k).values[-1], -torch.inf)


def keep_top_p(scores: Tensor, p: float) -> Tensor:
    """Keep the fewest best scores whose probabilities reach ``p``, at least one."""
    if p >= 1.0:
        return scores
    ascending, order = torch.sort(scores)
    out = ascending.softmax(-1).cumsum(-1) <= 1.0 - p
    out[-1] = False
    return scores.masked_fill(torch.zeros_like(out).scatter(0, order, out), -torch.inf)


def next_token(
    logits: Tensor, written: Iterable[int], sampling: Sampling, generator: torch.Generator
) -> int:
    """Choose from (vocabulary,) float32 logits on the CPU."""
    scores = penalise(logits, written, sampling.repetition_penalty)
    if sampling.decoding is not Decoding.SAMPLE:
        return int(scores.argmax())
    scores = keep_top_k(scores / sampling.temperature, sampling.top_k)
    scores = keep_top_p(scores, sampling.top_p)
    return int(torch.multinomial(scores.softmax(-1), 1, generator=generator))


def make_generator(seed: int | None) -> torch.Generator:
    """A source of chance on the CPU, so that a seed gives the same answer on every device."""
    generator = torch.Generator()
    if seed is None:
        generator.seed()
    else:
        generator.manual_seed(seed)
    return generator
