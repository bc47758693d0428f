"""The perceiver resampler: 64 learned queries gather a view's patches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from .attention import attend

if TYPE_CHECKING:
    from ..configuration import MiniCPMVConfig

HEAD_DIM = 128
POSITION_TABLES_KEPT = 16


class Resampler(nn.Module):
    """(views, patches, vision width) -> (views, queries, hidden size)."""

    def __init__(self, config: MiniCPMVConfig, vision_width: int) -> None:
        super().__init__()
        hidden = config.hidden_size
        side = round(config.query_num**0.5)
        self.heads = hidden // HEAD_DIM
        self.query = drawn(config.query_num, hidden, 0.02)
        # a constant that the published checkpoint stores
        table = torch.from_numpy(sine_cosine_table(hidden, side, side))
        self.pos_embed = nn.Parameter(table.to(self.query.device), requires_grad=False)
        self.kv_proj = nn.Linear(vision_width, hidden, bias=False)
        self.attn = nn.MultiheadAttention(hidden, self.heads)
        self.ln_q = nn.LayerNorm(hidden, eps=1e-6)
        self.ln_kv = nn.LayerNorm(hidden, eps=1e-6)
        self.ln_post = nn.LayerNorm(hidden, eps=1e-6)
        self.proj = drawn(hidden, hidden, hidden**-0.5)
        self._tables: dict[tuple[int, int, torch.device, torch.dtype], Tensor] = {}

    def forward(self, features: Tensor, grid: tuple[int, int]) -> Tensor:
        """Features of views of ``grid`` = (rows, columns) patches each.

        Keys carry a position, values do not. Positions are whole patch numbers of the actual
        grid, so a wide view has larger numbers than a square one.
        """
        values = self.ln_kv(self.kv_proj(features))  # (views, patches, hidden)
        keys = values + self._key_positions(*grid, like=values)
        queries = (self.ln_q(self.query) + self.pos_embed)[None]  # the same for every view
        gathered = self._attend(queries, keys, values)
        return self.ln_post(gathered) @ self.proj

    def _attend(self, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        weights = self.attn.in_proj_weight.chunk(3)
        biases = self.attn.in_proj_bias.chunk(3)
        q, k, v = (
            functional.linear(x, w, b).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for x, w, b in zip((queries, keys, values), weights, biases, strict=True)
        )  # (views, heads, length, 128)
        mixed = attend(q.expand(len(k), -1, -1, -1), k, v)
        return self.attn.out_proj(mixed.transpose(1, 2).flatten(2))

    def _key_positions(self, rows: int, columns: int, like: Tensor) -> Tensor:
        key = (rows, columns, like.device, like.dtype)
        table = self._tables.get(key)
        if table is None:
            sines = sine_cosine_table(like.shape[-1], rows, columns)
            table = torch.from_numpy(sines).to(device=like.device, dtype=like.dtype)
            if len(self._tables) >= POSITION_TABLES_KEPT:
                self._tables.pop(next(iter(self._tables)))
            self._tables[key] = table
        return table


def drawn(rows: int, columns: int, deviation: float) -> nn.Parameter:
    """A table of normal values."""
    return nn.Parameter(nn.init.normal_(torch.empty(rows, columns), std=deviation))


def sine_cosine_table(width: int, rows: int, columns: int) -> NDArray[np.float32]:
    """2-D positions of a grid, (rows * columns, width), float32.

    The first half of the channels encodes the column, the second half the row; each half is
    sines then cosines at frequencies 10000^(-k / quarter), as in masked autoencoders. NumPy
    float32 throughout: other libraries' sines differ in the last bit.
    """
    row, column = np.meshgrid(
        np.arange(rows, dtype=np.float32), np.arange(columns, dtype=np.float32), indexing="ij"
    )
    return np.concatenate([_sines(width // 2, column), _sines(width // 2, row)], axis=1)


def _sines(width: int, positions: NDArray[np.float32]) -> NDArray[np.float32]:
    steps = np.arange(width // 2, dtype=np.float32) / np.float32(width / 2.0)
    frequencies = np.float32(1.0) / np.float32(10000) ** steps
    angles = np.outer(positions.reshape(-1), frequencies)
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)
