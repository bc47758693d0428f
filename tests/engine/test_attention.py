"""Plain products give what torch's fused attention gives."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from engine.model import attention
from engine.model.attention import MOST_ROWS, attend, in_parts


@pytest.fixture(autouse=True)
def no_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention, "cpu_has_tiles", lambda: False)


def heads(batch: int, length: int, width: int, *, room: int = 0) -> Tensor:
    """Random values; with ``room``, a view of a larger cache."""
    whole = torch.randn(batch, 4, max(length, room), width).to(torch.bfloat16)
    return whole[:, :, :length]


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize(("queries", "keys"), [(1, 37), (50, 50), (16, 40)])
@torch.inference_mode()
def test_parts_agree_with_the_whole(batch: int, queries: int, keys: int) -> None:
    torch.manual_seed(queries)
    q, k, v = heads(batch, queries, 72), heads(batch, keys, 72, room=64), heads(batch, keys, 72)
    assert in_parts(q)
    ours = attend(q, k, v).float()
    exact = functional.scaled_dot_product_attention(q.float(), k.float(), v.float())
    assert ours.shape == exact.shape
    assert float((ours - exact).norm() / exact.norm()) < 0.01


@torch.inference_mode()
def test_float32_and_masks_are_left_to_torch() -> None:
    q, k, v = (heads(1, 9, 64) for _ in range(3))
    fused = functional.scaled_dot_product_attention
    mask = torch.ones(9, 9, dtype=torch.bool).tril()[None, None]
    assert torch.equal(attend(q, k, v, mask=mask), fused(q, k, v, attn_mask=mask))
    assert torch.equal(attend(q, k, v, causal=True), fused(q, k, v, is_causal=True))
    wide = (q.float(), k.float(), v.float())
    assert torch.equal(attend(*wide), fused(*wide))
    long = heads(1, MOST_ROWS + 1, 8)
    assert torch.equal(attend(long, long, long), fused(long, long, long))


@torch.inference_mode()
def test_one_row_may_be_masked() -> None:
    q, k, v = heads(2, 1, 64), heads(2, 30, 64), heads(2, 30, 64)
    mask = torch.arange(30)[None, None, None] < torch.tensor([11, 30])[:, None, None, None]
    ours = attention._one_row(q, k, v, mask).float()
    exact = functional.scaled_dot_product_attention(q.float(), k.float(), v.float(), mask)
    assert float((ours - exact).norm() / exact.norm()) < 0.01


def test_gradients_are_left_to_torch() -> None:
    assert not in_parts(heads(1, 4, 64))
    with torch.no_grad():
        assert in_parts(heads(1, 4, 64))
