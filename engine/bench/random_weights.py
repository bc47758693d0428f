"""The published shapes with random weights, made in memory: noise, for measuring alone."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import torch
from torch import Tensor

NOISE_VALUES = 2**20


class RandomTensors:
    """A tensor for each name: norms near one, the rest small enough not to overflow.

    One strip of noise is repeated at different offsets; the speed of a product does not
    depend on its numbers, and drawing billions of them takes minutes.
    """

    def __init__(self, shapes: Mapping[str, tuple[int, ...]], dtype: torch.dtype) -> None:
        generator = torch.Generator().manual_seed(0)
        self.shapes = dict(shapes)
        self._noise = torch.empty(NOISE_VALUES).normal_(generator=generator).to(dtype)

    def get(self, name: str) -> Tensor:
        """The tensor of that name; the same at every call."""
        shift = 7919 * zlib.crc32(name.encode()) % NOISE_VALUES
        return _from_noise(self._noise.roll(shift), name, torch.Size(self.shapes[name]))


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
