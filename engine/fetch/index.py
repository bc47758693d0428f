"""The index of a sharded checkpoint, made from the headers of its shards."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any

MOST_HEADER_BYTES = 100_000_000  # what the safetensors format allows


def shard_header(path: Path) -> dict[str, Any]:
    """The names, types, shapes and places in one shard. Raises OSError and ValueError."""
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8).ljust(8, b"\xff"))
        if length > min(MOST_HEADER_BYTES, path.stat().st_size - 8):
            raise ValueError(f"{path.name}: no safetensors header")
        header = json.loads(file.read(length))
    if not isinstance(header, dict):
        raise ValueError(f"{path.name}: no safetensors header")
    header.pop("__metadata__", None)
    return header


def derive_index(shards: Iterable[Path]) -> bytes:
    """The index as the published repositories lay it out. Raises OSError and ValueError."""
    places: dict[str, str] = {}
    total = 0
    for shard in shards:
        for name, tensor in shard_header(shard).items():
            start, end = tensor["data_offsets"]
            total += end - start
            places[name] = shard.name
    content = {"metadata": {"total_size": total}, "weight_map": dict(sorted(places.items()))}
    return (json.dumps(content, indent=2) + "\n").encode()
