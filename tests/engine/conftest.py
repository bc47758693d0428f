"""Golden checkpoints, written once a session."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.engine import Engine
from tests.golden import golden_path, vocabulary_folder
from tests.tiny import write_golden_folder


@pytest.fixture(scope="session")
def golden_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The golden checkpoint in the published layout, float32, without a tokenizer."""
    source = golden_path("parameters.json").parent
    return write_golden_folder(source, tmp_path_factory.mktemp("golden") / "model")


@pytest.fixture(scope="session")
def golden_engine(golden_folder: Path) -> Engine:
    """The golden checkpoint with the real vocabulary, loaded in float32 on the CPU."""
    shutil.copy(vocabulary_folder() / "tokenizer.model", golden_folder)
    engine = Engine(golden_folder, device="cpu", precision="float32")
    for _ in engine.load():
        pass
    return engine
