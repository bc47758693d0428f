"""What a model needs, and what there is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine import memory
from engine.errors import ModelError, ModelFault
from engine.folder import SINGLE
from engine.memory import main_memory, needed
from engine.messages import Fit, MemoryOutlook, Precision
from tests.tiny import tiny_folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tiny")
    tiny_folder(made)
    return made


def test_weights_are_counted_from_the_headers(folder: Path) -> None:
    files = sum(path.stat().st_size for path in folder.glob("*.safetensors"))
    full, half = (needed(folder, p) for p in (Precision.FLOAT32, Precision.BFLOAT16))
    assert files * 0.9 < full.weights < files
    assert full.weights == 2 * half.weights
    assert full.cache == 2 * 2 * 4096 * 128 * 4  # keys and values of two layers
    assert full.total == full.weights + full.cache + full.working


def test_the_published_model(tmp_path: Path) -> None:
    """3.43 billion numbers: 6.9 GB of 16 bits, and 1.5 GB for a full conversation."""
    (tmp_path / "config.json").write_text("{}")
    header = json.dumps(
        {"all": {"shape": [3_434_965_792], "dtype": "BF16", "data_offsets": [0, 0]}}
    )
    (tmp_path / SINGLE).write_bytes(len(header).to_bytes(8, "little") + header.encode())
    need = needed(tmp_path, Precision.BFLOAT16)
    assert need.weights == 6_869_931_584
    assert need.cache == 2 * 40 * 4096 * 2304 * 2
    assert 8.3e9 < need.total < 9e9


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("config.json", b"{", ModelFault.BAD_CONFIG),
        ("config.json", b'{"hidden_size": 0}', ModelFault.BAD_CONFIG),
        ("config.json", None, ModelFault.NO_FILE),
        (SINGLE, None, ModelFault.NO_FILE),
        (SINGLE, b"short", ModelFault.DAMAGED_FILE),
    ],
)
def test_what_is_wrong_is_named(
    tmp_path: Path, name: str, content: bytes | None, fault: ModelFault
) -> None:
    tiny_folder(tmp_path, shards=1)
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelError) as caught:
        needed(tmp_path, Precision.FLOAT32)
    assert (caught.value.fault, caught.value.name) == (fault, name)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        needed(tmp_path / "gone", Precision.FLOAT32)
    assert caught.value.fault is ModelFault.NO_FOLDER


@pytest.mark.parametrize(
    ("free", "fit"),
    [(0, Fit.UNKNOWN), (99, Fit.TOO_LARGE), (100, Fit.TIGHT), (117, Fit.TIGHT), (118, Fit.FITS)],
)
def test_verdict(free: int, fit: Fit) -> None:
    assert MemoryOutlook("cpu", Precision.FLOAT32, 100, free).fit is fit


def test_a_container_may_have_less(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "CONTROL_GROUP", tmp_path)
    available, total = main_memory()
    assert 0 < available <= total
    (tmp_path / "memory.max").write_text("9000000\n")
    (tmp_path / "memory.current").write_text("5000000\n")
    (tmp_path / "memory.stat").write_text("anon 1\ninactive_file 1000000\n")
    assert main_memory() == (5_000_000, 9_000_000)
    (tmp_path / "memory.max").write_text("max\n")
    assert main_memory()[1] == total
