"""Loading is strict, names what is wrong, and keeps one copy."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from engine.engine import Engine
from engine.errors import ModelError, ModelFault
from engine.folder import CONFIG, INDEX, SINGLE, missing_files, weight_files
from engine.messages import Question, Sampling, Speaker, Turn
from engine.model.attention import TowerAttention
from engine.model.minicpmv import MiniCPMV
from engine.model.vision_language import VisionLanguageBase
from engine.weights import OUTPUT_LAYER, load_model, read_config
from tests.tiny import tiny_config, tiny_folder, tiny_tensors

SHARDS = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
TENSOR = "llm.model.layers.1.mlp.up_proj.weight"


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "model"
    tiny_folder(path)
    return path


@pytest.fixture
def folder(pristine: Path, tmp_path: Path) -> Path:
    """A copy to break."""
    return shutil.copytree(pristine, tmp_path / "model")


def fault_of(folder: Path) -> ModelError:
    """What both ways of loading raise."""
    with pytest.raises(ModelError) as caught:
        list(Engine(folder, device="cpu", precision="float32").load())
    with pytest.raises(ModelError) as again:
        MiniCPMV.from_pretrained(folder)
    assert str(again.value) == str(caught.value)
    assert caught.value.folder == str(folder)
    return caught.value


def change_shard(folder: Path, **tensors: torch.Tensor | None) -> str:
    """Put tensors into the shard that holds TENSOR, or take them out of it; its name."""
    index = json.loads((folder / INDEX).read_text())
    shard: str = index["weight_map"][TENSOR]
    held = load_file(folder / shard) | tensors
    kept = {name: tensor for name, tensor in held.items() if tensor is not None}
    save_file(kept, folder / shard)
    return shard


def change_config(folder: Path, **values: Any) -> None:
    path = folder / CONFIG
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def states_equal(first: VisionLanguageBase, second: VisionLanguageBase) -> bool:
    ours, theirs = first.state_dict(), second.state_dict()
    return ours.keys() == theirs.keys() and all(torch.equal(ours[n], theirs[n]) for n in ours)


def answer(folder: Path) -> tuple[int, ...]:
    engine = Engine(folder, device="cpu", precision="float32")
    list(engine.load())
    question = Question(None, (Turn(Speaker.USER, "hello"),), Sampling.greedy(max_new_tokens=4))
    ids: tuple[int, ...] = list(engine.answer(question))[-1].token_ids  # type: ignore[union-attr]
    return ids


# What is loaded


def test_every_tensor_is_in_its_place(pristine: Path) -> None:
    model = load_model(pristine)
    expected = tiny_tensors(tiny_config())
    state = model.state_dict()
    assert state.keys() == expected.keys()
    for name, tensor in expected.items():
        assert torch.equal(state[name], tensor), name
    assert not any(parameter.requires_grad for parameter in model.parameters())
    assert not model.training
    assert not any(tensor.is_meta for tensor in [*model.parameters(), *model.buffers()])


@pytest.mark.parametrize("shards", [1, 2, 5])
def test_any_number_of_files_will_do(pristine: Path, tmp_path: Path, shards: int) -> None:
    tiny_folder(tmp_path, shards=shards)
    assert len(list(tmp_path.glob("*.safetensors"))) == shards
    assert (tmp_path / INDEX).exists() == (shards > 1)
    assert states_equal(load_model(tmp_path), load_model(pristine))
    assert missing_files(tmp_path) == ()


def test_files_are_converted_to_the_asked_type(pristine: Path, tmp_path: Path) -> None:
    half = MiniCPMV.from_pretrained(pristine, dtype=torch.bfloat16)
    assert {parameter.dtype for parameter in half.parameters()} == {torch.bfloat16}
    tiny_folder(tmp_path, dtype=torch.bfloat16)
    stored = MiniCPMV.from_pretrained(tmp_path, torch_dtype="bfloat16")
    assert states_equal(half, stored)
    wide = MiniCPMV.from_pretrained(tmp_path)
    assert {parameter.dtype for parameter in wide.parameters()} == {torch.float32}


def mapped_files(parameter: torch.Tensor) -> str:
    """The file that the system maps at a tensor's address; empty for plain memory."""
    address = parameter.data_ptr()
    for line in Path("/proc/self/maps").read_text().splitlines():
        area, *rest = line.split(maxsplit=5)
        low, high = (int(side, 16) for side in area.split("-"))
        if low <= address < high:
            return rest[4] if len(rest) == 5 else ""
    return ""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/self/maps")
@pytest.mark.parametrize("stored", [torch.float32, torch.bfloat16])
def test_weights_stay_in_the_mapped_files(tmp_path: Path, stored: torch.dtype) -> None:
    tiny_folder(tmp_path, dtype=stored)
    same = load_model(tmp_path, dtype=stored)
    files = {name: mapped_files(tensor) for name, tensor in same.named_parameters()}
    assert {Path(file).name for file in files.values()} == set(SHARDS), files
    other = torch.float32 if stored is torch.bfloat16 else torch.bfloat16
    converted = load_model(tmp_path, dtype=other)
    assert not any(mapped_files(p).endswith(".safetensors") for p in converted.parameters())


