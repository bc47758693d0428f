"""Codes are made once, kept on disk, mapped from there, and made again when the weights change."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from engine.engine import Engine
from engine.errors import DeviceError, ModelError, ModelFault
from engine.folder import code_files
from engine.messages import Finished, Precision, Question, Ready, Sampling, Speaker, Turn
from engine.model.vision_language import VisionLanguageModel
from engine.quantised import store
from engine.quantised.capability import capability_of
from engine.quantised.linear import Int4Linear, Int8Linear, QuantisedLinear
from engine.quantised.loading import load_quantised
from engine.quantised.targets import targets
from engine.weights import empty_model, empty_model_of
from tests.engine.test_weights import change_shard, mapped_files
from tests.tiny import tiny_config, tiny_folder

TENSOR = "llm.model.layers.1.mlp.up_proj.weight"
BOTH = (Precision.INT8, Precision.INT4)


@pytest.fixture(autouse=True)
def everything_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(store, "SMALLEST", 0)
    cache = tmp_path / "cache"
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: cache)
    for precision in BOTH:
        try:
            capability_of("cpu", precision)
        except DeviceError as error:
            pytest.skip(f"this processor cannot: {error}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tiny_folder(tmp_path / "model")
    return tmp_path / "model"


def loaded(folder: Path, precision: Precision) -> VisionLanguageModel:
    model = empty_model_of(folder)
    steps = list(load_quantised(model, folder, precision))
    done = [step.done for step in steps]
    assert done == sorted(done)
    assert done[-1] == steps[-1].total
    return model


def kept(folder: Path) -> list[Path]:
    return list(code_files(folder))


def logits(model: VisionLanguageModel) -> torch.Tensor:
    with torch.inference_mode():
        embeddings = model.embed(torch.tensor([[1, 7, 9, 11, 13]]))
        return model.llm.logits(model.llm.model(embeddings, None, None))


@pytest.mark.parametrize("precision", BOTH)
def test_the_second_load_reads_what_the_first_made(folder: Path, precision: Precision) -> None:
    first = loaded(folder, precision)
    (file,) = kept(folder)
    assert file.name.startswith(f"codes-{precision.value}-")
    made = file.stat().st_mtime_ns
    second = loaded(folder, precision)
    assert torch.equal(logits(first), logits(second))
    assert file.stat().st_mtime_ns == made
    assert [path for path in folder.iterdir() if path.suffix == ".part"] == []


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/self/maps")
@pytest.mark.parametrize("precision", BOTH)
def test_codes_stay_in_the_mapped_file(folder: Path, precision: Precision) -> None:
    model = loaded(folder, precision)
    (file,) = kept(folder)
    layers = [module for module in model.modules() if isinstance(module, QuantisedLinear)]
    for layer in layers:
        codes = layer.get_parameter("codes" if isinstance(layer, Int8Linear) else "packed")
        assert mapped_files(codes) == str(file)


def test_changed_weights_are_quantised_anew(folder: Path) -> None:
    before = logits(loaded(folder, Precision.INT8))
    change_shard(folder, **{TENSOR: torch.full((128, 128), 0.5)})
    assert not torch.equal(logits(loaded(folder, Precision.INT8)), before)


@pytest.mark.parametrize("spoil", ["cut", "empty", "other"])
def test_a_damaged_file_is_made_again(folder: Path, spoil: str) -> None:
    before = logits(loaded(folder, Precision.INT8))
    (file,) = kept(folder)
    whole = file.read_bytes()
    spoilt = {"cut": whole[:-1], "empty": b"", "other": whole.replace(b"codes", b"xodes")}
    file.write_bytes(spoilt[spoil])
    assert torch.equal(logits(loaded(folder, Precision.INT8)), before)
    assert kept(folder)[0].read_bytes() == whole


def test_a_read_only_model_is_kept_in_the_cache(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, lambda path: path.parent == folder)
    before = logits(loaded(folder, Precision.INT8))
    assert kept(folder) == []
    (file,) = (tmp_path / "cache").rglob("codes-int8-rows.safetensors")
    made = file.stat().st_mtime_ns
    assert torch.equal(logits(loaded(folder, Precision.INT8)), before)
    assert file.stat().st_mtime_ns == made


def refuse(monkeypatch: pytest.MonkeyPatch, where: Callable[[Path], bool]) -> None:
    """Nothing can be written there: root may write anywhere, so permissions would not do."""
    plain_open = Path.open

    def guarded(path: Path, mode: str = "r", *rest: object, **more: object) -> object:
        if "w" in mode and where(path):
            raise PermissionError(13, "read-only", str(path))
        return plain_open(path, mode, *rest, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", guarded)


def test_where_nothing_can_be_written_codes_are_made_in_memory(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, lambda _: True)
    before = logits(loaded(folder, Precision.INT8))
    monkeypatch.undo()
    assert kept(folder) == []
    monkeypatch.setattr(store, "SMALLEST", 0)
    assert torch.equal(logits(loaded(folder, Precision.INT8)), before)


def test_a_disk_that_fills_up_leaves_nothing_behind(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr(os, "fsync", full)
    loaded(folder, Precision.INT4)
    assert [path.name for path in folder.iterdir() if "int4" in path.name] == []


def test_a_load_that_is_stopped_leaves_nothing_behind(folder: Path) -> None:
    stream = load_quantised(empty_model_of(folder), folder, Precision.INT8)
    next(stream)
    assert list(folder.glob("*.part"))
    stream.close()
    assert list(folder.glob("*.part")) == []
    assert kept(folder) == []


def test_small_models_are_not_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "SMALLEST", 10**8)
    loaded(folder, Precision.INT8)
    assert kept(folder) == []


# The network


def test_every_layer_of_decoder_and_tower_is_in_codes(folder: Path) -> None:
    model = loaded(folder, Precision.INT4)
    assert not any(tensor.is_meta for tensor in [*model.parameters(), *model.buffers()])
    layer = next(iter(model.llm.model.layers))
    fours = [layer.self_attn.qkv_proj, layer.self_attn.o_proj, layer.mlp.gate_up_proj]
    assert all(isinstance(module, Int4Linear) for module in [*fours, layer.mlp.down_proj])
    assert isinstance(model.llm.lm_head, Int8Linear)
    plain = {
        name
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear) and not name.startswith("resampler")
    }
    assert plain == set()


def test_a_tied_output_layer_gets_codes_of_its_own(tmp_path: Path) -> None:
    tiny_folder(tmp_path, tie_word_embeddings=True)
    model = loaded(tmp_path, Precision.INT8)
    assert isinstance(model.llm.lm_head, Int8Linear)
    assert model.llm.model.embed_tokens.weight.dtype is torch.bfloat16
    assert torch.isfinite(logits(model)).all()


def test_odd_widths_have_eight_bits() -> None:
    config = tiny_config(intermediate_size=100)
    chosen = {target.place: target.precision for target in targets(empty_model(config), BOTH[1])}
    assert chosen["llm.model.layers.0.mlp.down_proj"] is Precision.INT8
    assert chosen["llm.model.layers.0.self_attn.o_proj"] is Precision.INT4


@pytest.mark.parametrize("precision", BOTH)
def test_the_engine_answers(folder: Path, precision: Precision) -> None:
    engine = Engine(folder, "cpu", precision)
    *_, ready = engine.load()
    assert isinstance(ready, Ready)
    assert ready.info.choice.precision is precision
    wide = Engine(folder, "cpu", "float32")
    *_, exact = wide.load()
    assert isinstance(exact, Ready)
    assert ready.info.parameters == exact.info.parameters
    asked = Question(None, (Turn(Speaker.USER, "hello"),), Sampling.greedy(max_new_tokens=4))
    *_, last = engine.answer(asked)
    assert isinstance(last, Finished)
    assert len(last.token_ids) == 4
    *_, last = engine.answer(Question(None, asked.turns, Sampling.beam(3, max_new_tokens=4)))
    assert isinstance(last, Finished)


def test_a_damaged_checkpoint_is_told_as_ever(folder: Path) -> None:
    change_shard(folder, **{TENSOR: None})
    with pytest.raises(ModelError) as caught:
        list(Engine(folder, "cpu", "int8").load())
    assert caught.value.fault is ModelFault.MISSING_TENSOR
    assert kept(folder) == []
