"""One real quick reader for all tests, and pictures of known text."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from PIL import Image, ImageDraw, ImageFont

from engine.messages import Picture
from engine.quick.reader import QuickReader


@pytest.fixture(scope="session")
def reader() -> QuickReader:
    made = QuickReader()
    for _ in made.load():
        pass
    return made


def drawn(lines: Sequence[str], size: int = 20, width: int = 360) -> Image.Image:
    """Lines in Pillow's own font, which every machine has."""
    font = ImageFont.load_default(size)
    image = Image.new("RGB", (width, round(1.7 * size * len(lines)) + 20), "white")
    for row, line in enumerate(lines):
        ImageDraw.Draw(image).text((12, 10 + round(1.7 * size * row)), line, "black", font)
    return image


def as_picture(image: Image.Image, kind: str = "PNG", **how: object) -> Picture:
    file = io.BytesIO()
    image.save(file, kind, **how)
    return Picture.from_bytes(file.getvalue(), f"picture.{kind.lower()}")