def test_a_float8_tensor_is_counted_by_its_bytes(folder: Path) -> None:
    before = list(Engine(folder, device="cpu", precision="float32").load())[-2]
    small = torch.zeros(128, 128, dtype=torch.float8_e4m3fn)
    change_shard(folder, **{TENSOR: small})
    after = list(Engine(folder, device="cpu", precision="float32").load())[-2]
    assert after.total == before.total - 3 * small.numel()  # type: ignore[union-attr]


# What is refused


def test_a_missing_tensor_is_named(folder: Path) -> None:
    change_shard(folder, **{TENSOR: None})
    error = fault_of(folder)
    assert (error.fault, error.name) == (ModelFault.MISSING_TENSOR, TENSOR)


def test_a_spare_tensor_is_named(folder: Path) -> None:
    change_shard(folder, **{"llm.model.layers.2.mlp.up_proj.weight": torch.zeros(2)})
    error = fault_of(folder)
    assert error.fault is ModelFault.SPARE_TENSOR
    assert error.name == "llm.model.layers.2.mlp.up_proj.weight"


def test_a_misshaped_tensor_is_named(folder: Path) -> None:
    change_shard(folder, **{TENSOR: torch.zeros(128, 64)})
    error = fault_of(folder)
    assert (error.fault, error.name) == (ModelFault.WRONG_SHAPE, TENSOR)
    assert error.detail == "[128, 64], not [128, 128]"


@pytest.mark.parametrize("keep", [0, 4, 200, -1])
def test_a_cut_file_is_named(folder: Path, keep: int) -> None:
    path = folder / SHARDS[1]
    path.write_bytes(path.read_bytes()[:keep])
    error = fault_of(folder)
    assert (error.fault, error.name) == (ModelFault.DAMAGED_FILE, SHARDS[1])


@pytest.mark.parametrize("name", [SHARDS[0], CONFIG, "tokenizer.model"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert missing_files(folder) == (name,)
    with pytest.raises(ModelError) as caught:
        list(Engine(folder, device="cpu").load())
    assert (caught.value.fault, caught.value.name) == (ModelFault.NO_FILE, name)


def test_a_folder_without_weights_lacks_the_single_file(folder: Path) -> None:
    for name in (*SHARDS, INDEX):
        (folder / name).unlink()
    error = fault_of(folder)
    assert (error.fault, error.name) == (ModelFault.NO_FILE, SINGLE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"weight_map": 3}',
        '{"weight_map": {"a": 3}}',
        '{"weight_map": {"a": ["b"]}}',
        "\ud800",
    ],
)
def test_a_damaged_index_is_named(folder: Path, text: str) -> None:
    (folder / INDEX).write_bytes(text.encode("utf-8", "surrogatepass"))
    error = fault_of(folder)
    assert (error.fault, error.name) == (ModelFault.DAMAGED_FILE, INDEX)
    assert missing_files(folder) == (INDEX,)


def test_an_index_reaches_nothing_outside_its_folder(folder: Path, tmp_path: Path) -> None:
    save_file({"a": torch.zeros(1)}, tmp_path / "elsewhere.safetensors")
    (folder / INDEX).write_text('{"weight_map": {"a": "../elsewhere.safetensors"}}')
    assert weight_files(folder) == ("elsewhere.safetensors",)
    assert fault_of(folder).fault is ModelFault.NO_FILE


def test_a_damaged_vocabulary_is_named(folder: Path) -> None:
    (folder / "tokenizer.model").write_bytes(b"no vocabulary")
    with pytest.raises(ModelError) as caught:
        list(Engine(folder, device="cpu").load())
    assert (caught.value.fault, caught.value.name) == (ModelFault.DAMAGED_FILE, "tokenizer.model")


@pytest.mark.parametrize("name", ["nowhere", "file"])
def test_no_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError) as caught:
        list(Engine(tmp_path / name, device="cpu").load())
    assert caught.value.fault is ModelFault.NO_FOLDER


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '{"hidden_size": 100}'])
def test_a_damaged_configuration_is_named(folder: Path, text: str) -> None:
    (folder / CONFIG).write_text(text)
    error = fault_of(folder)
    assert (error.fault, error.name) == (ModelFault.BAD_CONFIG, CONFIG)


@pytest.mark.parametrize(
    "wrong",
    [
        {"hidden_size": "128"},
        {"hidden_size": 192},
        {"hidden_size": 128.0},
        {"vocab_size": -5},
        {"num_attention_heads": 0},
        {"num_attention_heads": 3, "num_key_value_heads": 3, "hidden_size": 128},
        {"num_key_value_heads": 4},
        {"num_hidden_layers": 0},
        {"rope_theta": "x"},
        {"rope_scaling": {"type": "linear", "factor": 2.0}},
        {"scale_depth": None},
        {"hidden_act": "gelu"},
        {"attention_bias": True},
        {"mm_use_im_start_end": False},
        {"tie_word_embeddings": "no"},
        {"slice_mode": 1},
        {"query_num": 50},
        {"patch_size": 16},
        {"max_slice_nums": 0},
        {"vision_config": {"width": 3}},
        {"vision_config": {"depth": 0}},
        {"vision_config": [3]},
    ],
    ids=str,
)
def test_a_wrong_value_is_named(folder: Path, wrong: dict[str, Any]) -> None:
    change_config(folder, **wrong)
    error = fault_of(folder)
    assert (error.fault, error.name) == (ModelFault.BAD_CONFIG, CONFIG)
    assert any(key in error.detail for key in wrong)


