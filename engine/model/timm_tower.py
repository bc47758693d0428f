"""The tower's parts as timm makes them, for the transformers class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import timm

from .attention import TowerAttention
from .siglip import TowerParts, tower_shape

if TYPE_CHECKING:
    from ..configuration import MiniCPMVConfig


def timm_parts(config: MiniCPMVConfig) -> TowerParts:
    """The parts of timm's tower with its weights as it begins them. Raises ValueError."""
    width, depth, heads = tower_shape(config)
    tower: Any = timm.create_model(
        config.vision_encoder,
        pretrained=False,
        num_classes=0,
        global_pool="",  # the published model never calls the attention pool
        dynamic_img_size=True,
        embed_dim=width,
        depth=depth,
        num_heads=heads,
    )
    for block in tower.blocks:
        block.attn = TowerAttention(block.attn.qkv, block.attn.proj, block.attn.num_heads)
    return TowerParts(tower.patch_embed, tower.pos_embed, tower.blocks, tower.norm)
