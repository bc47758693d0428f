"""Tiny engines, and a note of their forward passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import reading
from engine.engine import Engine
from engine.runner import Runner
from tests.engine.streams.kit import (
    FORWARDS,
    loaded,
    noting,
)
from tests.tiny import tiny_folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tiny") / "model"
    tiny_folder(path)
    return path


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every prompt here is read in several passes."""
    monkeypatch.setattr(reading, "READ_AT_ONCE", 24)


@pytest.fixture
def engine(folder: Path) -> Engine:
    return loaded(folder)


@pytest.fixture
def forwards(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the forward passes as they happen."""
    seen: list[str] = []
    for name in FORWARDS:
        monkeypatch.setattr(Runner, name, noting(getattr(Runner, name), seen, name))
    return seen
