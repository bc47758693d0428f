"""The published shapes with random weights, made in memory: noise, for measuring alone."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

NOISE_VALUES = 2**20


def random_tensors(shapes: dict[str, tuple[int, ...]], dtype: torch.dtype) -> Iterator[Tensor]:
    """A tensor for each shape, in order: norms near one, the rest small enough not to overflow.

    One strip of noise is repeated at different offsets; the speed of a product does not
    depend on its numbers, and drawing billions of them takes minutes.
    """
    generator = torch.Generator().manual_seed(0)
    noise = torch.empty(NOISE_VALUES).normal_(generator=generator).to(dtype)
    for number, (name, shape) in enumerate(shapes.items()):
        yield _from_noise(noise.roll(7919 * number), name, torch.Size(shape))


def _from_noise(noise: Tensor, name: str, shape: torch.Size) -> Tensor:
    count = shape.numel()
    tensor = torch.empty(count, dtype=noise.dtype)
    whole = count // NOISE_VALUES * NOISE_VALUES
    tensor[:whole].view(-1, NOISE_VALUES).copy_(noise.expand(whole // NOISE_VALUES, -1))
    tensor[whole:] = noise[: count - whole]
    if "norm" in name or ".ln_" in name:
        centre = 1.0 if name.endswith("weight") else 0.0
        return tensor.mul_(0.02).add_(centre).view(shape)
    fan_in = shape[-1] if len(shape) < 3 else shape[1:].numel()
    return tensor.mul_(fan_in**-0.5).view(shape)
