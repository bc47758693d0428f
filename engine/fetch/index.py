"""The index of a sharded checkpoint, made from the headers of its shards."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from ..folder import shard_header


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
