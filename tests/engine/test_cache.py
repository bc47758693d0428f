"""Pieces, steps, cuts and rows of the cache against one full pass."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from transformers.cache_utils import DynamicCache

from engine.cache import STEP, KeyValueCache
from engine.model.minicpmv import MiniCPMForCausalLM
from engine.runner import Runner
from tests.engine.test_decode import model_of
from tests.tiny import tiny_config

IDS = [1, 5, 9, 3, 20, 14, 7, 7, 2, 11, 19, 4]


@pytest.fixture(scope="module")
def decoder() -> MiniCPMForCausalLM:
    return model_of(3).llm


def close(found: Tensor, expected: Tensor, tolerance: float = 1e-5) -> None:
    torch.testing.assert_close(found, expected, rtol=0.0, atol=tolerance)


def full(decoder: MiniCPMForCausalLM, ids: list[int]) -> Tensor:
    """(length, vocabulary) logits of one pass without a cache."""
    with torch.inference_mode():
        return decoder(torch.tensor([ids])).logits[0]


def cache_of(decoder: MiniCPMForCausalLM, limit: int = 4096) -> KeyValueCache:
    return KeyValueCache(decoder.config.num_hidden_layers, limit)


def feed(decoder: MiniCPMForCausalLM, cache: object, *rows: list[int]) -> Tensor:
    with torch.inference_mode():
        return decoder(torch.tensor(rows), cache=cache, use_cache=True).logits


@pytest.mark.parametrize("cut", [(12,), (1, 11), (5, 7), (4, 4, 4), (11, 1), (1,) * 12])
@pytest.mark.parametrize("ours", [True, False], ids=["our cache", "transformers' cache"])
def test_pieces_equal_one_pass(
    decoder: MiniCPMForCausalLM, cut: tuple[int, ...], ours: bool
) -> None:
    cache = cache_of(decoder) if ours else DynamicCache()
    pieces, begin = [], 0
    for length in cut:
        pieces.append(feed(decoder, cache, IDS[begin : begin + length])[0])
        begin += length
    assert cache.get_seq_length() == len(IDS)
    close(torch.cat(pieces), full(decoder, IDS))


def test_what_is_cut_off_leaves_no_trace(decoder: MiniCPMForCausalLM) -> None:
    cache = cache_of(decoder)
    feed(decoder, cache, IDS)
    cache.truncate(4)
    assert cache.get_seq_length() == 4
    other = [6, 6, 8]
    logits = feed(decoder, cache, other)[0]
    close(logits, full(decoder, [*IDS[:4], *other])[4:])
    cache.truncate(100)
    assert cache.get_seq_length() == 7


def test_room_grows_in_steps_and_up_to_the_limit(decoder: MiniCPMForCausalLM) -> None:
    long = [3 + i % 20 for i in range(STEP + 30)]
    cache = cache_of(decoder, limit=STEP + 40)
    feed(decoder, cache, long[:10])
    keys = cache._keys[0]
    assert keys is not None
    assert keys.shape[2] == STEP
    feed(decoder, cache, long[10:20])
    assert cache._keys[0] is keys  # nothing was copied
    logits = feed(decoder, cache, long[20:])[0]
    grown = cache._keys[0]
    assert grown is not None
    assert grown.shape[2] == STEP + 40
    close(logits[-5:], full(decoder, long)[-5:], 1e-4)


def test_rows_start_alike_and_go_their_own_ways(decoder: MiniCPMForCausalLM) -> None:
    prompt, ways = IDS[:6], ([4, 8], [5, 9], [6, 10])
    one = cache_of(decoder)
    feed(decoder, one, prompt)
    rows = one.expanded(3)
    feed(decoder, rows, *([way[0]] for way in ways))
    logits = feed(decoder, rows, *([way[1]] for way in ways))
    for row, way in zip(logits, ways, strict=True):
        close(row[-1], full(decoder, [*prompt, *way])[-1])
    assert one.get_seq_length() == len(prompt)
    again = feed(decoder, one, [17])[0]
    close(again[-1], full(decoder, [*prompt, 17])[-1])


@pytest.mark.parametrize("order", [(2, 0, 1), (1, 1, 0), (0, 1, 2), (2, 2, 2)])
def test_rows_change_places(decoder: MiniCPMForCausalLM, order: tuple[int, ...]) -> None:
    prompt, ways = IDS[:6], (4, 5, 6)
    one = cache_of(decoder)
    feed(decoder, one, prompt)
    rows = one.expanded(3)
    feed(decoder, rows, *([way] for way in ways))
    rows.reorder(torch.tensor(order), len(prompt))
    logits = feed(decoder, rows, [12], [13], [14])
    for row, parent, token in zip(logits, order, (12, 13, 14), strict=True):
        expected = full(decoder, [*prompt, ways[parent], token])[-1]
        close(row[-1], expected)


def test_rows_may_become_fewer_and_more_again(decoder: MiniCPMForCausalLM) -> None:
    prompt, room = IDS[:6], STEP  # so many that more must be made while there is one row
    one = cache_of(decoder)
    feed(decoder, one, prompt)
    rows = one.expanded(3)
    feed(decoder, rows, [4], [5], [6])
    rows.reorder(torch.tensor([2]), len(prompt))
    alone = [7 + n % 9 for n in range(room)]
    close(feed(decoder, rows, alone)[0], full(decoder, [*prompt, 6, *alone])[-room:])
    with torch.inference_mode():
        rows.reorder(torch.tensor([0, 0]), len(prompt))
    for row, token in zip(feed(decoder, rows, [12], [13]), (12, 13), strict=True):
        close(row[-1], full(decoder, [*prompt, 6, *alone, token])[-1])


def test_beams_are_written_beside_the_prompt() -> None:
    model = model_of(3)
    runner = Runner(model)
    runner.read(IDS[:6], [], [])
    runner.spread(2)
    runner.step([4, 5])
    runner.reorder([1, 1])
    runner.step([6, 7])
    assert runner.held == 8
    runner.gather()
    assert runner.held == 6
    runner.gather()
    logits = runner.step([17])[0]
    close(logits, full(model.llm, [*IDS[:6], 17])[-1])


@pytest.mark.parametrize("ours", [True, False], ids=["our cache", "transformers' cache"])
def test_padding_is_not_looked_at(decoder: MiniCPMForCausalLM, ours: bool) -> None:
    """Only the distance of two positions matters, so a row padded on the left is as without."""
    short, long = IDS[:4], IDS[4:11]
    width = len(long)
    padding = torch.tensor([[0] * (width - len(short)) + [1] * len(short), [1] * width])
    ids = torch.tensor([[0] * (width - len(short)) + short, long])
    cache = cache_of(decoder) if ours else DynamicCache()
    with torch.inference_mode():
        first = decoder(ids, attention_mask=padding, cache=cache, use_cache=True).logits
        padding = torch.cat((padding, torch.ones(2, 1, dtype=torch.long)), dim=1)
        column = torch.tensor([[8], [9]])
        second = decoder(column, attention_mask=padding, cache=cache, use_cache=True)
    for row, alone in ((0, short), (1, long)):
        expected = full(decoder, [*alone, 8 + row])
        close(first[row, -len(alone) :], expected[:-1])
        close(second.logits[row, -1], expected[-1])
    assert first.isfinite().all()


def test_a_whole_mask_changes_nothing(decoder: MiniCPMForCausalLM) -> None:
    with torch.inference_mode():
        ids = torch.tensor([IDS])
        masked = decoder(ids, attention_mask=torch.ones_like(ids)).logits[0]
    assert torch.equal(masked, full(decoder, IDS))


def test_later_ids_do_not_change_earlier_logits(decoder: MiniCPMForCausalLM) -> None:
    changed = [*IDS[:6], *reversed(IDS[6:])]
    close(full(decoder, changed)[:6], full(decoder, IDS)[:6])
    assert not torch.allclose(full(decoder, changed)[6:], full(decoder, IDS)[6:], atol=1e-3)


def test_fewer_keys_than_queries_share_them() -> None:
    torch.manual_seed(0)
    config = tiny_config(vocab_size=24, num_attention_heads=4, num_key_value_heads=2)
    grouped = MiniCPMForCausalLM(config).eval().requires_grad_(False)
    config = tiny_config(vocab_size=24, num_attention_heads=4, num_key_value_heads=4)
    plain = MiniCPMForCausalLM(config).eval().requires_grad_(False)
    shared = ("k_proj.weight", "v_proj.weight")
    plain.load_state_dict(
        {
            name: tensor.unflatten(0, (2, 32)).repeat_interleave(2, dim=0).flatten(0, 1)
            if name.endswith(shared)
            else tensor
            for name, tensor in grouped.state_dict().items()
        }
    )
    close(full(grouped, IDS), full(plain, IDS))
    cache = cache_of(grouped)
    feed(grouped, cache, IDS[:-1])
    last = feed(grouped, cache, IDS[-1:])[0, -1]
    close(last, full(grouped, IDS)[-1])
