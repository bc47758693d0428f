"""Model folders for tests: the golden recipe, whose every value depends on its name alone."""

from __future__ import annotations

import json
import shutil
import zlib
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file

from engine.model.resampler import sine_cosine_table


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
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
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
