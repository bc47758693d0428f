"""Seeing: pictures to features, view by view, remembered so that none is encoded twice."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from torch import Tensor

from .clock import Clock
from .messages import Phase, Picture, PictureSeen, Progress
from .pictures import decode
from .slicing import SlicePlan, SliceSettings, cut, normalise, plan

if TYPE_CHECKING:
    from PIL.Image import Image

    from .runner import Runner

PICTURES_KEPT = 8


@dataclass(slots=True)
class Seen:
    """A picture with its plan; ``features`` grows view by view and survives a stop."""

    event: PictureSeen
    plan: SlicePlan
    features: list[Tensor] = field(default_factory=list)  # (queries, hidden) a view
    image: Image | None = None  # only until all views are encoded

    @property
    def complete(self) -> bool:
        return len(self.features) == len(self.plan.views)


class Sight:
    """Encodes pictures and remembers the last few by their key."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._seen: OrderedDict[str, Seen] = OrderedDict()

    def look(self, picture: Picture, slices: SliceSettings, clock: Clock) -> Seen:
        """Decode a picture and plan its views, unless it is known. Raises PictureError."""
        seen = self._seen.get(picture.key)
        if seen is None:
            with clock:
                seen = _planned(picture, slices)
            self._seen[picture.key] = seen
            if len(self._seen) > PICTURES_KEPT:
                self._seen.popitem(last=False)
        self._seen.move_to_end(picture.key)
        return seen

    def encode(self, seen: Seen, clock: Clock) -> Iterator[Progress]:
        """Encode the views that are still missing; equally large ones together where that pays."""
        if seen.image is None:
            return
        total = len(seen.plan.views)
        yield Progress(Phase.SEEING, len(seen.features), total)
        with clock:
            views = cut(seen.image, seen.plan)
        for batch in alike(views[len(seen.features) :], self._runner.views_at_once):
            with clock:
                seen.features.extend(self._runner.see([normalise(view) for view in batch]))
            yield Progress(Phase.SEEING, len(seen.features), total)
        seen.image = None

    def forget(self) -> None:
        """Drop all remembered pictures."""
        self._seen.clear()


def alike(views: Sequence[Image], most: int) -> Iterator[list[Image]]:
    """Neighbours of one size, at most so many together."""
    for _, same in groupby(views, key=lambda view: view.size):
        left = list(same)
        while left:
            yield left[:most]
            del left[:most]


def _planned(picture: Picture, slices: SliceSettings) -> Seen:
    decoded = decode(picture)
    views = plan(decoded.width, decoded.height, slices, name=picture.name)
    event = PictureSeen(
        width=decoded.width,
        height=decoded.height,
        grid=views.grid,
        views=views.views,
        seen=views.refined or views.overview,
        frames=decoded.frames,
    )
    return Seen(event, views, image=decoded.image)
