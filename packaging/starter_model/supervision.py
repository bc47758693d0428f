"""Training-only losses: characters of every patch and cell, and where a query looks."""

from __future__ import annotations

from dataclasses import dataclass

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
        self.position = nn.Linear(hidden, 2 * SIDE)

    def patch_loss(self, features: Tensor, targets: Tensor) -> Tensor:
        """Features (n, patches, width) against characters (n, patches, slots)."""
        return balanced(
            self.patch(features).unflatten(-1, (PATCH_SLOTS, CHARACTER_CLASSES)), targets
        )

    def cell_loss(self, gathered: Tensor, targets: Tensor) -> Tensor:
        """Query outputs (n, queries, hidden) against their cells' characters."""
        return balanced(self.cell(gathered).unflatten(-1, (CELL_SLOTS, CHARACTER_CLASSES)), targets)

    def position_loss(self, gathered: Tensor, grid: tuple[int, int]) -> Tensor:
        """Query outputs against the row and the column of their cells."""
        logits = self.position(gathered).unflatten(-1, (2, SIDE)).float()  # (n, queries, 2, SIDE)
        twins = stand_ins(grid)
        places = torch.stack((twins // SIDE, twins % SIDE), dim=-1).expand(len(gathered), -1, -1)
        return functional.cross_entropy(logits.flatten(0, 2), places.flatten())

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


def stand_ins(grid: tuple[int, int]) -> Tensor:
    """Return for each query the first one that sees the same patches, (QUERIES,)."""
    firsts = []
    for side in grid:
        kept, place_of = distinct(side)
        firsts.append(torch.tensor([kept[place] for place in place_of]))
    return (firsts[0][:, None] * SIDE + firsts[1][None]).flatten()


@dataclass(frozen=True)
class Aims:
    """Where the characters of an answer stand among the outputs in the prompt."""

    cells: Tensor  # (n, length): for each token of the prompt its cell, or -1
    same: Tensor  # (QUERIES, kept): which outputs in the prompt show a cell's patches
    image_start: int

    def any(self) -> bool:
        """Whether any character's cell is known."""
        return bool((self.cells >= 0).any())

    def loss(
        self, hidden: Tensor, attention: Attention, rotary: tuple[Tensor, Tensor], steps: int
    ) -> Tensor:
        """How far the first heads are from looking where the character `steps` ahead stands.

        `hidden` is a layer's normed input (n, length, width) without the last token.
        """
        heads = slice(0, AIMING_HEADS)
        q, k = (
            rotate(attention._heads(project(hidden))[:, heads], *rotary)
            for project in (attention.q_proj, attention.k_proj)
        )
        cells = self.cells[:, steps : steps + hidden.shape[1]]
        wanted = cells >= 0
        image = slice(self.image_start, self.image_start + self.same.shape[1])
        scores = (q @ k.transpose(-1, -2)).float() / attention.head_dim**0.5
        future = torch.ones(hidden.shape[1], hidden.shape[1], dtype=torch.bool).triu(1)
        chosen = scores.masked_fill(future, -torch.inf).transpose(1, 2)[wanted]
        there = chosen[..., image].masked_fill(~self.same[cells[wanted]][:, None], -torch.inf)
        missed: Tensor = chosen.logsumexp(-1) - there.logsumexp(-1)
        return missed.mean()
