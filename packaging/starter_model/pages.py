"""Pages full of text: many characters for little drawing."""

from __future__ import annotations

from PIL import Image

from scenes import Frame, Painter, Scene


def page(painter: Painter, frame: Frame, fonts_per_page: int) -> Scene:
    """Fill a picture with rows of text; with many fonts every row may have its own."""
    ground, ink = painter.theme()
    scene = Scene(Image.new("RGB", (frame.width, frame.height), ground))
    names = painter.random.choices(painter.font_names, k=fonts_per_page)
    pitch = frame.font_size * painter.random.uniform(1.15, 1.6)
    margin = painter.random.uniform(0.05, 0.8) * frame.font_size
    ragged = painter.random.random() < 0.5
    y = painter.random.uniform(0.5, 0.8) * pitch
    while y + 0.55 * frame.font_size < frame.height or not scene.lines:
        font_name = painter.random.choice(names)
        fill = painter.random.uniform(0.3, 1.0) if ragged else 1.0
        text = painter.fitted(frame.width - 2 * margin, font_name, frame.font_size, fill)
        painter.write(scene, (margin, y), text, font_name, frame.font_size, ink)
        scene.lines.append(text)
        y += pitch
    return scene
