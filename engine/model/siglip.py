"""The parts of the SigLIP tower, under timm's names for their parameters.

timm brings torchvision and torch's compiler with it, and importing those takes longer than
loading a small model. So the engine makes these few layers itself; the transformers class takes
timm's, and the tests hold one against the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from ..configuration import VISION_ENCODER
from .attention import TowerAttention

if TYPE_CHECKING:
    from ..configuration import MiniCPMVConfig

# vit_so400m_patch14_siglip_384, as published
IMAGE_SIDE = 384
PATCH_SIZE = 14
SHAPE = {"embed_dim": 1152, "depth": 27, "num_heads": 16}
MLP_RATIO = 3.7362
EPSILON = 1e-6


@dataclass(frozen=True, slots=True)
class TowerParts:
    """What a vision tower is made of; ``positions`` is (1, side * side, width)."""

    patch_embed: nn.Module
    positions: nn.Parameter
    blocks: nn.Sequential
    norm: nn.Module


class PatchEmbedding(nn.Module):
    """(views, 3, height, width) -> (views, rows, columns, width): one convolution."""

    def __init__(self, patch_size: int, width: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, width, kernel_size=patch_size, stride=patch_size)

    def forward(self, pixels: Tensor) -> Tensor:
        return self.proj(pixels).permute(0, 2, 3, 1)


class MLP(nn.Module):
    """The feed-forward part of a block, with the exact GELU."""

    def __init__(self, width: int) -> None:
        super().__init__()
        hidden = int(width * MLP_RATIO)
        self.fc1 = nn.Linear(width, hidden)
        self.act = nn.GELU()
        self.fc2 = nn.Linear(hidden, width)

    def forward(self, hidden: Tensor) -> Tensor:
        return self.fc2(self.act(self.fc1(hidden)))


class Block(nn.Module):
    """Attention and MLP, each behind its norm and added to what came in."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=EPSILON)
        self.attn = TowerAttention(nn.Linear(width, 3 * width), nn.Linear(width, width), heads)
        self.norm2 = nn.LayerNorm(width, eps=EPSILON)
        self.mlp = MLP(width)

    def forward(self, hidden: Tensor) -> Tensor:
        hidden = hidden + self.attn(self.norm1(hidden))
        return hidden + self.mlp(self.norm2(hidden))


def siglip_parts(config: MiniCPMVConfig) -> TowerParts:
    """The tower's parts with weights that are still to come. Raises ValueError."""
    width, depth, heads = tower_shape(config)
    side = IMAGE_SIDE // config.patch_size
    return TowerParts(
        PatchEmbedding(config.patch_size, width),
        nn.Parameter(torch.zeros(1, side * side, width)),
        nn.Sequential(*(Block(width, heads) for _ in range(depth))),
        nn.LayerNorm(width, eps=EPSILON),
    )


def tower_shape(config: MiniCPMVConfig) -> tuple[int, int, int]:
    """Channels, blocks that are run, heads. Raises ValueError for a tower that there is not."""
    if config.vision_encoder != VISION_ENCODER:
        raise ValueError(f"vision_encoder: {config.vision_encoder!r}")
    if config.patch_size != PATCH_SIZE:
        raise ValueError(f"patch_size: {config.patch_size!r}")
    shape = SHAPE | (config.vision_config or {})
    width, heads = shape["embed_dim"], shape["num_heads"]
    if width % heads:
        raise ValueError(f"vision_config: {width} channels for {heads} heads")
    return width, shape["depth"] - (1 if config.drop_vision_last_layer else 0), heads
