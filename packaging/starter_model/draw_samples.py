"""Draw the sample pictures that ship with the program; every string on them is our own."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

import fonts
from scenes import Shape
from shapes import draw_shape

Colour = tuple[int, int, int]
FONT = "DejaVuSans.ttf"
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Paper:
    """An empty sample: its size and its colours."""

    width: int
    height: int
    ground: Colour = (255, 255, 255)
    ink: Colour = (20, 20, 20)

    def blank(self) -> Image.Image:
        """Return the empty picture."""
        return Image.new("RGB", (self.width, self.height), self.ground)


def write(picture: Image.Image, at: tuple[float, float], text: str, size: int, ink: Colour) -> None:
    """Write one line with its left edge and vertical middle at a point."""
    font = fonts.load(FONT, size)
    ImageDraw.Draw(picture).text(at, text, font=font, fill=ink, anchor="lm")


def lines(paper: Paper, texts: tuple[str, ...], size: int) -> Image.Image:
    """Return lines of text, one below the other."""
    picture = paper.blank()
    pitch = paper.height / (len(texts) + 0.4)
    for row, text in enumerate(texts):
        write(picture, (size * 0.8, (row + 0.7) * pitch), text, size, paper.ink)
    return picture


def window() -> Image.Image:
    """Return a small window: a title bar, two labels and two buttons."""
    paper = Paper(270, 150, (246, 246, 246), (25, 25, 25))
    picture = paper.blank()
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, paper.width, 30), fill=(52, 92, 160))
    write(picture, (12, 15), "Save changes", 16, (255, 255, 255))
    write(picture, (14, 54), "The file has changed.", 16, paper.ink)
    write(picture, (14, 82), "Total: 42.50 EUR", 16, paper.ink)
    for left, label in ((110, "Save"), (176, "Cancel")):
        width = fonts.load(FONT, 16).getlength(label) + 20
        draw.rounded_rectangle((left, 106, left + width, 136), radius=4, outline=paper.ink)
        write(picture, (left + 10, 121), label, 16, paper.ink)
    return picture


def shapes() -> Image.Image:
    """Return three shapes of three colours."""
    picture = Paper(400, 240).blank()
    draw_shape(picture, Shape("circle", "red", 75, 120), 55)
    draw_shape(picture, Shape("square", "blue", 200, 120), 60)
    draw_shape(picture, Shape("star", "green", 325, 120), 60)
    return picture


def samples() -> dict[str, Image.Image]:
    """Return every sample by the name of its file."""
    dark = Paper(250, 104, (32, 34, 40), (232, 232, 232))
    return {
        "window.png": window(),
        "line.png": lines(Paper(360, 60), ("The quick brown fox",), 22),
        "note.png": lines(dark, ("Meeting at 10:30", "Room 204", "Bring the report"), 18),
        "shapes.png": shapes(),
    }


def main() -> None:
    """Write the samples into a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "resources/samples")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in samples().items():
        picture.save(folder / name, optimize=True)


if __name__ == "__main__":
    main()
