"""What is drawn at which moment of the training: letters first, then pages, windows, questions."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from forms import sheet
from layout import Layout, fit, fit_slices
from objects import thing, things
from pages import page
from photographs import photograph
from scenes import Frame, Painter, Scene
from screens import LETTERS, SIZES, screen
from shapes import empty, shapes
from sizes import PATCH, VIEW_SIDE
from widgets import dialog

GLYPHS = 0.05  # until then only tower and resampler learn, from dense pages
LINES = 0.45  # until then mostly a few short lines are read, between pages of letters
WHOLE, WHOLE_MOST = 0.4, 0.35  # from then on more and more prompts are as the engine makes them
LETTERS_SHARE, LETTERS_LEAST = 0.4, 0.2  # of the batches after GLYPHS, and at the end
FEWER_LETTERS = 0.75  # from then on their share falls
ASPECT_MOST = {
    "page": 7.0,
    "window": 6.0,
    "sheet": 6.0,
    "dialog": 6.0,
    "shapes": 3.3,
    "screen": 3.0,
    "photograph": 2.0,
}  # else 14
SLICED, SLICED_SHARE = 0.6, 0.0  # from then on, of the kinds in CUT: none, while none is shipped
SLICED_SIDES = (140, 168, 196, 224, VIEW_SIDE, VIEW_SIDE)  # small views are cheap
CHINESE_SHARE, CHINESE_LETTERS = 0.5, 0.55  # of the batches with text, and of dense ones
THING_SIDES = (112, 140, 196, VIEW_SIDE)
SIDES = {
    "shapes": (112, 140, 196, 252, VIEW_SIDE, VIEW_SIDE),
    "screen": (224, 280, VIEW_SIDE, VIEW_SIDE),
    "photograph": (224, 280, VIEW_SIDE, VIEW_SIDE),
}
STRETCH = 0.08  # how much narrower or wider letters are made, as those of unseen fonts may be
SMALLEST = 9.5  # pixels in the view: a region of a screen just fits one, larger windows shrink
CROWDED = 0.25  # of the windows: chance alone seldom draws more than two buttons
REPEATS = (0.0, 0.0, 0.1, 0.3)  # texts of which so many strings stand there twice
ECHOES = (0.0, 0.0, 0.3, 0.8)  # texts that begin alike: a reader may take one for the other
CHINESE_LARGER = 1.5  # how much larger its smallest characters are


Kind = Literal[
    "letters",
    "lines",
    "page",
    "window",
    "sheet",
    "dialog",
    "shapes",
    "empty",
    "thing",
    "screen",
    "photograph",
]
ALONE: dict[Kind, Callable[[Painter, Frame], Scene]] = {
    "screen": screen,
    "photograph": photograph,
    "thing": thing,
    "empty": empty,
}  # kinds whose drawing needs no more than a frame
CUT = ("lines", "window", "sheet", "dialog")  # kinds that are drawn larger than a view as well
COMPACT = ("window", "sheet", "dialog", "shapes")  # kinds whose letters are mostly small
EARLY: dict[Kind, float] = {
    "lines": 0.6,
    "window": 0.12,
    "sheet": 0.1,
    "shapes": 0.14,
    "empty": 0.04,
}
LATE: dict[Kind, float] = {
    "page": 0.2,
    "lines": 0.14,
    "window": 0.23,
    "sheet": 0.13,
    "dialog": 0.08,
    "shapes": 0.18,
    "empty": 0.01,
    "thing": 0.13,
    "screen": 0.02,
    "photograph": 0.03,
}
DECODER: dict[Kind, float] = {
    "page": 0.12,
    "lines": 0.14,
    "window": 0.28,
    "sheet": 0.18,
    "dialog": 0.09,
    "shapes": 0.2,
    "empty": 0.01,
    "thing": 0.05,
    "screen": 0.01,
    "photograph": 0.02,
}  # where it alone learns: more of what is asked about


@dataclass(frozen=True)
class ViewPlan:
    """One batch's views: all its pictures are cut alike.

    A batch is of one kind, so that its answers are about equally long. Unless `whole`, queries
    that see the same patches as another are left out of its prompts, which is cheaper.
    """

    layout: Layout
    kind: Kind = "lines"
    whole: bool = False
    chinese: bool = False
    large: float | None = None  # how large all its letters are, 0 to 1, so that answers are alike


class Curriculum:
    """Chooses views, captures and scenes; `plans` is common to all processes of a run."""

    def __init__(self, painter: Painter, plans: random.Random, eyes: bool = True) -> None:
        """Draw with a painter; choose view sizes with a source of its own.

        Without the `eyes` only the decoder learns: dense letters would teach it nothing.
        """
        self.eyes = eyes
        self.painter, self.plans, self.random = painter, plans, painter.random

    def plan(self, progress: float) -> ViewPlan:
        """Choose what a batch is: small views are cheap, VIEW_SIDE is about a person's."""
        side = self._side(progress)
        kind = self._kind(progress)
        if kind == "thing":
            side = self.plans.choice(THING_SIDES)
            return ViewPlan(fit(1000, 1000, side), kind) if things() else self.plan(progress)
        if kind in SIDES:
            side = self.plans.choice(SIDES[kind])
        dense = kind in ("letters", "page")
        chinese = self.plans.random() < (CHINESE_LETTERS if dense else CHINESE_SHARE)
        cut = progress > SLICED and kind in CUT and self.plans.random() < SLICED_SHARE
        side = self.plans.choice(SLICED_SIDES) if cut else side
        whole = side == VIEW_SIDE and self.plans.random() < min(
            WHOLE_MOST, 5.0 * (progress - WHOLE)
        )
        if cut:
            return ViewPlan(fit_slices(self.plans, side), kind, whole, chinese)
        large = self.plans.random() ** 1.5 if kind == "page" else None
        layout = fit(round(1000 * self._aspect(kind, side)), 1000, side)
        return ViewPlan(layout, kind, whole, chinese, large)

    def _aspect(self, kind: Kind, side: int) -> float:
        least = 1.2 if side < 168 else 0.6
        most = ASPECT_MOST.get(kind, 14.0)
        return math.exp(self.plans.uniform(math.log(least), math.log(most)))

    def _side(self, progress: float) -> int:
        if self.plans.random() < (0.5 if progress < LINES else 0.7):
            return VIEW_SIDE
        return self.plans.choice((112, 126, 140, 168, 196, 224, 252, 280))

    def _kind(self, progress: float) -> Kind:
        late = max(0.0, progress - FEWER_LETTERS) / (1 - FEWER_LETTERS)
        letters = LETTERS_SHARE + (LETTERS_LEAST - LETTERS_SHARE) * late
        if self.eyes and (progress < GLYPHS or self.plans.random() < letters):
            return "letters"
        shares = DECODER if not self.eyes else EARLY if progress < LINES else LATE
        return self.plans.choices(list(shares), list(shares.values()))[0]

    def frame(self, plan: ViewPlan) -> Frame:
        """Choose a capture that this view could come from.

        A good part is drawn at the view's own size, as crisp as slices of a screen are.
        """
        rows, columns = plan.layout.patches
        if plan.kind == "photograph":
            return Frame(columns * PATCH, rows * PATCH, PATCH)
        if plan.kind == "screen":
            size = self.random.randint(*SIZES)
            scale = self.random.uniform(*LETTERS) / size
            return Frame(round(columns * PATCH / scale), round(rows * PATCH / scale), size)
        letters = self._letters(plan)
        scale = min(max(math.exp(self.random.gauss(0.1, 0.45)), letters / 40), letters / 9)
        stretch = math.exp(self.random.gauss(0.0, STRETCH))
        if self.random.random() < 0.3:
            scale = stretch = 1.0
        size = max(9, round(letters / scale))
        width = max(16, round(columns * PATCH / scale * stretch))
        return Frame(width, max(round(size * 1.25), round(rows * PATCH / scale)), size)

    def _letters(self, plan: ViewPlan) -> float:
        """Choose how high letters are in the view, up to 80 pixels: more small ones than large."""
        cut = plan.layout.overview is not None
        largest = min(40.0 if cut else 80.0, 0.72 * plan.layout.patches[0] * PATCH)
        smallest = SMALLEST * (CHINESE_LARGER if plan.chinese else 1.0)
        smallest = min(smallest, 0.9 * largest)
        draw = self.random.random() ** (2.0 if cut or plan.kind in COMPACT else 1.5)
        if plan.large is not None:
            draw = min(1.0, plan.large + 0.1 * draw)
        return math.exp(math.log(smallest) + draw * math.log(largest / smallest))

    def scene(self, frame: Frame, plan: ViewPlan, progress: float = 1.0) -> Scene:
        """Draw one scene of a plan's kind, or lines where the frame is too small for it."""
        kind = plan.kind
        self.painter.speak(plan.chinese)
        tall, wide = frame.height / frame.font_size, frame.width / frame.font_size
        many = 1  # fonts of a page
        self.painter.plain = self.random.random() < (0.3 if progress < LINES else 0.1)
        self.painter.crowded = self.random.random() < CROWDED
        self.painter.echo = self.random.choice(ECHOES)
        self.painter.texts.repeats.begin(self.random.choice(REPEATS))
        if kind == "letters":
            others: tuple[Kind, ...] = ("page", "window", "sheet", "shapes")
            kind = self.random.choices(others, (0.75, 0.1, 0.1, 0.05))[0]
            many = self.random.choice((1, 4, 20))
        if kind == "window" and tall > 4.5 and wide > 11:
            return self.painter.window(frame)
        if kind == "sheet" and wide > 11:
            return sheet(self.painter, frame)
        if kind == "dialog" and wide > 11:
            return dialog(self.painter, frame)
        if kind in ALONE:
            return ALONE[kind](self.painter, frame)
        if kind == "shapes" and tall > 3:
            return shapes(self.painter, frame)
        if kind == "page":
            return page(self.painter, frame, fonts_per_page=many)
        return self.painter.lines(frame, 3 if progress < LINES else 8)
