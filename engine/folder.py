"""What a model folder must hold; nothing here loads torch."""

from __future__ import annotations

import json
from pathlib import Path

CONFIG = "config.json"
TOKENIZER = "tokenizer.model"
INDEX = "model.safetensors.index.json"
SINGLE = "model.safetensors"


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


def missing_files(folder: Path) -> tuple[str, ...]:
    """The names of files that are not there, or the index where it is damaged."""
    try:
        names = (CONFIG, TOKENIZER, *weight_files(folder))
    except ValueError:
        return (INDEX,)
    return tuple(name for name in names if not (folder / name).is_file())
