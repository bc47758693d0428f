"""The way down when memory runs out: what is given up next, until an answer fits."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from .errors import DeviceError, TooLarge
from .messages import ChoiceReason, DeviceChoice, PictureSeen, Relief
from .placing import lower_precisions, place
from .slicing import SliceSettings, plan

FEWER = (4, 1)  # slices at most; 1 leaves the overview alone


@dataclass(frozen=True, slots=True)
class Footing:
    """Where the model runs, and how finely it sees."""

    choice: DeviceChoice
    slices: SliceSettings


Step = tuple[Relief, Footing]


def ways_down(
    footing: Footing, folder: Path, seen: Callable[[], PictureSeen | None]
) -> Iterator[Step]:
    """Each step once, from the cheapest to the dearest; ``seen`` is the picture, if there is one.

    A generator, so that each step is judged by what is so when its turn comes.
    """
    yield Relief.CACHES, footing
    for relief, slices in _coarser(footing.slices, seen):
        footing = replace(footing, slices=slices)
        yield relief, footing
    for relief, choice in elsewhere(footing.choice, folder):
        footing = replace(footing, choice=choice)
        yield relief, footing


def elsewhere(choice: DeviceChoice, folder: Path) -> Iterator[tuple[Relief, DeviceChoice]]:
    """Other precisions and devices for the whole model."""
    for lower in lower_precisions(choice):
        yield Relief.LOWER_PRECISION, lower
    if choice.device != "cpu":
        try:
            processor, _ = place(folder, "cpu")
        except (TooLarge, DeviceError):
            return
        yield Relief.CPU, replace(processor, device_reason=ChoiceReason.MEMORY)


def release_memory() -> None:
    """Give back to the system and the device what nobody holds any more."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()


def _coarser(
    slices: SliceSettings, seen: Callable[[], PictureSeen | None]
) -> Iterator[tuple[Relief, SliceSettings]]:
    picture = seen()
    if picture is None or not slices.slice_mode:
        return
    views = len(picture.views)
    for most in FEWER:
        fewer = replace(slices, max_slices=most)
        if most < slices.max_slices and _views(picture, fewer) < views:
            views, slices = _views(picture, fewer), fewer
            yield Relief.FEWER_VIEWS, slices
    smaller = slices.scale_resolution // 2
    if smaller >= 4 * slices.patch_size:
        yield Relief.SMALLER_PICTURE, replace(slices, max_slices=1, scale_resolution=smaller)


def _views(picture: PictureSeen, slices: SliceSettings) -> int:
    return len(plan(picture.width, picture.height, slices).views)