@pytest.mark.parametrize(
    "wrong",
    [{"vision_encoder": "no_such_tower"}, {"vision_config": {"num_heads": 7}}, {"patch_size": 16}],
    ids=str,
)
def test_a_tower_that_cannot_be_made(folder: Path, wrong: dict[str, Any]) -> None:
    change_config(folder, **wrong)
    error = fault_of(folder)
    assert (error.fault, error.name) == (ModelFault.BAD_CONFIG, CONFIG)
    assert error.detail


# What the configuration says


def test_the_published_configuration_is_the_default() -> None:
    told = read_config_of({})
    assert (told.hidden_size, told.num_hidden_layers, told.vocab_size) == (2304, 40, 122753)
    assert (told.head_dim, told.logit_divisor) == (64, 9.0)
    assert told.residual_scale == pytest.approx(1.4 / 40**0.5)
    assert told.slice_settings.max_slices == 9


def read_config_of(values: dict[str, Any]) -> Any:
    from engine.configuration import MiniCPMVConfig

    return MiniCPMVConfig.from_dict(values)


def test_keys_that_only_training_reads_are_let_through(folder: Path) -> None:
    change_config(folder, pretraining_tp=1, rope_scaling=None, torch_dtype="bfloat16")
    assert states_equal(load_model(folder), load_model(folder))
    assert read_config(folder).hidden_size == 128


def test_tied_embeddings_share_their_memory(tmp_path: Path) -> None:
    tiny_folder(tmp_path, tie_word_embeddings=True)
    with (
        safe_open(tmp_path / SHARDS[0], "pt") as first,
        safe_open(tmp_path / SHARDS[1], "pt") as last,
    ):
        assert OUTPUT_LAYER not in {*first.keys(), *last.keys()}
    model = load_model(tmp_path)
    assert model.llm.lm_head.weight is model.llm.model.embed_tokens.weight
    assert len(answer(tmp_path)) == 4


def test_tied_embeddings_need_no_output_layer(folder: Path) -> None:
    change_config(folder, tie_word_embeddings=True)
    error = fault_of(folder)
    assert (error.fault, error.name) == (ModelFault.SPARE_TENSOR, OUTPUT_LAYER)


def test_untied_embeddings_need_one(tmp_path: Path) -> None:
    tiny_folder(tmp_path, tie_word_embeddings=True)
    change_config(tmp_path, tie_word_embeddings=False)
    error = fault_of(tmp_path)
    assert (error.fault, error.name) == (ModelFault.MISSING_TENSOR, OUTPUT_LAYER)


@pytest.mark.parametrize(("drop", "blocks"), [(True, 2), (False, 3)])
def test_the_tower_is_as_told(tmp_path: Path, drop: bool, blocks: int) -> None:
    tower = {"embed_dim": 48, "depth": 3, "num_heads": 3}
    tiny_folder(tmp_path, vision_config=tower, drop_vision_last_layer=drop)
    model = load_model(tmp_path)
    assert len(model.vpm.blocks) == blocks
    assert model.vpm.embed_dim == 48
    heads = [m.heads for m in model.vpm.modules() if isinstance(m, TowerAttention)]
    assert heads == [3] * blocks
    with torch.inference_mode():
        features = model.encode_views(torch.zeros(1, 3, 56, 28))
    assert features.shape == (1, 16, 128)
    assert features.isfinite().all()


def test_scales_are_heard(pristine: Path, folder: Path) -> None:
    """Every constant of the configuration reaches the logits."""
    ids = torch.tensor([[1, 5, 9, 3]])

    def logits() -> torch.Tensor:
        with torch.inference_mode():
            return MiniCPMV.from_pretrained(folder)(ids).logits

    plain, changes = logits(), ("scale_emb", "scale_depth", "dim_model_base", "rope_theta")
    text = (pristine / CONFIG).read_text()
    for name in changes:
        change_config(folder, **{name: 2 * json.loads(text)[name]})
        assert not torch.allclose(logits(), plain, atol=1e-3), name
        (folder / CONFIG).write_text(text)
    change_config(folder, dim_model_base=128)
    torch.testing.assert_close(logits(), 2 * plain)


def test_what_is_saved_can_be_loaded(pristine: Path, tmp_path: Path) -> None:
    """transformers' own ``save_pretrained`` writes a folder that is read again."""
    model = MiniCPMV.from_pretrained(pristine)
    model.save_pretrained(tmp_path)
    assert states_equal(load_model(tmp_path), model)
