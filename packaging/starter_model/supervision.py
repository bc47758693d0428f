"""Training-only losses: characters of every patch and cell, and where a query looks."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from batches import CELL_SLOTS, CHARACTER_CLASSES, PATCH_SLOTS, SHAPE_CLASSES, SIDE
from engine.model.resampler import Resampler


class TeachingHeads(nn.Module):
    """Linear readers of the patch features and of the 64 query outputs; they are not exported."""

    def __init__(self, vision_width: int, hidden: int) -> None:
        """Make the heads for these widths."""
        super().__init__()
        self.patch = nn.Linear(vision_width, PATCH_SLOTS * CHARACTER_CLASSES)
        self.cell = nn.Linear(hidden, CELL_SLOTS * CHARACTER_CLASSES)
        self.shape = nn.Linear(hidden, SHAPE_CLASSES)

    def patch_loss(self, features: Tensor, targets: Tensor) -> Tensor:
        """Features (n, patches, width) against characters (n, patches, slots)."""
        return balanced(
            self.patch(features).unflatten(-1, (PATCH_SLOTS, CHARACTER_CLASSES)), targets
        )

    def cell_loss(self, gathered: Tensor, targets: Tensor) -> Tensor:
        """Query outputs (n, 64, hidden) against the characters of their cells (n, 64, slots)."""
        return balanced(self.cell(gathered).unflatten(-1, (CELL_SLOTS, CHARACTER_CLASSES)), targets)

    def shape_loss(self, gathered: Tensor, targets: Tensor) -> Tensor:
        """Query outputs against the shape and colour centred in their cells (n, 64)."""
        return balanced(self.shape(gathered), targets)


def balanced(logits: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy of what is there, plus half of that of what is empty."""
    losses = functional.cross_entropy(
        logits.flatten(0, -2).float(), targets.flatten(), reduction="none"
    )
    there = (targets.flatten() > 0).float()
    full = (losses * there).sum() / there.sum().clamp(min=1.0)
    empty = (losses * (1 - there)).sum() / (1 - there).sum().clamp(min=1.0)
    return full + 0.5 * empty if bool(there.any()) else 0.5 * empty


def gather(resampler: Resampler, features: Tensor, grid: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """The resampler with its attention kept: (n, 64, hidden), (n, heads, 64, patches)."""
    values = resampler.ln_kv(resampler.kv_proj(features))
    keys = values + resampler._key_positions(*grid, like=values)
    queries = (resampler.ln_q(resampler.query) + resampler.pos_embed).expand(
        features.shape[0], -1, -1
    )
    weights, biases = resampler.attn.in_proj_weight.chunk(3), resampler.attn.in_proj_bias.chunk(3)
    q, k, v = (
        functional.linear(x, w, b).unflatten(-1, (resampler.heads, -1)).transpose(1, 2)
        for x, w, b in zip((queries, keys, values), weights, biases, strict=True)
    )
    attention = ((q @ k.transpose(-1, -2)).float() / q.shape[-1] ** 0.5).softmax(-1)
    mixed = resampler.attn.out_proj((attention.to(v.dtype) @ v).transpose(1, 2).flatten(2))
    return resampler.ln_post(mixed) @ resampler.proj, attention


def looking_loss(attention: Tensor, grid: tuple[int, int]) -> Tensor:
    """How little of a query's attention lies in its own cell or just around it."""
    rows, columns = grid
    middle_y = (torch.arange(rows) + 0.5) / rows * SIDE  # in cells
    middle_x = (torch.arange(columns) + 0.5) / columns * SIDE
    index = torch.arange(SIDE) + 0.5
    near_y = (
        (middle_y - index[:, None]).abs() <= max(1.0, 0.5 + 0.5 * SIDE / rows)
    ).float()  # (8, rows)
    near_x = ((middle_x - index[:, None]).abs() <= max(0.75, 0.5 + 0.5 * SIDE / columns)).float()
    inside = torch.einsum("ar,bc->abrc", near_y, near_x).reshape(SIDE * SIDE, rows * columns)
    mass = (attention * inside).sum(-1)
    return -(mass + 1e-4).log().mean()
