"""The slicing against the authors' own figures, and its guard."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.errors import PictureError, PictureFault
from engine.slicing import SlicePlan, SliceSettings, cut, normalise, plan, settings_in
from tests.golden import golden_json, golden_path


def as_tuple(value: list[int] | None) -> tuple[int, ...] | None:
    return None if value is None else tuple(value)


def test_every_golden_row() -> None:
    rows = golden_json("slicing.json")
    assert len(rows) == 400
    for width, height, overview, grid, piece in rows:
        made = plan(width, height)
        got = (made.overview, made.grid, made.slice)
        assert got == tuple(as_tuple(v) for v in (overview, grid, piece)), (width, height)


def cases_with_a_picture() -> list[dict[str, Any]]:
    return [case for case in golden_json("cases.json") if case["image"]]


def test_golden_views() -> None:
    for case in cases_with_a_picture():
        image = Image.open(golden_path(f"images/{case['image']}.png")).convert("RGB")
        made = plan(*image.size)
        views = cut(image, made)
        assert made.grid == as_tuple(case["grid"])
        assert len(views) == len(made.views) == len(case["slices"])
        for view, size, wanted in zip(views, made.views, case["slices"], strict=True):
            assert view.size == size == tuple(wanted["size"])
            same = hashlib.sha256(view.tobytes()).hexdigest() == wanted["sha256"]
            mean = np.asarray(view).reshape(-1, 3).mean(0)
            # A newer Pillow may move a pixel by one; the mean can move only a little then.
            assert same or np.abs(mean - wanted["mean_rgb"]).max() < 0.002, case["image"]


def test_a_plan_lists_its_views() -> None:
    made = plan(1280, 720)
    assert made.grid == (3, 2)
    assert made.views == ((602, 336),) + ((490, 406),) * 6
    assert made.refined == (1470, 812)
    assert plan(400, 300).refined is None


def test_slices_are_cut_row_by_row_from_the_picture() -> None:
    image = Image.new("RGB", (3, 2))
    image.putdata([(i, 0, 0) for i in range(6)])  # one pixel a slice, numbered row by row
    views = cut(
        image.resize((30, 20), Image.Resampling.NEAREST), SlicePlan((6, 4), (3, 2), (10, 10))
    )
    assert views[0].size == (6, 4)
    assert [view.getpixel((5, 5)) for view in views[1:]] == [(i, 0, 0) for i in range(6)]


def test_the_settings_are_honoured() -> None:
    assert plan(2000, 2000, SliceSettings(max_slices=4)).grid == (2, 2)
    assert plan(2000, 2000, SliceSettings(max_slices=1)).grid is None
    assert plan(448, 448, SliceSettings(scale_resolution=224)).grid == (2, 2)
    assert plan(448, 448, SliceSettings(patch_size=16)).overview == (448, 448)


def test_without_slicing_the_picture_is_one_raw_view() -> None:
    made = plan(500, 333, SliceSettings(slice_mode=False))
    image = Image.new("RGB", (500, 333), (255, 0, 0))
    (view,) = cut(image, made)
    assert view.tobytes() == image.tobytes()
    values = normalise(view)
    assert values.shape == (3, 336, 504)
    assert values[:, :333, :500].tolist()[0][0][0] == 1.0
    assert not values[:, 333:, :].any()
    assert not values[:, :, 500:].any()


def test_normalise_has_the_values_of_the_published_order() -> None:
    import torch

    pixels = np.arange(256, dtype=np.uint8).repeat(3 * 49).reshape(-1, 14 * 14, 3)[:, :196]
    image = Image.fromarray(np.resize(pixels, (196, 196, 3)))
    tensor = torch.from_numpy(np.array(image)).permute(2, 0, 1).to(torch.float32).div(255)
    wanted = tensor.sub(0.5).div(0.5).numpy()
    values = normalise(image)
    assert values.dtype == np.float32
    assert values.flags.c_contiguous
    assert np.array_equal(values, wanted)
    assert np.unique(values).size == 256


@pytest.mark.parametrize("size", [(200_000, 1), (1, 200_000), (300_000, 1), (1, 10**7)])
def test_extreme_shapes_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(PictureError) as caught:
        plan(*size, name="line.png")
    error = caught.value
    assert error.fault is PictureFault.TOO_NARROW
    assert (error.name, error.width, error.height) == ("line.png", *size)


def test_a_large_raw_view_is_refused() -> None:
    settings = SliceSettings(slice_mode=False)
    assert plan(896, 896, settings).overview == (896, 896)
    with pytest.raises(PictureError) as caught:
        plan(897, 896, settings)
    assert caught.value.fault is PictureFault.TOO_MANY_PIXELS
    assert caught.value.limit == 896 * 896


def test_allowed_shapes_stay_small() -> None:
    """With the ratio that pictures may have, no view and no sum of views grows out of hand."""
    worst = total = 0
    for short in (1, 2, 3, 7, 20, 50, 100, 448, 1000, 5000):
        for ratio in (*range(1, 100), *range(100, 4097, 61)):
            for size in ((short * ratio, short), (short, short * ratio)):
                patches = [w * h // 196 for w, h in plan(*size).views]
                worst, total = max(worst, *patches), max(total, sum(patches))
    assert worst < 2100
    assert total < 15_000


def test_a_folder_tells_its_slicing_without_being_loaded(tmp_path: Path) -> None:
    assert settings_in(tmp_path) == SliceSettings()
    config = tmp_path / "config.json"
    config.write_text('{"scale_resolution": 224, "max_slice_nums": 1, "slice_mode": true}')
    assert settings_in(tmp_path) == SliceSettings(scale_resolution=224, max_slices=1)
    for damaged in ("[]", "{", '{"scale_resolution": "224", "max_slice_nums": 0}', '"\\ud800"'):
        config.write_text(damaged)
        assert settings_in(tmp_path) == SliceSettings(), damaged
