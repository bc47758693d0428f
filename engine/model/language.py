"""The MiniCPM decoder: a Llama-like stack with scaled embedding, branches and logits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..configuration import MiniCPMVConfig
from .attention import attend


class LayerCache(Protocol):
    """What attention asks of a key-value cache; transformers' caches fit, and ours."""

    def get_seq_length(self, layer_idx: int = 0) -> int:
        """Positions held."""

    def update(self, key_states: Tensor, value_states: Tensor, layer_idx: int) -> Any:
        """Append (batch, heads, new, head_dim); return all keys and all values."""


class RMSNorm(nn.Module):
    """Root-mean-square norm; the mean square is taken in float32."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, hidden: Tensor) -> Tensor:
        wide = hidden.float()
        wide = wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + self.eps)
        return self.weight * wide.to(hidden.dtype)


class Attention(nn.Module):
    """Multi-head attention with rotary positions."""

    def __init__(self, config: MiniCPMVConfig, layer_index: int) -> None:
        super().__init__()
        self.layer_index = layer_index
        self.head_dim = config.head_dim
        self.grouped = config.num_key_value_heads != config.num_attention_heads
        hidden, shared = config.hidden_size, config.num_key_value_heads * config.head_dim
        self.q_proj = nn.Linear(hidden, hidden, bias=False)
        self.k_proj = nn.Linear(hidden, shared, bias=False)
        self.v_proj = nn.Linear(hidden, shared, bias=False)
        self.o_proj = nn.Linear(hidden, hidden, bias=False)
        self.qkv_proj: nn.Module | None = None  # in place of the three, where they are stacked
        self.widths = (hidden, shared, shared)

    def forward(
        self,
        hidden: Tensor,
        rotary: tuple[Tensor, Tensor],
        mask: Tensor | None,
        cache: LayerCache | None,
    ) -> Tensor:
        q, k, v = (self._heads(part) for part in self._project(hidden))
        # in one go: for a single token the calls themselves are what costs
        q, k = rotate(torch.cat((q, k), dim=1), *rotary).split((q.shape[1], k.shape[1]), dim=1)
        if cache is not None:
            k, v = cache.update(k, v, self.layer_index)
        causal = mask is None and q.shape[2] > 1
        mixed = attend(q, k, v, mask=mask, causal=causal, grouped=self.grouped)
        return self.o_proj(mixed.transpose(1, 2).flatten(2))

    def stack(self) -> None:
        """Hold the three projections as one layer, for one product instead of three."""
        self.qkv_proj = stacked(self.q_proj, self.k_proj, self.v_proj)
        del self.q_proj, self.k_proj, self.v_proj

    def _project(self, hidden: Tensor) -> tuple[Tensor, ...]:
        if self.qkv_proj is not None:
            return self.qkv_proj(hidden).split(self.widths, dim=-1)
        return self.q_proj(hidden), self.k_proj(hidden), self.v_proj(hidden)

    def _heads(self, projected: Tensor) -> Tensor:
        return projected.unflatten(-1, (-1, self.head_dim)).transpose(1, 2)


class MLP(nn.Module):
    """The SiLU-gated feed-forward part."""

    def __init__(self, config: MiniCPMVConfig) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.up_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.down_proj = nn.Linear(config.intermediate_size, config.hidden_size, bias=False)
        self.gate_up_proj: nn.Module | None = None  # in place of the two, where they are stacked

    def stack(self) -> None:
        """Hold gate and up as one layer."""
        self.gate_up_proj = stacked(self.gate_proj, self.up_proj)
        del self.gate_proj, self.up_proj

    def forward(self, hidden: Tensor) -> Tensor:
        if self.gate_up_proj is not None:
            gate, up = self.gate_up_proj(hidden).chunk(2, dim=-1)
        else:
            gate, up = self.gate_proj(hidden), self.up_proj(hidden)
        return self.down_proj(functional.silu(gate) * up)


class DecoderLayer(nn.Module):
    """Attention and MLP, each scaled by scale_depth / sqrt(layers) before it is added."""

    def __init__(self, config: MiniCPMVConfig, layer_index: int) -> None:
        super().__init__()
        self.self_attn = Attention(config, layer_index)
        self.mlp = MLP(config)
        self.input_layernorm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.post_attention_layernorm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.residual_scale = config.residual_scale

    def forward(
        self,
        hidden: Tensor,
        rotary: tuple[Tensor, Tensor],
        mask: Tensor | None,
        cache: LayerCache | None,
    ) -> Tensor:
        attended = self.self_attn(self.input_layernorm(hidden), rotary, mask, cache)
        hidden = hidden + attended * self.residual_scale
        return hidden + self.mlp(self.post_attention_layernorm(hidden)) * self.residual_scale


class DecoderLayers(nn.ModuleList):
    """The layers in their order; a list of modules would not tell what they are."""

    def __iter__(self) -> Iterator[DecoderLayer]:
        return cast("Iterator[DecoderLayer]", super().__iter__())


class Decoder(nn.Module):
    """Embeddings, layers and final norm."""

    def __init__(self, config: MiniCPMVConfig) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = DecoderLayers(
            DecoderLayer(config, index) for index in range(config.num_hidden_layers)
        )
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.scale_emb = config.scale_emb
        self.head_dim = config.head_dim
        self.rope_theta = config.rope_theta

    def embed(self, ids: Tensor) -> Tensor:
        """(batch, length) ids -> scaled embeddings (batch, length, hidden)."""
        return self.embed_tokens(ids) * self.scale_emb

    def forward(self, embeddings: Tensor, mask: Tensor | None, cache: LayerCache | None) -> Tensor:
        """(batch, new, hidden) embeddings -> last hidden states of the same shape."""
        held, new = cache.get_seq_length() if cache is not None else 0, embeddings.shape[1]
        positions = torch.arange(held, held + new, device=embeddings.device)
        rotary = rotary_tables(positions, self.head_dim, self.rope_theta, embeddings.dtype)
        mask = attention_mask(mask, held, new, embeddings.device)
        hidden = embeddings
        for layer in self.layers:
            hidden = layer(hidden, rotary, mask, cache)
        return self.norm(hidden)


class LanguageBase(nn.Module):
    """The decoder with its output layer, however the whole is made a module."""

    config: MiniCPMVConfig
    model: Decoder
    lm_head: nn.Linear

    def join(self, config: MiniCPMVConfig) -> None:
        """Make the parts."""
        self.model = Decoder(config)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)

    def logits(self, hidden: Tensor) -> Tensor:
        """Last hidden states -> float32 logits; the division comes first, in the weights' type."""
        return self.lm_head(hidden / self.config.logit_divisor).float()


