"""Finds the golden values beside the project; tests that need them skip where they are missing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"
FOLDER = SHARED / "golden"
DATA = Path(__file__).resolve().parent / "data"


def golden_path(name: str) -> Path:
    """A file of the golden folder, or our copy of it; skips the test where there is neither."""
    for folder in (DATA, FOLDER):
        if (folder / name).exists():
            return folder / name
    pytest.skip(f"golden file missing: ../shared/golden/{name}")


def golden_json(name: str) -> Any:
    """A parsed JSON file of the golden folder."""
    return json.loads(golden_path(name).read_text(encoding="utf-8"))


def vocabulary_folder() -> Path:
    """The folder of the real vocabulary; skips the test where it is missing."""
    folder = SHARED / "tokenizer"
    if not (folder / "tokenizer.model").exists():
        pytest.skip("real vocabulary missing: ../shared/tokenizer/tokenizer.model")
    return folder
