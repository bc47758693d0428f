"""Reading: feed a prompt to the decoder in pieces, computing only what is new."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

from torch import Tensor

from .clock import Clock
from .messages import Phase, Progress
from .prompt import Prompt

if TYPE_CHECKING:
    from .runner import Runner

READ_AT_ONCE = 256  # positions of one forward pass, so that a stop is quick


class Reader:
    """Knows which ids the decoder's cache holds, and for which picture."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._held_ids: list[int] = []
        self._held_picture: str | None = None
        self._held_view: int | None = None  # where the first view's placeholders start

    def reuse(self, prompt: Prompt, picture: str | None) -> int:
        """Cut the cache to what it has in common with the prompt; return that length.

        Placeholder ids say nothing about the picture, so with another picture, or with none,
        only what stands before the first view is common. The last token is always computed anew.
        """
        common = common_length(self._held_ids, prompt.ids[:-1])
        view = prompt.image_bounds[0][0] if prompt.image_bounds else None
        if picture != self._held_picture:
            common = min(common, *(start for start in (view, self._held_view) if start is not None))
        self._runner.keep(common)
        self._held_ids = list(prompt.ids[:common])
        self._held_picture, self._held_view = picture, view
        return common

    def read(
        self, prompt: Prompt, features: Sequence[Tensor], start: int, clock: Clock
    ) -> Generator[Progress, None, Tensor]:
        """Feed the prompt from ``start`` on; the value is the last position's logits."""
        total = len(prompt.ids)
        yield Progress(Phase.READING, start, total)
        begin = start
        while True:
            end = min(begin + READ_AT_ONCE, total)
            with clock:
                within = features_within(prompt, features, begin, end)
                logits = self._runner.read(prompt.ids[begin:end], *within)
            self._held_ids.extend(prompt.ids[begin:end])
            yield Progress(Phase.READING, end, total)
            if end == total:
                return logits
            begin = end

    def wrote(self, ids: Sequence[int]) -> None:
        """Note what was written after the prompt, as far as it was fed back."""
        self._held_ids = [*self._held_ids, *ids][: self._runner.held]

    def forget(self) -> None:
        """Empty the cache, with its memory."""
        self._held_ids, self._held_picture, self._held_view = [], None, None
        self._runner.reset()


def common_length(first: Sequence[int], second: Sequence[int]) -> int:
    """How many ids two sequences have in common at their start."""
    length = min(len(first), len(second))
    for index in range(length):
        if first[index] != second[index]:
            return index
    return length


def features_within(
    prompt: Prompt, features: Sequence[Tensor], begin: int, end: int
) -> tuple[list[Tensor], list[tuple[int, int]]]:
    """The parts of the views' features whose positions lie in [begin, end), and where in it."""
    parts, bounds = list[Tensor](), list[tuple[int, int]]()
    for feature, (start, stop) in zip(features, prompt.image_bounds, strict=True):
        low, high = max(start, begin), min(stop, end)
        if low < high:
            parts.append(feature[low - start : high - start])
            bounds.append((low - begin, high - begin))
    return parts, bounds
