"""Numbers to codes: eight bits a weight with a scale for each row, or four with groups inside."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

GROUP = 64  # weights of one row that share a multiplier and an offset
ROWS_AT_ONCE = 1024  # so that the float32 copies of a large table stay small
HIGHEST = 127
# A four-bit code reaches at most half a step, 8.5, past the weight that it stands for.
HIGHEST_OF_FOUR_BITS = 118
SHRINKS = (0.82, 0.91, 1.0)  # of a group's range: leaving out its ends may serve the rest better


@dataclass(frozen=True, slots=True)
class EightBits:
    """``codes`` (rows, columns) int8 times ``scales`` (rows,) bfloat16 are the weights."""

    codes: Tensor
    scales: Tensor


@dataclass(frozen=True, slots=True)
class FourBits:
    """``(codes - 8) * multipliers + offsets`` are eight-bit codes; ``scales`` as there.

    ``codes`` (rows, columns) uint8 in 0..15; the other two (rows, groups) int8. That the groups
    lie on an eight-bit grid makes many rows of activations a plain eight-bit product.
    """

    codes: Tensor
    multipliers: Tensor
    offsets: Tensor
    scales: Tensor


def eight_bits(weight: Tensor) -> EightBits:
    """Quantise (rows, columns) weights, each row over its own range."""
    parts = [_eight_bits(part.float()) for part in weight.split(ROWS_AT_ONCE)]
    codes, scales = (torch.cat(column) for column in zip(*parts, strict=True))
    return EightBits(codes, scales)


def four_bits(weight: Tensor) -> FourBits:
    """Quantise (rows, columns) weights in groups; the columns are a multiple of GROUP."""
    parts = [_four_bits(part.float()) for part in weight.split(ROWS_AT_ONCE)]
    return FourBits(*(torch.cat(column) for column in zip(*parts, strict=True)))


def eight_bits_of(four: FourBits) -> EightBits:
    """The eight-bit codes that four-bit ones stand for, exactly."""
    groups = four.codes.to(torch.int8).unflatten(1, (-1, GROUP)) - 8
    codes = groups * four.multipliers[..., None] + four.offsets[..., None]
    return EightBits(codes.flatten(1), four.scales)


def dequantise(eight: EightBits, dtype: torch.dtype = torch.float32) -> Tensor:
    """The weights that codes stand for."""
    return eight.codes.to(dtype) * eight.scales.to(dtype)[:, None]


def _eight_bits(weight: Tensor) -> tuple[Tensor, Tensor]:
    scales = _rounded_up(weight.abs().amax(1) / HIGHEST, fraction_bits=7)
    return (weight / scales[:, None]).round().to(torch.int8), scales.to(torch.bfloat16)


def _four_bits(weight: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    # two bits behind the point: then scale times multiplier is a bfloat16 as well, and a step
    # for one token, in scales, agrees with a product of many, in codes
    scales = _rounded_up(weight.abs().amax(1) / HIGHEST_OF_FOUR_BITS, fraction_bits=2)
    groups = (weight / scales[:, None]).unflatten(1, (-1, GROUP))
    low, high = groups.aminmax(dim=-1)
    best, found = None, (groups, low, low)
    for shrink in SHRINKS:
        codes, step, offset = _on_grid(groups, low, high, shrink)
        values = (codes - 8) * step[..., None] + offset[..., None]
        error = (values - groups).square().sum(-1)
        if best is None:
            best, found = error, (codes, step, offset)
            continue
        better = error < best
        best = torch.where(better, error, best)
        found = (
            torch.where(better[..., None], codes, found[0]),
            torch.where(better, step, found[1]),
            torch.where(better, offset, found[2]),
        )
    codes, step, offset = found
    return (
        codes.flatten(1).to(torch.uint8),
        step.to(torch.int8),
        offset.to(torch.int8),
        scales.to(torch.bfloat16),
    )


def _on_grid(
    groups: Tensor, low: Tensor, high: Tensor, shrink: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Codes 0..15, a whole step and a whole offset for groups of eight-bit values."""
    step = ((high - low) * shrink / 15).ceil().clamp_min(1)
    offset = ((low + high) / 2 + step / 2).round()
    codes = ((groups - offset[..., None]) / step[..., None]).round() + 8
    return codes.clamp_(0, 15), step, offset


def _rounded_up(values: Tensor, fraction_bits: int) -> Tensor:
    """The next number that has so few bits behind its leading one; never zero."""
    mantissa, exponent = torch.frexp(values.clamp_min(1e-30))  # in [0.5, 1)
    grain = 2.0 ** (fraction_bits + 1)
    return torch.ldexp((mantissa * grain).ceil() / grain, exponent)


def codes_of_rows(activations: Tensor) -> tuple[Tensor, Tensor]:
    """(rows, columns) activations -> int8 codes and (rows, 1) scales, row by row.

    The scales are rounded to the activations' own type before the codes are taken, so that
    nothing is lost and whatever is done with them later needs no other type, which is slow.
    """
    scales = activations.abs().amax(-1, keepdim=True).float().clamp_min(1e-30) / HIGHEST
    scales = scales.to(activations.dtype)
    codes = torch.mul(activations.float(), 1 / scales.float()).round_()
    return codes.clamp_(-HIGHEST, HIGHEST).to(torch.int8), scales


def padded_rows(tensor: Tensor, multiple: int, least: int = 0) -> Tensor:
    """Zero rows at the end, up to a multiple and at least so many."""
    rows = max(least, -(-tensor.shape[0] // multiple) * multiple)
    return functional.pad(tensor, (0, 0, 0, rows - tensor.shape[0]))
