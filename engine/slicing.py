"""How a picture is cut into the views that the model sees: an overview and a grid of slices."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .errors import PictureError, PictureFault
from .folder import CONFIG

Size = tuple[int, int]  # (width, height), as Pillow has it


@dataclass(frozen=True, slots=True)
class SliceSettings:
    """The slicing keys of a model's configuration, and the most patches one view may have.

    The guard is ours. Attention grows with its square; a sliced view within the default
    ``PictureLimits`` stays below 2,100, so only pictures used unsliced meet it.
    """

    scale_resolution: int = 448
    patch_size: int = 14
    max_slices: int = 9
    slice_mode: bool = True
    max_view_patches: int = 4096


@dataclass(frozen=True, slots=True)
class SlicePlan:
    """The sizes of all views of one picture; ``grid`` is (columns, rows) or None."""

    overview: Size
    grid: Size | None = None
    slice: Size | None = None

    @property
    def refined(self) -> Size | None:
        """The size to which the picture is resized before its slices are cut."""
        if self.grid is None or self.slice is None:
            return None
        return (self.slice[0] * self.grid[0], self.slice[1] * self.grid[1])

    @property
    def views(self) -> tuple[Size, ...]:
        """Every view's size, the overview first."""
        if self.grid is None or self.slice is None:
            return (self.overview,)
        return (self.overview,) + (self.slice,) * (self.grid[0] * self.grid[1])


def settings_in(folder: Path) -> SliceSettings:
    """The slicing keys in a model's folder, without loading it; the published ones otherwise."""
    usual = SliceSettings()
    try:
        told: Any = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return usual
    told = told if isinstance(told, dict) else {}
    return SliceSettings(
        scale_resolution=_count(told.get("scale_resolution"), usual.scale_resolution),
        patch_size=_count(told.get("patch_size"), usual.patch_size),
        max_slices=_count(told.get("max_slice_nums"), usual.max_slices),
        slice_mode=told.get("slice_mode") is not False,
    )


def _count(told: object, usual: int) -> int:
    return told if isinstance(told, int) and not isinstance(told, bool) and told > 0 else usual


def plan(
    width: int, height: int, settings: SliceSettings = SliceSettings(), *, name: str = ""
) -> SlicePlan:
    """Size the views of a picture by the published slicing.

    Raises PictureError, which bears ``name``, where a view would have too many patches.
    """
    made = _plan(width, height, settings)
    limit = settings.max_view_patches
    # Beyond this ratio the truncated height is 0 and the published sizes lose their meaning.
    flat = max(width, height) > settings.scale_resolution**2 * min(width, height)
    if flat or max(_patches(view, settings.patch_size) for view in made.views) > limit:
        sliced = settings.slice_mode
        fault = PictureFault.TOO_NARROW if sliced else PictureFault.TOO_MANY_PIXELS
        pixels = limit * settings.patch_size**2
        raise PictureError(fault, name, width=width, height=height, limit=0 if sliced else pixels)
    return made


def _plan(width: int, height: int, settings: SliceSettings) -> SlicePlan:
    if not settings.slice_mode:
        return SlicePlan((width, height))
    side, patch = settings.scale_resolution, settings.patch_size
    count = min(math.ceil(width * height / side**2), settings.max_slices)
    if count <= 1:
        return SlicePlan(_fit(width, height, side, patch, enlarge=True))
    columns, rows = _best_grid(width / height, count, settings.max_slices)
    cell = (_snap(width, columns) / columns, _snap(height, rows) / rows)
    return SlicePlan(
        overview=_fit(width, height, side, patch, enlarge=False),
        grid=(columns, rows),
        slice=_fit(*cell, side, patch, enlarge=True),
    )


def _best_grid(ratio: float, count: int, most: int) -> Size:
    """The grid whose shape is nearest to ``ratio``; the first of equals, as published."""
    counts = [n for n in (count - 1, count, count + 1) if 1 < n <= most]
    grids = [(m, n // m) for n in counts for m in range(1, n + 1) if n % m == 0]
    return min(grids, key=lambda grid: abs(math.log(ratio) - math.log(grid[0] / grid[1])))


def _fit(width: float, height: float, side: int, patch: int, *, enlarge: bool) -> Size:
    """About ``side`` squared pixels in the same shape, each side a multiple of the patch."""
    if enlarge or width * height > side * side:
        ratio = width / height
        height = int(side / math.sqrt(ratio))
        width = int(height * ratio)  # from the truncated height, as published
    return (_snap(width, patch), _snap(height, patch))


def _snap(length: float, step: int) -> int:
    return max(round(length / step) * step, step)  # round() takes halves to the even number


def _patches(view: Size, patch: int) -> int:
    return math.ceil(view[0] / patch) * math.ceil(view[1] / patch)


def cut(image: Image.Image, plan: SlicePlan) -> list[Image.Image]:
    """Make the planned views of an RGB image: the overview, then the slices row by row."""
    overview = image.resize(plan.overview, Image.Resampling.BICUBIC)
    if plan.grid is None or plan.slice is None or plan.refined is None:
        return [overview]
    refined = image.resize(plan.refined, Image.Resampling.BICUBIC)
    width, height = plan.slice
    corners = [(x * width, y * height) for y in range(plan.grid[1]) for x in range(plan.grid[0])]
    slices = [refined.crop((left, top, left + width, top + height)) for left, top in corners]
    return [overview, *slices]


def normalise(view: Image.Image, patch_size: int = 14) -> NDArray[np.float32]:
    """An RGB view as (3, height, width) in [-1, 1].

    A view that is no multiple of the patch, as there is without slicing, gets zeros at its
    right and bottom; in pixels that is grey.
    """
    pixels = np.asarray(view, dtype=np.uint8).astype(np.float32) / np.float32(255)
    values = ((pixels - np.float32(0.5)) / np.float32(0.5)).transpose(2, 0, 1)  # (3, h, w)
    padding = [(0, 0)] + [(0, -length % patch_size) for length in values.shape[1:]]
    return np.ascontiguousarray(np.pad(values, padding))
