"""Pictures of coloured shapes, and pictures without any text."""

from __future__ import annotations

import numpy
from PIL import Image, ImageDraw

from scenes import COLOURS, SHAPES, Frame, Painter, Scene, Shape


def shapes(painter: Painter, frame: Frame, caption: bool = True) -> Scene:
    """Draw one to six shapes of named colours, sometimes with a caption below them."""
    ground = painter.random.choice(
        ((255, 255, 255), (240, 240, 240), (250, 245, 235), (60, 60, 66), (225, 235, 250))
    )
    scene = painter.blank(frame, ground)
    below = frame.font_size * 1.6 if caption and painter.random.random() < 0.3 else 0.0
    count = painter.random.randint(1, 6)
    columns = max(1, min(count, round((count * frame.width / frame.height) ** 0.5)))
    rows = -(-count // columns)
    cell_width, cell_height = frame.width / columns, (frame.height - below) / rows
    names = [
        n
        for n, c in COLOURS.items()
        if sum(abs(a - b) for a, b in zip(c, ground, strict=True)) > 120
    ]
    kinds = painter.random.choices(SHAPES, k=painter.random.choice((2, 2, 3, 4)))
    for index in range(count):
        radius = min(cell_width, cell_height) * painter.random.uniform(0.25, 0.46)
        x = (index % columns + 0.5) * cell_width + painter.random.uniform(-0.1, 0.1) * cell_width
        y = (index // columns + 0.5) * cell_height
        shape = Shape(painter.random.choice(kinds), painter.random.choice(names), x, y)
        draw_shape(scene.picture, shape, radius)
        scene.shapes.append(shape)
    if below:
        dark = sum(ground) < 300
        font_name = painter.random.choice(painter.font_names)
        text = painter.fitted(
            frame.width * 0.9, font_name, frame.font_size, painter.random.uniform(0.2, 1.0)
        )
        at = (frame.width * 0.05, frame.height - below / 2)
        painter.write(
            scene, at, text, font_name, frame.font_size, (240,) * 3 if dark else (20,) * 3
        )
        scene.lines.append(text)
    return scene


def empty(painter: Painter, frame: Frame) -> Scene:
    """Draw a picture without text: plain, a gradient, noise, or shapes alone."""
    kind = painter.random.randrange(4)
    if kind == 0:
        return shapes(painter, frame, caption=False)
    scene = painter.blank(frame, painter.theme()[0])
    if kind == 1:
        scene.picture = Image.linear_gradient("L").resize(scene.picture.size).convert("RGB")
    if kind == 2:
        small = numpy.random.default_rng(painter.random.randrange(2**31)).integers(
            0, 256, (6, 8, 3), dtype=numpy.uint8
        )
        scene.picture = Image.fromarray(small).resize(scene.picture.size, Image.Resampling.BICUBIC)
    return scene


def draw_shape(picture: Image.Image, shape: Shape, radius: float) -> None:
    """Draw one shape around its centre."""
    draw, fill = ImageDraw.Draw(picture), COLOURS[shape.colour]
    x, y = shape.x, shape.y
    if shape.kind == "circle":
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)
    elif shape.kind == "square":
        draw.rectangle(
            (x - 0.8 * radius, y - 0.8 * radius, x + 0.8 * radius, y + 0.8 * radius), fill=fill
        )
    elif shape.kind == "rectangle":
        draw.rectangle((x - radius, y - 0.45 * radius, x + radius, y + 0.45 * radius), fill=fill)
    else:
        corners, inner = (3, 1.0) if shape.kind == "triangle" else (10, 0.42)
        angles = numpy.arange(corners) * 2 * numpy.pi / corners - numpy.pi / 2
        reach = radius * numpy.where(numpy.arange(corners) % 2 == 0, 1.0, inner)
        points = zip(x + reach * numpy.cos(angles), y + reach * numpy.sin(angles), strict=True)
        draw.polygon([(float(px), float(py)) for px, py in points], fill=fill)
