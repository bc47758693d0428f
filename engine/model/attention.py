"""Attention in the form that is fastest where it runs; the sums are the same."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..processor import cpu_has_bfloat16, cpu_has_tiles

FEW_ROWS = 128  # of a question about what was seen before
MOST_ROWS = 2048  # one head's scores stay in the cache, and a long view's do not fill the memory


def attend(
    queries: Tensor,
    keys: Tensor,
    values: Tensor,
    *,
    mask: Tensor | None = None,
    causal: bool = False,
    grouped: bool = False,
) -> Tensor:
    """(batch, heads, length, width) each -> the values as the queries see them.

    A processor without matrix tiles converts bfloat16 again and again in torch's fused kernel.
    Plain products are faster there: three times for one written token, 1.4 times in the tower.
    One that only imitates bfloat16 is left to the fused kernel, which computes in float32: plain
    products took it 21 to 42 times as long for the patches of a view.
    """
    if mask is not None and queries.shape[2] == 1 and queries.is_cuda and not grouped:
        return _one_row(queries, keys, values, mask)  # the fused kernel gives a head one unit
    if not causal and not grouped and in_parts(queries):
        if queries.shape[2] == 1:
            return _one_row(queries, keys, values, mask)
        if mask is None and queries.shape[2] <= MOST_ROWS:
            return _head_by_head(queries, keys, values)
        if mask is not None and queries.shape[2] <= FEW_ROWS:
            return _few_rows(queries, keys, values, mask)
    return functional.scaled_dot_product_attention(
        queries, keys, values, attn_mask=mask, is_causal=causal, enable_gqa=grouped
    )


def in_parts(queries: Tensor) -> bool:
    """Whether plain products are faster; never while gradients are wanted."""
    return (
        queries.dtype is torch.bfloat16
        and queries.device.type == "cpu"
        and not torch.is_grad_enabled()
        and cpu_multiplies_without_tiles()
    )


@lru_cache(maxsize=1)
def cpu_multiplies_without_tiles() -> bool:
    """Whether the processor multiplies bfloat16 itself, but not in matrix tiles (AMX)."""
    return cpu_has_bfloat16() and not cpu_has_tiles()


def _one_row(queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None = None) -> Tensor:
    """One position looks at others; ``mask`` (batch or 1, 1, 1, length) is True where it may."""
    length = keys.shape[2]
    keys, values = _both_with_room(keys, values)
    rows = queries.flatten(0, 1).transpose(1, 2)  # (batch * heads, width, 1)
    products = torch.bmm(keys.flatten(0, 1), rows).squeeze(-1)  # (batch * heads, room)
    scores = products.float().mul_(queries.shape[-1] ** -0.5)
    scores[:, length:] = -torch.inf
    if mask is not None:
        seen = mask.expand(*queries.shape[:2], -1, -1).flatten(0, 2)
        scores[:, :length].masked_fill_(~seen, -torch.inf)
    shares = scores.softmax(dim=-1).to(queries.dtype)[:, None]
    return torch.bmm(shares, values.flatten(0, 1)).view_as(queries)


def _few_rows(queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
    """A few positions look at those that ``mask`` (batch or 1, 1, new, length) lets them see."""
    length = keys.shape[2]
    keys, values = _both_with_room(keys, values)
    rows = (queries * queries.shape[-1] ** -0.5).flatten(0, 1)
    scores = torch.bmm(rows, keys.flatten(0, 1).transpose(1, 2))
    scores[..., length:] = -torch.inf
    heads = scores.view(*queries.shape[:3], -1)
    heads[..., :length].masked_fill_(~mask, -torch.inf)
    return torch.bmm(scores.softmax(dim=-1), values.flatten(0, 1)).view_as(queries)


def _both_with_room(keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """Both are looked at as far as they reach, or as they are where that is not the same."""
    if keys.stride() != values.stride():
        return keys, values
    return with_room(keys), with_room(values)


def with_room(view: Tensor) -> Tensor:
    """The whole tensor of which a cache gave the first positions, (batch, heads, length, width).

    Torch copies every part of a tensor that a batched product gets in bfloat16 on a processor;
    whole tensors it takes as they are. Anything else than such a view comes back itself.
    """
    batch, heads, length, width = view.shape
    room = view.stride(1) // width
    whole = (batch, heads, room, width)
    strides = (heads * room * width, room * width, width, 1)
    fits = view.untyped_storage().nbytes() >= batch * heads * room * width * view.itemsize
    if room <= length or view.stride() != strides or view.storage_offset() or not fits:
        return view
    return view.as_strided(whole, strides)


def _head_by_head(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    scaled = (queries * queries.shape[-1] ** -0.5).flatten(0, 1).contiguous()
    keys, values = keys.flatten(0, 1).contiguous(), values.flatten(0, 1).contiguous()
    mixed = torch.empty_like(scaled)
    for query, key, value, out in zip(scaled, keys, values, mixed, strict=True):
        torch.mm(torch.mm(query, key.t()).softmax(dim=-1), value, out=out)
    return mixed.view_as(queries)


class TowerAttention(nn.Module):
    """A block's attention in the vision tower; parameters have timm's names."""

    def __init__(self, qkv: nn.Module, proj: nn.Module, heads: int) -> None:
        super().__init__()
        self.qkv = qkv
        self.proj = proj
        self.heads = heads

    def forward(self, hidden: Tensor, *_: object, **__: object) -> Tensor:
        """(views, patches, width) -> the same; timm's other arguments mean nothing here."""
        parts = self.qkv(hidden).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        mixed = attend(*parts.unbind(0))
        return self.proj(mixed.transpose(1, 2).flatten(2))
