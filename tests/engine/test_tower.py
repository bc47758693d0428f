"""The tower that the engine makes itself is timm's, and the engine starts without timm."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from engine.model.siglip import siglip_parts
from engine.model.timm_tower import timm_parts
from engine.model.vision import VisionTower
from engine.weights import empty_model
from tests.tiny import tiny_config, tiny_folder

LOADING = """
import sys
from pathlib import Path
from engine import Engine
engine = Engine(Path(sys.argv[1]), "cpu", "float32")
for _ in engine.load():
    pass
print(*sys.modules)
"""
SLOW = {"timm", "torchvision", "transformers.modeling_utils", "torch._dynamo", "sympy"}


@pytest.mark.parametrize("size", [(27, 27), (3, 40), (16, 9)])
def test_both_towers_see_the_same(size: tuple[int, int]) -> None:
    torch.manual_seed(4)
    config = tiny_config(vision_config={"embed_dim": 48, "depth": 3, "num_heads": 3})
    theirs = VisionTower(timm_parts(config), config.patch_size)
    ours = VisionTower(siglip_parts(config), config.patch_size)
    ours.load_state_dict(theirs.state_dict())  # every name and every shape
    pixels = torch.randn(2, 3, size[0] * config.patch_size, size[1] * config.patch_size)
    with torch.inference_mode():
        torch.testing.assert_close(ours(pixels), theirs(pixels), rtol=0, atol=1e-5)


def test_the_published_tower_has_timms_shapes() -> None:
    config = tiny_config(vision_config=None)
    with torch.device("meta"):
        theirs = VisionTower(timm_parts(config), config.patch_size).state_dict()
    ours = empty_model(config).vpm.state_dict()
    assert {n: t.shape for n, t in ours.items()} == {n: t.shape for n, t in theirs.items()}


def test_a_model_is_loaded_without_what_is_slow_to_import(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    tiny_folder(tmp_path / "model")
    told = subprocess.run(
        [sys.executable, "-c", LOADING, str(tmp_path / "model")],
        capture_output=True,
        text=True,
        check=True,
        cwd=request.config.rootpath,
    )
    loaded = set(told.stdout.split())
    assert "torch" in loaded
    assert not loaded & SLOW
