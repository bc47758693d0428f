"""Whole screens, whose letters are too small in one view to be read: it is taught to say so."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image

from forms import sheet
from pages import page
from scenes import Frame, Painter, Scene
from widgets import dialog

LETTERS = 2.5, 5.5  # pixels in the view; those of larger windows, which it tries, have eight
SIZES = 10, 14  # pixels on the screen
Draw = Callable[[Painter, Frame], Scene]


def window(painter: Painter, frame: Frame) -> Scene:
    """A window that is drawn, not Qt's."""
    return painter.window(frame)


def text(painter: Painter, frame: Frame) -> Scene:
    """A text in one font."""
    return page(painter, frame, fonts_per_page=1)


def screen(painter: Painter, frame: Frame) -> Scene:
    """Draw windows, texts and forms over each other; nothing is told of what they say."""
    draws: tuple[Draw, ...] = (window, text, sheet, dialog)
    scene = painter.blank(frame, painter.theme()[0])
    scene.unreadable = True
    if painter.random.random() < 0.3:
        scene.picture = painter.lines(frame, 80).picture
    for _ in range(painter.random.randint(1, 4)):
        inner = part(painter, frame)
        drawn: Image.Image = painter.random.choice(draws)(painter, inner).picture
        left = painter.random.randint(0, frame.width - drawn.width)
        top = painter.random.randint(0, frame.height - drawn.height)
        scene.picture.paste(drawn, (left, top))
    return scene


def part(painter: Painter, frame: Frame) -> Frame:
    """Choose the size of one window of a screen."""
    pick, size = painter.random.uniform, painter.random.randint(SIZES[0], frame.font_size)
    width = round(frame.width * pick(0.45, 1.0))
    return Frame(width, round(frame.height * pick(0.4, 1.0)), size)
