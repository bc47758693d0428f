"""How much memory a model needs in each precision, and how much there is; loads no torch."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from .errors import ModelError, ModelFault
from .folder import CONFIG, shard_header, weight_files
from .messages import MemoryOutlook, Precision

WIDTHS: dict[Precision, float] = {  # bytes of a weight
    Precision.FLOAT32: 4,
    Precision.BFLOAT16: 2,
    Precision.FLOAT16: 2,
    # on average over the published model, whose embeddings and resampler keep two
    Precision.INT8: 1.1,
    Precision.INT4: 0.82,
}
LEAST_WIDTH = 2  # of activations and of the cache
PUBLISHED_PARAMETERS = 3_434_965_792
PUBLISHED = {
    "num_hidden_layers": 40,
    "hidden_size": 2304,
    "intermediate_size": 5760,
    "num_attention_heads": 36,
    "num_key_value_heads": 36,
    "max_position_embeddings": 4096,
    "tower": 1152,  # the vision tower's width
}
CONTROL_GROUP = Path("/sys/fs/cgroup")
# What a forward pass holds beside weights and cache, in values: the largest view's activations
# in the tower, and a piece of a prompt in the decoder. Measured passes stay below it.
VIEW_PATCHES, VALUES_A_PATCH = 2100, 16
PIECE, VALUES_A_POSITION = 256, 8


@dataclass(frozen=True, slots=True)
class MemoryNeed:
    """Bytes that a loaded model takes: its weights, a full conversation, and one pass."""

    weights: int
    cache: int
    working: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.weights + self.cache + self.working


def needed(folder: Path, precision: Precision) -> MemoryNeed:
    """What a model would take, from its files' headers. Raises ModelError."""
    return _need(_config(folder), _parameters(folder), WIDTHS[precision])


def outlooks(
    folder: Path, device: str, free: int, *, published: bool = False
) -> tuple[MemoryOutlook, ...]:
    """What a model needs in each precision of a device, where so much is free.

    One that is ``published`` and not here yet is judged by what its authors say of it. Raises
    ModelError.
    """
    try:
        config, parameters = _config(folder), _parameters(folder)
    except ModelError:
        if not published:
            raise
        config, parameters = dict(PUBLISHED), PUBLISHED_PARAMETERS
    return tuple(
        MemoryOutlook(device, precision, _need(config, parameters, width).total, free)
        for precision, width in WIDTHS.items()
        if not _lacks(device, precision)
    )


def _need(config: Mapping[str, int], parameters: int, width: float) -> MemoryNeed:
    at_work = round(max(width, LEAST_WIDTH))
    layers, hidden = config["num_hidden_layers"], config["hidden_size"]
    heads = config["num_key_value_heads"] / config["num_attention_heads"]
    positions = config["max_position_embeddings"]
    pass_values = VIEW_PATCHES * VALUES_A_PATCH * config["tower"]
    pass_values += PIECE * VALUES_A_POSITION * config["intermediate_size"]
    return MemoryNeed(
        weights=round(parameters * width),
        cache=round(2 * layers * positions * hidden * heads) * at_work,
        working=pass_values * at_work,
    )


def _lacks(device: str, precision: Precision) -> bool:
    """Whether a device cannot calculate so."""
    if device == "cpu":
        return precision is Precision.FLOAT16
    return device == "mps" and precision in (Precision.INT8, Precision.INT4)


def main_memory() -> tuple[int, int]:
    """The bytes of main memory that can still be had, and all there are; a container's if less."""
    memory = psutil.virtual_memory()
    available, total = int(memory.available), int(memory.total)
    with suppress(OSError, ValueError):  # no container, no limit, or not Linux
        limit = int((CONTROL_GROUP / "memory.max").read_text())
        used = int((CONTROL_GROUP / "memory.current").read_text())
        statistics = (CONTROL_GROUP / "memory.stat").read_text().split()
        # pages of files that nobody waits for are given up before anything else
        spare = int(statistics[statistics.index("inactive_file") + 1])
        available, total = min(available, max(0, limit - used + spare)), min(total, limit)
    return available, total


def _parameters(folder: Path) -> int:
    name = ""
    try:
        count = 0
        for name in weight_files(folder):
            header = shard_header(folder / name)
            count += sum(math.prod(tensor["shape"]) for tensor in header.values())
    except FileNotFoundError as error:
        raise ModelError(ModelFault.NO_FILE, str(folder), name) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(ModelFault.DAMAGED_FILE, str(folder), name, str(error)) from error
    return count


def _config(folder: Path) -> dict[str, int]:
    """The numbers that decide; those of the published model where they are not said."""
    try:
        said = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        config = {name: int(said.get(name, value)) for name, value in PUBLISHED.items()}
        tower = said.get("vision_config") or {}
        config["tower"] = int(tower.get("embed_dim", PUBLISHED["tower"]))
        if min(config.values()) < 1:
            raise ValueError("a number that is none")
    except FileNotFoundError as error:
        fault = ModelFault.NO_FILE if folder.is_dir() else ModelFault.NO_FOLDER
        raise ModelError(fault, str(folder), CONFIG if folder.is_dir() else "") from error
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ModelError(ModelFault.BAD_CONFIG, str(folder), CONFIG, str(error)) from error
    return config
