"""Whole screens, whose letters are too small in one view to be read: it is taught to say so."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from forms import sheet
from pages import page
from scenes import Frame, Painter, Scene
from widgets import dialog

LETTERS = 2.5, 5.5  # pixels in the view; those of larger windows, which it tries, have eight
SIZES = 10, 14  # pixels on the screen
DRAWS: tuple[Callable[[Painter, Frame], Scene], ...] = (
    Painter.window,
    partial(page, fonts_per_page=1),
    sheet,
    dialog,
)


def screen(painter: Painter, frame: Frame) -> Scene:
    """Draw windows, texts and forms over each other; nothing is told of what they say."""
    scene = painter.blank(frame, painter.theme()[0])
    scene.unreadable = True
    if painter.random.random() < 0.3:
        scene.picture = painter.lines(frame, 80).picture
    for _ in range(painter.random.randint(1, 4)):
        inner = part(painter, frame)
        drawn = painter.random.choice(DRAWS)(painter, inner).picture
        left = painter.random.randint(0, frame.width - drawn.width)
        top = painter.random.randint(0, frame.height - drawn.height)
        scene.picture.paste(drawn, (left, top))
    return scene


def part(painter: Painter, frame: Frame) -> Frame:
    """Choose the size of one window of a screen."""
    pick, size = painter.random.uniform, painter.random.randint(SIZES[0], frame.font_size)
    width = round(frame.width * pick(0.45, 1.0))
    return Frame(width, round(frame.height * pick(0.4, 1.0)), size)
