"""Plain products give what torch's fused attention gives."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from engine.cache import KeyValueCache
from engine.model import attention
from engine.model.attention import (
    FEW_ROWS,
    MOST_ROWS,
    attend,
    cpu_multiplies_without_tiles,
    in_parts,
    with_room,
)


@pytest.fixture(autouse=True)
def no_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention, "cpu_multiplies_without_tiles", lambda: True)


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
def test_float32_and_long_masks_are_left_to_torch() -> None:
    q, k, v = (heads(1, 9, 64) for _ in range(3))
    fused = functional.scaled_dot_product_attention
    mask = torch.ones(9, 9, dtype=torch.bool).tril()[None, None]
    assert torch.equal(attend(q, k, v, causal=True), fused(q, k, v, is_causal=True))
    wide = (q.float(), k.float(), v.float())
    assert torch.equal(attend(*wide), fused(*wide))
    assert torch.equal(attend(*wide, mask=mask), fused(*wide, attn_mask=mask))
    long = heads(1, MOST_ROWS + 1, 8)
    assert torch.equal(attend(long, long, long), fused(long, long, long))
    most = heads(1, FEW_ROWS + 1, 8)
    mask = torch.ones(FEW_ROWS + 1, FEW_ROWS + 1, dtype=torch.bool).tril()[None, None]
    assert torch.equal(attend(most, most, most, mask=mask), fused(most, most, most, mask))


@pytest.mark.parametrize("itself", [True, False])
@pytest.mark.parametrize("tiles", [True, False])
@torch.inference_mode()
def test_parts_are_for_processors_that_multiply_bfloat16_but_not_in_tiles(
    monkeypatch: pytest.MonkeyPatch, itself: bool, tiles: bool
) -> None:
    monkeypatch.setattr(attention, "cpu_has_bfloat16", lambda: itself)
    monkeypatch.setattr(attention, "cpu_has_tiles", lambda: tiles)
    asked = cpu_multiplies_without_tiles.__wrapped__
    monkeypatch.setattr(attention, "cpu_multiplies_without_tiles", asked)
    q = heads(1, 9, 64)
    assert in_parts(q) is (itself and not tiles)
    if not itself:
        assert torch.equal(attend(q, q, q), functional.scaled_dot_product_attention(q, q, q))


@torch.inference_mode()
def test_one_row_may_be_masked() -> None:
    q, k, v = heads(2, 1, 64), heads(2, 30, 64), heads(2, 30, 64)
    mask = torch.arange(30)[None, None, None] < torch.tensor([11, 30])[:, None, None, None]
    ours = attention._one_row(q, k, v, mask).float()
    exact = functional.scaled_dot_product_attention(q.float(), k.float(), v.float(), mask)
    assert float((ours - exact).norm() / exact.norm()) < 0.01


@pytest.mark.parametrize("length", [1, 12])
@torch.inference_mode()
def test_later_rows_see_what_the_mask_shows(length: int) -> None:
    torch.manual_seed(length)
    q = heads(2, length, 64)
    k, v = heads(2, 30, 64, room=48), heads(2, 30, 64, room=48)
    mask = torch.rand(2, 1, length, 30) < 0.5
    mask[..., 0] = True
    ours = attend(q, k, v, mask=mask).float()
    exact = functional.scaled_dot_product_attention(q.float(), k.float(), v.float(), mask)
    assert float((ours - exact).norm() / exact.norm()) < 0.01


@torch.inference_mode()
def test_room_behind_a_caches_view_is_found_and_never_looked_at() -> None:
    cache = KeyValueCache(1, limit=600)
    k, v = cache.update(heads(1, 150, 64), heads(1, 150, 64), 0)
    whole = with_room(k)
    assert whole.shape[2] == cache.tensors(0)[0].shape[2] > 150
    assert whole.data_ptr() == k.data_ptr()
    q = heads(1, 1, 64)
    ours = attend(q, k, v)
    with_room(v)[:, :, 150:] = 1000.0
    with_room(k)[:, :, 150:] = 1000.0
    assert torch.equal(attend(q, k, v), ours)


@pytest.mark.parametrize(
    "view",
    [
        torch.zeros(1, 4, 9, 8),  # all there is
        torch.zeros(1, 4, 9, 8)[:, :, 2:6],  # not from the first position
        torch.zeros(1, 8, 9, 8)[:, :4, :6],  # of some heads
        torch.zeros(1, 9, 4, 8).transpose(1, 2),  # in another order
        torch.zeros(1, 1, 1, 8).expand(1, 4, 6, 8),  # many names of the same
    ],
)
def test_other_tensors_have_no_room(view: Tensor) -> None:
    assert with_room(view) is view


def test_gradients_are_left_to_torch() -> None:
    assert not in_parts(heads(1, 4, 64))
    with torch.no_grad():
        assert in_parts(heads(1, 4, 64))
