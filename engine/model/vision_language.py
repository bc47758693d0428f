"""Tower, resampler and decoder joined: the model as the engine runs it, without transformers.

The transformers class in ``minicpmv`` shares everything here but how a module is made: importing
what it inherits from takes seconds that a person would wait for the first answer.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ..configuration import MiniCPMVConfig
from .language import LanguageBase, LanguageModel
from .resampler import Resampler
from .siglip import siglip_parts
from .vision import VisionTower


class VisionLanguageBase(torch.nn.Module):
    """The whole model. Tensor names are those of the published checkpoint."""

    config: MiniCPMVConfig
    llm: LanguageBase
    vpm: VisionTower
    resampler: Resampler

    def join(self, config: MiniCPMVConfig, language: LanguageBase, tower: VisionTower) -> None:
        """Put the parts together."""
        self.llm = language
        self.vpm = tower
        self.resampler = Resampler(config, tower.embed_dim)
        self.share_embeddings()

    def share_embeddings(self) -> None:
        """Let the output layer be the table of embeddings, where the configuration ties them."""
        if self.config.tie_word_embeddings:
            self.llm.lm_head.weight = self.llm.model.embed_tokens.weight

    def encode_views(self, pixels: Tensor) -> Tensor:
        """Equally large normalised views (views, 3, height, width) -> (views, queries, hidden)."""
        patch = self.config.patch_size
        grid = (pixels.shape[-2] // patch, pixels.shape[-1] // patch)
        return self.resampler(self.vpm(pixels.to(self.vpm.pos_embed.dtype)), grid)

    def embed(
        self,
        input_ids: Tensor,
        vision_features: Sequence[Tensor] | Tensor | None = None,
        image_bounds: Sequence[tuple[int, int]] = (),
    ) -> Tensor:
        """Ids (1, length) and each view's (queries, hidden) -> embeddings (1, length, hidden).

        Features overwrite the positions between their view's markers, and are not scaled.
        """
        embeddings = self.llm.model.embed(input_ids)
        if vision_features is None or not image_bounds:
            return embeddings
        embeddings = embeddings.clone()
        for feature, (start, end) in zip(vision_features, image_bounds, strict=True):
            embeddings[0, start:end] = feature.to(embeddings.dtype)
        return embeddings


class VisionLanguageModel(VisionLanguageBase):
    """The model as the engine runs it. Raises ValueError for a tower that there is not."""

    def __init__(self, config: MiniCPMVConfig) -> None:
        super().__init__()
        self.config = config
        tower = VisionTower(siglip_parts(config), config.patch_size)
        self.join(config, LanguageModel(config), tower)
