"""What is drawn at which moment of the training: letters first, then pages, windows, questions."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from engine.slicing import SliceSettings
from engine.slicing import plan as slicing_plan
from pages import page
from scenes import Frame, Painter, Scene
from sizes import PATCH, VIEW_SIDE

GLYPHS = 0.22  # until then only tower and resampler learn, from dense pages
LINES = 0.4  # until then mostly a few short lines are read
ASPECT_MOST = 14.0


@dataclass(frozen=True)
class ViewPlan:
    """One batch's view: the side of the square of equal area, rows and columns of patches."""

    side: int
    rows: int
    columns: int


def fit(width: int, height: int, side: int) -> tuple[int, int]:
    """Return the (rows, columns) of patches that the published slicing gives a small picture."""
    settings = SliceSettings(scale_resolution=side, patch_size=PATCH, max_slices=1)
    wide, tall = slicing_plan(width, height, settings).overview
    return tall // PATCH, wide // PATCH


class Curriculum:
    """Chooses views, captures and scenes; `plans` is common to all processes of a run."""

    def __init__(self, painter: Painter, plans: random.Random) -> None:
        """Draw with a painter; choose view sizes with a source of its own."""
        self.painter, self.plans, self.random = painter, plans, painter.random

    def plan(self, progress: float) -> ViewPlan:
        """Choose the size of the views: smaller ones are cheap, VIEW_SIDE is what persons get."""
        later = (progress - GLYPHS) / (1 - GLYPHS)
        full = 0.6 if later < 0 else 0.3 + 0.6 * later
        side = VIEW_SIDE
        if self.plans.random() > full:
            side = self.plans.choice((98, 112, 126, 140, 154, 168, 196))
        least = 0.6 if side > 160 else 1.2
        aspect = math.exp(self.plans.uniform(math.log(least), math.log(ASPECT_MOST)))
        return ViewPlan(side, *fit(round(1000 * aspect), 1000, side))

    def frame(self, plan: ViewPlan, progress: float = 1.0) -> Frame:
        """Choose a capture that this view could come from, with letters of 9 to 48 pixels.

        A good part is drawn at the view's own size, as crisp as slices of a screen are.
        """
        height = plan.rows * PATCH
        largest = min(48.0, 0.72 * height)
        smallest = 10.0 if progress < GLYPHS or progress > LINES else 13.0
        smallest = min(smallest, 0.9 * largest)
        draw = self.random.random() ** (1.6 if progress > LINES or progress < GLYPHS else 1.0)
        letters = math.exp(math.log(smallest) + draw * math.log(largest / smallest))
        scale = min(max(math.exp(self.random.gauss(0.1, 0.45)), letters / 40), letters / 9)
        if self.random.random() < 0.3:
            scale = 1.0
        size = max(9, round(letters / scale))
        width = max(16, round(plan.columns * PATCH / scale))
        return Frame(width, max(round(size * 1.25), round(height / scale)), size)

    def scene(self, frame: Frame, progress: float = 1.0) -> Scene:
        """Draw one scene of a kind that fits the frame and the moment."""
        draw, tall = self.random.random(), frame.height / frame.font_size
        self.painter.plain = self.random.random() < (0.3 if progress < LINES else 0.1)
        if progress < GLYPHS:
            return self._for_letters(frame, draw)
        if draw < 0.03:
            return self.painter.empty(frame)
        if draw < 0.13 and tall > 3 and frame.width < 5 * frame.height:
            return self.painter.shapes(frame)
        if draw < 0.38 and tall > 4.5 and frame.width > 11 * frame.font_size:
            return self.painter.window(frame)
        if draw < 0.55 and progress > LINES:
            return page(self.painter, frame, fonts_per_page=1)
        return self.painter.lines(frame, 3 if progress < LINES else 8)

    def _for_letters(self, frame: Frame, draw: float) -> Scene:
        tall = frame.height / frame.font_size
        if draw < 0.05 and tall > 3 and frame.width < 5 * frame.height:
            return self.painter.shapes(frame)
        if draw < 0.2 and tall > 4.5 and frame.width > 11 * frame.font_size:
            return self.painter.window(frame)
        return page(self.painter, frame, fonts_per_page=self.random.choice((1, 4, 20)))
