"""How far codes move what the model says, on the golden weights; figures are printed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from engine.engine import Engine
from engine.messages import Precision
from engine.model.vision_language import VisionLanguageBase
from engine.quantised.loading import load_into
from engine.slicing import cut, normalise, plan
from engine.weights import empty_model_of
from tests.golden import golden_json, golden_path

# Relative errors of random weights, which have none of the slack of trained ones.
BOUNDS = {
    Precision.BFLOAT16: (0.03, 0.05),
    Precision.INT8: (0.05, 0.08),
    Precision.INT4: (0.05, 0.35),
}


def views(number: int) -> list[torch.Tensor]:
    name = golden_json("cases.json")[number]["image"]
    image = Image.open(golden_path(f"images/{name}.png")).convert("RGB")
    return [torch.from_numpy(normalise(view))[None] for view in cut(image, plan(*image.size))]


@torch.inference_mode()
def said(
    model: VisionLanguageBase, pixels: list[torch.Tensor]
) -> tuple[torch.Tensor, torch.Tensor]:
    case = golden_json("cases.json")[0]
    bounds = [tuple(bound) for bound in case["image_bound"]]
    features = [model.encode_views(view)[0] for view in pixels]
    embeddings = model.embed(torch.tensor([case["input_ids"]]), features, bounds)
    logits = model.llm.logits(model.llm.model(embeddings, None, None))[0, -1]
    return torch.stack(features).float(), logits


def distance(rough: torch.Tensor, exact: torch.Tensor) -> float:
    return float((rough - exact).norm() / exact.norm())


@pytest.fixture(scope="module")
def exact(golden_engine: Engine) -> tuple[torch.Tensor, torch.Tensor]:
    return said(golden_engine._loaded().runner.model, views(0))


@pytest.mark.parametrize("precision", BOUNDS)
def test_the_error_is_small_and_reported(
    golden_folder: Path,
    exact: tuple[torch.Tensor, torch.Tensor],
    precision: Precision,
    record_property: Any,
) -> None:
    model = empty_model_of(golden_folder)
    for _ in load_into(model, golden_folder, precision):
        pass
    features, logits = said(model, views(0))
    errors = distance(features, exact[0]), distance(logits, exact[1])
    likeness = float(np.corrcoef(logits.numpy(), exact[1].numpy())[0, 1])
    record_property(f"{precision.value}_errors", errors)
    print(
        f"{precision.value} against float32: features {errors[0]:.2%}, logits {errors[1]:.2%}, "
        f"correlation of logits {likeness:.5f}"
    )
    assert all(error < bound for error, bound in zip(errors, BOUNDS[precision], strict=True))
    assert errors[1] > 0
