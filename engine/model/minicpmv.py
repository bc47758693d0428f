"""MiniCPM-V 2.0 as a transformers model: tower, resampler and decoder joined."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import GenerationMixin, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutputWithPast

from ..configuration import MiniCPMVConfig
from .chat import ChatMixin
from .language import MiniCPMForCausalLM
from .resampler import Resampler
from .vision import VisionTower


class MiniCPMV(ChatMixin, PreTrainedModel, GenerationMixin):
    """The whole model. Tensor names are those of the published checkpoint."""

    config: MiniCPMVConfig
    config_class = MiniCPMVConfig
    base_model_prefix = ""
    main_input_name = "input_ids"
    _supports_sdpa = True

    def __init__(self, config: MiniCPMVConfig) -> None:
        super().__init__(config)
        self.llm = MiniCPMForCausalLM(config)
        self.vpm = VisionTower(config)
        self.resampler = Resampler(config, self.vpm.embed_dim)
        if config.tie_word_embeddings:
            self.llm.lm_head.weight = self.llm.model.embed_tokens.weight
        self.post_init()

    @classmethod
    def from_pretrained(  # type: ignore[override]
        cls, folder: str | Path, *, dtype: torch.dtype | str | None = None, **options: Any
    ) -> MiniCPMV:
        """Load a folder in the published layout, or a repository that is in the hub's cache or can
        be fetched by name.

        ``dtype`` (or the older ``torch_dtype``) defaults to float32; "auto" is the files' own.
        Weights that already have it stay memory-mapped. Raises ModelError that names what is
        missing, spare or misshaped.
        """
        from ..hub import local_folder
        from ..weights import load_model, stored_dtype

        path = local_folder(folder, options.get("revision"))
        wanted = dtype if dtype is not None else options.get("torch_dtype", torch.float32)
        if wanted == "auto":
            wanted = stored_dtype(path)
        elif isinstance(wanted, str):
            wanted = getattr(torch, wanted)
        return load_model(path, dtype=wanted)

    def get_input_embeddings(self) -> nn.Module:
        return self.llm.model.embed_tokens

    def get_output_embeddings(self) -> nn.Module:
        return self.llm.lm_head

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

    def forward(
        self,
        input_ids: Tensor | None = None,
        vision_features: Sequence[Tensor] | Tensor | None = None,
        image_bounds: Sequence[tuple[int, int]] = (),
        inputs_embeds: Tensor | None = None,
        **decoder_options: Any,
    ) -> CausalLMOutputWithPast:
        """One conversation, or embeddings, to logits; see ``embed`` and the decoder's forward."""
        if inputs_embeds is None:
            if input_ids is None:
                raise ValueError("input_ids or inputs_embeds")
            inputs_embeds = self.embed(input_ids, vision_features, image_bounds)
        return self.llm(inputs_embeds=inputs_embeds, **decoder_options)
