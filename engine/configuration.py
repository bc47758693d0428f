"""The configuration of MiniCPM-V 2.0, read from the published config.json and smaller ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from huggingface_hub.dataclasses import strict
from transformers import PretrainedConfig

from .slicing import SliceSettings

VISION_ENCODER = "vit_so400m_patch14_siglip_384.webli"
VISION_KEYS = frozenset({"embed_dim", "depth", "num_heads"})
COUNTS = (
    "vocab_size",
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
    "max_position_embeddings",
    "dim_model_base",
    "query_num",
    "patch_size",
    "scale_resolution",
    "max_slice_nums",
)
SCALES = ("rms_norm_eps", "rope_theta", "scale_emb", "scale_depth")
SWITCHES = ("tie_word_embeddings", "drop_vision_last_layer", "slice_mode")
FIXED = {"attention_bias": False, "hidden_act": "silu", "mm_use_im_start_end": True}


@strict
class MiniCPMVConfig(PretrainedConfig):
    """Shapes and constants of the whole model; the defaults are those of the published one.

    ``vision_config`` may override the tower's ``embed_dim``, ``depth`` and ``num_heads``; the
    other keys are the published ones, so that a small model needs no code of its own.
    """

    model_type = "minicpmv"
    keys_to_ignore_at_inference = ["cache", "past_key_values"]

    vocab_size: int = 122753
    hidden_size: int = 2304
    intermediate_size: int = 5760
    num_hidden_layers: int = 40
    num_attention_heads: int = 36
    num_key_value_heads: int = 36
    hidden_act: str = "silu"
    max_position_embeddings: int = 4096
    initializer_range: float = 0.1
    rms_norm_eps: float = 1e-5
    use_cache: bool = True
    bos_token_id: int | None = 1
    eos_token_id: int | list[int] | None = 2
    pad_token_id: int | None = 0
    tie_word_embeddings: bool = False
    rope_theta: float = 10000.0
    attention_bias: bool = False
    attention_dropout: float = 0.0
    scale_emb: float | int = 12
    dim_model_base: int = 256
    scale_depth: float = 1.4
    vision_encoder: str = VISION_ENCODER
    vision_config: dict[str, Any] | None = None
    drop_vision_last_layer: bool = True
    query_num: int = 64
    image_size: int = 448
    patch_size: int = 14
    slice_mode: bool = True
    max_slice_nums: int = 9
    scale_resolution: int = 448
    mm_use_im_start_end: bool = True

    def __post_init__(self, **kwargs: Any) -> None:
        if kwargs.pop("rope_scaling", None) is not None:
            raise ValueError("rope_scaling: the published model has none")
        super().__post_init__(**kwargs)
        wrong = list(self._wrong_values()) or list(self._wrong_shapes())
        if wrong:
            raise ValueError(f"{wrong[0]}: {getattr(self, wrong[0])!r}")

    def _wrong_values(self) -> Iterator[str]:
        """The keys whose values the network cannot have."""
        for name in COUNTS:
            if not _is_count(getattr(self, name)):
                yield name
        for name in SCALES:
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
                yield name
        yield from (name for name in SWITCHES if not isinstance(getattr(self, name), bool))
        yield from (name for name, value in FIXED.items() if getattr(self, name) != value)
        if self.vision_config is not None and not _is_tower(self.vision_config):
            yield "vision_config"

    def _wrong_shapes(self) -> Iterator[str]:
        """The keys whose values do not go with each other; all are positive numbers."""
        if self.hidden_size % 128 or self.hidden_size % self.num_attention_heads:
            yield "hidden_size"
        if self.num_attention_heads % self.num_key_value_heads:
            yield "num_key_value_heads"
        if round(self.query_num**0.5) ** 2 != self.query_num:
            yield "query_num"

    @property
    def head_dim(self) -> int:
        """Channels of one attention head of the decoder."""
        return self.hidden_size // self.num_attention_heads

    @property
    def residual_scale(self) -> float:
        """What each decoder branch is multiplied by before it is added: depth scaling of muP."""
        return float(self.scale_depth / self.num_hidden_layers**0.5)

    @property
    def logit_divisor(self) -> float:
        """What the last hidden state is divided by before the output layer: width scaling."""
        return self.hidden_size / self.dim_model_base

    @property
    def slice_settings(self) -> SliceSettings:
        """The slicing keys."""
        return SliceSettings(
            scale_resolution=self.scale_resolution,
            patch_size=self.patch_size,
            max_slices=self.max_slice_nums,
            slice_mode=self.slice_mode,
        )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_tower(value: object) -> bool:
    return (
        isinstance(value, dict)
        and VISION_KEYS.issuperset(value)
        and all(map(_is_count, value.values()))
    )
