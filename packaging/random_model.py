"""Write a model folder with random weights in the published layout, to try loading and speed.

    uv run python packaging/random_model.py FOLDER

The shapes, the tensor names, the two shards and their split are those of the published
checkpoint: 694 tensors, 6,869,931,584 bytes in bfloat16. The answers are noise; the folder is for
measuring, never for a person. The tokenizer is the starter model's.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from engine.configuration import MiniCPMVConfig  # noqa: E402
from engine.weights import empty_model  # noqa: E402

SHARDS = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
LAST_WHOLE_LAYER = 35  # of the first shard, which also holds q, k and v of the next


def main(folder: Path) -> None:
    """Write the folder and say how large it is."""
    folder.mkdir(parents=True, exist_ok=True)
    config = MiniCPMVConfig()
    shapes = {name: tensor.shape for name, tensor in empty_model(config).state_dict().items()}
    weight_map = {name: shard_of(name) for name in shapes}
    for shard in SHARDS:
        names = [name for name in shapes if weight_map[name] == shard]
        tensors = {name: random_tensor(name, shapes[name]) for name in names}
        save_file(tensors, folder / shard, metadata={"format": "pt"})
        print(f"{shard}: {(folder / shard).stat().st_size:,} bytes, {len(names)} tensors")
    total = 2 * sum(shape.numel() for shape in shapes.values())
    index = {"metadata": {"total_size": total}, "weight_map": weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    (folder / "config.json").write_text(
        json.dumps({**config.to_dict(), "architectures": ["MiniCPMV"]})
    )
    shutil.copy(ROOT / "resources" / "starter" / "tokenizer.model", folder)
    print(f"{len(shapes)} tensors, {total:,} bytes of weights in {folder}")


def shard_of(name: str) -> str:
    """The file in which the published checkpoint keeps a tensor."""
    found = re.match(r"llm\.model\.layers\.(\d+)\.(?:self_attn\.([qkv])_proj)?", name)
    if name == "llm.model.embed_tokens.weight":
        return SHARDS[0]
    if found is None:
        return SHARDS[1]
    layer, early = int(found[1]), found[2] is not None
    return SHARDS[
        0 if layer <= LAST_WHOLE_LAYER or (layer == LAST_WHOLE_LAYER + 1 and early) else 1
    ]


def random_tensor(name: str, shape: torch.Size) -> torch.Tensor:
    """Norms near one, the rest small enough that nothing overflows; the same at every call."""
    generator = torch.Generator().manual_seed(sum(name.encode()) * 7919 + len(name))
    noise = torch.empty(shape, dtype=torch.bfloat16)
    if "norm" in name or ".ln_" in name:
        return noise.normal_(1.0 if name.endswith("weight") else 0.0, 0.02, generator=generator)
    fan_in = shape[-1] if len(shape) < 3 else shape[1:].numel()
    return noise.normal_(0.0, fan_in**-0.5, generator=generator)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
