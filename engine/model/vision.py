"""The SigLIP vision tower, with a position table resampled once per view size."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .siglip import TowerParts

POSITION_TABLES_KEPT = 16


class VisionTower(nn.Module):
    """Patches of one or more equally large views to features.

    The published tower drops its last block and keeps the final norm; the dropped block is
    never made here. Parameter names are timm's.
    """

    def __init__(self, parts: TowerParts, patch_size: int) -> None:
        super().__init__()
        self.patch_embed = parts.patch_embed
        self.pos_embed = parts.positions
        self.blocks = parts.blocks
        self.norm = parts.norm
        self.patch_size = patch_size
        self.embed_dim = int(parts.positions.shape[-1])
        self._tables: dict[tuple[int, int, torch.device, torch.dtype], Tensor] = {}

    def forward(self, pixels: Tensor) -> Tensor:
        """(views, 3, height, width), whole patches, normalised -> (views, patches, width)."""
        rows, columns = (side // self.patch_size for side in pixels.shape[-2:])
        patches = self.patch_embed(pixels)  # (views, rows, columns, width)
        hidden = patches.flatten(1, 2) + self.position_table(rows, columns)
        return self.norm(self.blocks(hidden))

    def position_table(self, rows: int, columns: int) -> Tensor:
        """The learned square table resampled to (1, rows * columns, width).

        Bicubic with antialiasing in float32, as timm does it. That operator is missing on MPS,
        so the table is made on the CPU and remembered while weights are not being trained.
        """
        if self.pos_embed.requires_grad and torch.is_grad_enabled():
            return _resample(self.pos_embed, rows, columns)
        key = (rows, columns, self.pos_embed.device, self.pos_embed.dtype)
        table = self._tables.get(key)
        if table is None:
            table = _resample(self.pos_embed.detach().cpu(), rows, columns)
            table = table.to(self.pos_embed.device)
            if len(self._tables) >= POSITION_TABLES_KEPT:
                self._tables.pop(next(iter(self._tables)))
            if not self.pos_embed.requires_grad:
                self._tables[key] = table
        return table


def _resample(table: Tensor, rows: int, columns: int) -> Tensor:
    side = round(table.shape[1] ** 0.5)
    if (rows, columns) == (side, side):
        return table
    grid = table.float().reshape(1, side, side, -1).permute(0, 3, 1, 2)
    grid = functional.interpolate(grid, size=(rows, columns), mode="bicubic", antialias=True)
    return grid.flatten(2).transpose(1, 2).to(table.dtype)  # (1, rows * columns, width)
