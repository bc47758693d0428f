"""What a model folder must hold; nothing here loads torch."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

CONFIG = "config.json"
TOKENIZER = "tokenizer.model"
INDEX = "model.safetensors.index.json"
SINGLE = "model.safetensors"
CODES = "codes-{precision}-{layout}.safetensors"  # the program's own: quantised weights
MOST_HEADER_BYTES = 100_000_000  # what the safetensors format allows


def weight_files(folder: Path) -> tuple[str, ...]:
    """The names of the checkpoint's files, by the index where there is one.

    Raises ValueError where the index is damaged.
    """
    index = folder / INDEX
    if not index.is_file():
        return (SINGLE,)
    try:
        names = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
        return tuple(sorted(Path(name).name for name in names))
    except (KeyError, AttributeError, TypeError) as error:
        raise ValueError(f"{INDEX}: {error!r}") from error


def code_files(folder: Path) -> tuple[Path, ...]:
    """The quantised weights that were kept in a folder; made again when they are wanted."""
    return tuple(sorted(folder.glob(CODES.format(precision="*", layout="*"))))


def missing_files(folder: Path) -> tuple[str, ...]:
    """The names of files that are not there, or the index where it is damaged."""
    try:
        names = (CONFIG, TOKENIZER, *weight_files(folder))
    except ValueError:
        return (INDEX,)
    return tuple(name for name in names if not (folder / name).is_file())


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
