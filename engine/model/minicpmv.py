"""MiniCPM-V 2.0 as transformers classes: saved, loaded and generated with as any other model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import GenerationMixin, PreTrainedModel
from transformers.cache_utils import DynamicCache
from transformers.modeling_outputs import CausalLMOutputWithPast

from ..configuration import MiniCPMVConfig
from .chat import ChatMixin
from .language import LanguageBase
from .timm_tower import timm_parts
from .vision import VisionTower
from .vision_language import VisionLanguageBase

# transformers 5.24 renamed what generate passes on from step to step; both names are served
CACHE_FIELD = next(
    name
    for name in ("cache", "past_key_values")
    if name in {field.name for field in fields(CausalLMOutputWithPast)}
)


class MiniCPMForCausalLM(LanguageBase, PreTrainedModel, GenerationMixin):
    """The decoder with its output layer; ``generate`` of transformers works on it."""

    config: MiniCPMVConfig
    config_class = MiniCPMVConfig
    base_model_prefix = "model"
    _tied_weights_keys = {"lm_head.weight": "model.embed_tokens.weight"}
    _supports_sdpa = True

    def __init__(self, config: MiniCPMVConfig) -> None:
        super().__init__(config)
        self.join(config)
        self.post_init()

    def get_input_embeddings(self) -> nn.Module:
        return self.model.embed_tokens

    def get_output_embeddings(self) -> nn.Module:
        return self.lm_head

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        cache: Any = None,
        inputs_embeds: Tensor | None = None,
        use_cache: bool | None = None,
        logits_to_keep: int = 0,
        past_key_values: Any = None,
        **_: Any,
    ) -> CausalLMOutputWithPast:
        """Token ids, or embeddings used as they are, to logits (batch, kept or all, vocabulary).

        ``attention_mask`` is (batch, held + new), 0 where a row is padded. Positions always
        count from the first column. ``past_key_values`` is the older name of ``cache``.
        """
        if inputs_embeds is None:
            if input_ids is None:
                raise ValueError("input_ids or inputs_embeds")
            inputs_embeds = self.model.embed(input_ids)
        cache = cache if cache is not None else past_key_values
        if use_cache and cache is None:
            cache = DynamicCache()
        hidden = self.model(inputs_embeds, attention_mask, cache)
        kept = hidden[:, -logits_to_keep:] if logits_to_keep else hidden
        held: dict[str, Any] = {CACHE_FIELD: cache}
        return CausalLMOutputWithPast(logits=self.logits(kept), **held)


class MiniCPMV(ChatMixin, VisionLanguageBase, PreTrainedModel, GenerationMixin):
    """The whole model, with its tower from timm."""

    llm: MiniCPMForCausalLM
    config: MiniCPMVConfig
    config_class = MiniCPMVConfig
    base_model_prefix = ""
    main_input_name = "input_ids"
    _supports_sdpa = True

    def __init__(self, config: MiniCPMVConfig) -> None:
        super().__init__(config)
        tower = VisionTower(timm_parts(config), config.patch_size)
        self.join(config, MiniCPMForCausalLM(config), tower)
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
        from ..weights import described, load_weights, on_meta, stored_dtype

        path = local_folder(folder, options.get("revision"))
        wanted = dtype if dtype is not None else options.get("torch_dtype", torch.float32)
        if wanted == "auto":
            wanted = stored_dtype(path)
        elif isinstance(wanted, str):
            wanted = getattr(torch, wanted)
        model = described(path, lambda config: on_meta(cls, config))
        for _ in load_weights(model, path, dtype=wanted):
            pass
        return model

    def get_input_embeddings(self) -> nn.Module:
        return self.llm.model.embed_tokens

    def get_output_embeddings(self) -> nn.Module:
        return self.llm.lm_head

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
        output: CausalLMOutputWithPast = self.llm(inputs_embeds=inputs_embeds, **decoder_options)
        return output
