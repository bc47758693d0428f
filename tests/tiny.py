"""Model folders for tests: the golden recipe, whose every value depends on its name alone."""

from __future__ import annotations

import json
import shutil
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file

from engine.configuration import MiniCPMVConfig
from engine.folder import SINGLE
from engine.model.resampler import sine_cosine_table
from engine.weights import OUTPUT_LAYER, empty_model
from tests.vocabulary import tiny_model, tiny_tokenizer


def golden_tensor(name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """One tensor of the golden checkpoint, as its README defines it."""
    rng = np.random.RandomState(zlib.crc32(f"0:{name}".encode()) & 0xFFFFFFFF)
    leaf = name.rpartition(".")[2]
    if "norm" in name or ".ln_" in name:
        values = (1.0 if leaf == "weight" else 0.0) + 0.1 * rng.standard_normal(shape)
    elif name == "resampler.pos_embed":
        side = round(shape[0] ** 0.5)
        return sine_cosine_table(shape[1], side, side)
    else:
        values = _deviation(name, leaf, shape) * rng.standard_normal(shape)
    return values.astype(np.float32)


def _deviation(name: str, leaf: str, shape: tuple[int, ...]) -> float:
    fixed = {"bias": 0.05, "query": 0.5, "pos_embed": 0.1}
    if leaf in fixed:
        return fixed[leaf]
    if "embed_tokens" in name:
        return 0.05
    fan_in = int(np.prod(shape[1:])) if len(shape) > 1 else shape[0]
    return float(1.0 / np.sqrt(fan_in))


def write_golden_folder(
    golden: Path, folder: Path, *, shards: int = 2, dtype: torch.dtype = torch.float32
) -> Path:
    """The golden checkpoint as a folder in the published layout, without a tokenizer."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(golden / "config.json", folder / "config.json")
    shapes = json.loads((golden / "parameters.json").read_text())
    tensors = {
        name: torch.from_numpy(golden_tensor(name, tuple(shape))).to(dtype).contiguous()
        for name, shape in shapes.items()
    }
    write_shards(folder, tensors, shards)
    return folder


def write_shards(folder: Path, tensors: dict[str, torch.Tensor], shards: int) -> None:
    """Tensors into numbered files with an index, or one file without."""
    if shards == 1:
        save_file(tensors, folder / SINGLE, metadata={"format": "pt"})
        return
    names, weight_map = sorted(tensors), {}
    for number in range(shards):
        file = f"model-{number + 1:05d}-of-{shards:05d}.safetensors"
        part = {name: tensors[name] for name in names[number::shards]}
        save_file(part, folder / file, metadata={"format": "pt"})
        weight_map.update(dict.fromkeys(part, file))
    size = sum(t.numel() * t.element_size() for t in tensors.values())
    index = {"metadata": {"total_size": size}, "weight_map": weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def tiny_config(**overrides: Any) -> MiniCPMVConfig:
    """Two narrow layers of everything, small views, and room for the tiny vocabulary."""
    shape: dict[str, Any] = {
        "vocab_size": -(-tiny_tokenizer().vocab_size // 64) * 64,
        "hidden_size": 128,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "dim_model_base": 64,
        "query_num": 16,
        "scale_resolution": 112,
        "vision_config": {"embed_dim": 32, "depth": 2, "num_heads": 2},
    }
    return MiniCPMVConfig(**(shape | overrides))


def tiny_tensors(config: MiniCPMVConfig) -> dict[str, torch.Tensor]:
    """Every tensor of a checkpoint, float32. The closing token always scores 0, so never best."""
    tensors = {
        name: torch.from_numpy(golden_tensor(name, tuple(tensor.shape)))
        for name, tensor in empty_model(config).state_dict().items()
    }
    if config.tie_word_embeddings:
        del tensors[OUTPUT_LAYER]
    else:
        tensors[OUTPUT_LAYER][tiny_tokenizer().eos_id] = 0.0
    return tensors


def tiny_folder(
    folder: Path, *, shards: int = 2, dtype: torch.dtype = torch.float32, **overrides: Any
) -> MiniCPMVConfig:
    """A model that answers nonsense at once, in the published layout; returns its configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    config = tiny_config(**overrides)
    (folder / "config.json").write_text(config.to_json_string(use_diff=False))
    (folder / "tokenizer.model").write_bytes(tiny_model())
    tensors = {name: tensor.to(dtype) for name, tensor in tiny_tensors(config).items()}
    write_shards(folder, tensors, shards)
    return config