class LanguageModel(LanguageBase):
    """The decoder as the engine runs it."""

    def __init__(self, config: MiniCPMVConfig) -> None:
        super().__init__()
        self.config = config
        self.join(config)


def stacked(*layers: nn.Linear) -> nn.Linear:
    """One layer whose output is that of several side by side; a copy of their weights."""
    weight = torch.cat([layer.weight for layer in layers])
    joined = nn.Linear(weight.shape[1], weight.shape[0], bias=False, device="meta")
    joined.weight = nn.Parameter(weight, requires_grad=False)
    return joined


def rotary_tables(
    positions: Tensor, head_dim: int, theta: float, dtype: torch.dtype
) -> tuple[Tensor, Tensor]:
    """Cosines and sines, (positions, head_dim), float32 values rounded to ``dtype``.

    The published code keeps its tables in the type of the weights, so half precision rounds
    them before they are used; the product that follows is float32.
    """
    exponents = torch.arange(0, head_dim, 2, device=positions.device).float() / head_dim
    angles = torch.outer(positions.float(), 1.0 / theta**exponents)
    angles = torch.cat((angles, angles), dim=-1)
    return angles.cos().to(dtype).float(), angles.sin().to(dtype).float()


def rotate(heads: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    """Turn (batch, heads, length, head_dim) by its positions: half against half, in float32."""
    wide = heads.float()
    first, second = wide.chunk(2, dim=-1)
    return (wide * cosines + torch.cat((-second, first), dim=-1) * sines).to(heads.dtype)


def attention_mask(
    padding: Tensor | None, held: int, new: int, device: torch.device
) -> Tensor | None:
    """Who may look at whom: (batch or 1, 1, new, held + new), True to look.

    None for the plain cases: one new token, which sees all, and a prompt from the first
    position, for which attention has a faster causal path of its own.
    """
    if padding is not None and bool(padding.all()):
        padding = None
    if padding is None and (new == 1 or held == 0):
        return None
    ahead = torch.arange(held, held + new, device=device)
    causal = torch.arange(held + new, device=device) <= ahead[:, None]
    if padding is None:
        return causal[None, None]
    # a padded position sees itself: a row that sees nothing would be all NaN
    itself = torch.arange(held + new, device=device) == ahead[:, None]
    return (padding.bool()[:, None, None, :] & causal) | itself
