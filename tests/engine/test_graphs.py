"""A step as it is recorded for a GPU writes what the plain step writes."""

from __future__ import annotations

import pytest
import torch

from engine import graphs
from engine.cache import KeyValueCache
from engine.graphs import StepGraphs
from engine.model.vision_language import VisionLanguageModel
from engine.runner import Runner
from engine.weights import empty_model, place_tensor
from tests.tiny import tiny_config, tiny_tensors

PROMPT, WRITTEN = [1, 7, 9, 11], [13, 5, 8, 21, 30, 4, 6]
LIMIT = 64


def tiny(device: str = "cpu", dtype: torch.dtype = torch.float32) -> VisionLanguageModel:
    config = tiny_config(max_position_embeddings=LIMIT)
    model = empty_model(config)
    for name, tensor in tiny_tensors(config).items():
        place_tensor(model, name, tensor.to(device, dtype))
    return model


def plain(model: VisionLanguageModel) -> list[torch.Tensor]:
    runner = Runner(model)
    runner.cache = KeyValueCache(model.config.num_hidden_layers, LIMIT)
    feed(runner, PROMPT)
    return [feed(runner, [token]) for token in WRITTEN]


@torch.inference_mode()
def feed(runner: Runner, ids: list[int]) -> torch.Tensor:
    """A pass that no graph is made of."""
    return runner.read(ids, (), ()).float()


@pytest.mark.parametrize("bucket", [4, 512])
def test_fixed_places_change_nothing(monkeypatch: pytest.MonkeyPatch, bucket: int) -> None:
    monkeypatch.setattr(graphs, "BUCKET", bucket)
    model = tiny()
    runner = Runner(model)
    runner.cache = KeyValueCache(model.config.num_hidden_layers, LIMIT, step=LIMIT)
    feed(runner, PROMPT)
    places = runner.cache.tensors(0)[0].data_ptr()
    steps = StepGraphs(model, runner.cache, record=False)
    for token, expected in zip(WRITTEN, plain(model), strict=True):
        torch.testing.assert_close(steps.step(token)[0], expected, rtol=0, atol=1e-5)
    assert runner.held == len(PROMPT) + len(WRITTEN)
    assert runner.cache.tensors(0)[0].data_ptr() == places
    runner.keep(len(PROMPT))
    torch.testing.assert_close(steps.step(WRITTEN[0])[0], plain(model)[0], rtol=0, atol=1e-5)


def test_an_empty_cache_has_no_tensors() -> None:
    with pytest.raises(ValueError, match="layer 1 holds nothing"):
        KeyValueCache(2, LIMIT).tensors(1)


def test_stacked_layers_give_the_same() -> None:
    model, stacked = tiny(), tiny()
    for layer in stacked.llm.model.layers:
        layer.self_attn.stack()
        layer.mlp.stack()
    assert sum(p.numel() for p in stacked.parameters()) == sum(
        p.numel() for p in model.parameters()
    )
    for ours, exact in zip(plain(stacked), plain(model), strict=True):
        torch.testing.assert_close(ours, exact, rtol=0, atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_recorded_steps_on_cuda(monkeypatch: pytest.MonkeyPatch, dtype: torch.dtype) -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device: graphs are not recorded here")
    monkeypatch.setattr(graphs, "BUCKET", 8)
    model = tiny("cuda", dtype)
    runner = Runner(model)
    feed(runner, PROMPT)
    close = 1e-4 if dtype is torch.float32 else 0.2
    for token, expected in zip(WRITTEN, plain(model), strict=True):
        torch.testing.assert_close(runner.step([token])[0], expected, rtol=0, atol=close)
    runner.keep(len(PROMPT))
    torch.testing.assert_close(runner.step(WRITTEN[:1])[0], plain(model)[0], rtol=0, atol=close)
