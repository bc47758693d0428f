"""Training-only losses: characters of every patch and cell, and where a query looks."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from batches import CELL_SLOTS, CHARACTER_CLASSES, PATCH_SLOTS, SHAPE_CLASSES, owned
from engine.model.language import Attention, rotate
from engine.model.resampler import Resampler
from sizes import SIDE

AIMING_HEADS = 2


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
        """Query outputs (n, queries, hidden) against their cells' characters."""
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
    """How little of a query's attention lies on the patches of its own cell."""
    rows, columns = (ownership(side) for side in grid)  # (SIDE, patches)
    inside = torch.einsum("ar,bc->abrc", rows, columns).reshape(SIDE * SIDE, -1)
    mass = (attention * inside).sum(-1)
    return -(mass + 1e-4).log().mean()


def ownership(patches: int) -> Tensor:
    """Ones where a cell along one side owns a patch, (SIDE, patches)."""
    table = torch.zeros(SIDE, patches)
    for cell, some in enumerate(owned(patches)):
        table[cell, some] = 1.0
    return table


def distinct(patches: int) -> tuple[list[int], list[int]]:
    """Return one cell for each different view along a side, and for each cell its stand-in."""
    if patches >= SIDE:
        return list(range(SIDE)), list(range(SIDE))
    starts = [some.start for some in owned(patches)]
    kept = sorted({starts.index(start) for start in starts})
    return kept, [[starts[k] for k in kept].index(start) for start in starts]


def aiming_loss(
    hidden: Tensor, attention: Attention, rotary: tuple[Tensor, Tensor], aims: Tensor
) -> Tensor:
    """How far the first heads are from looking at the token where the next character stands.

    `hidden` is a layer's normed input (n, length, width); `aims` (n, length) holds positions in
    the prompt, or -1.
    """
    heads = slice(0, AIMING_HEADS)
    q, k = (
        rotate(attention._heads(project(hidden))[:, heads], *rotary)
        for project in (attention.q_proj, attention.k_proj)
    )
    scores = (q @ k.transpose(-1, -2)).float() / attention.head_dim**0.5
    length = hidden.shape[1]
    future = torch.ones(length, length, dtype=torch.bool).triu(1)
    scores = scores.masked_fill(future, -torch.inf)
    wanted = aims >= 0
    chosen = scores.transpose(1, 2)[wanted]  # (wanted, heads, length)
    targets = aims[wanted][:, None].expand(-1, chosen.shape[1])
    return functional.cross_entropy(chosen.flatten(0, 1), targets.flatten())
