"""Draw pictures of text and windows, and say what is on them."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

import numpy
from PIL import Image, ImageDraw, ImageFilter

import fonts
from texts import TextSource

COLOURS = {
    "red": (214, 40, 40),
    "green": (44, 150, 60),
    "blue": (40, 90, 220),
    "yellow": (245, 205, 30),
    "orange": (245, 130, 30),
    "purple": (130, 60, 180),
    "black": (20, 20, 20),
    "white": (250, 250, 250),
    "grey": (128, 128, 128),
    "pink": (245, 140, 180),
}
SHAPES = ("circle", "square", "triangle", "star", "rectangle")


@dataclass(frozen=True)
class Glyph:
    """One drawn character with its centre in pixels of the picture."""

    character: str
    x: float
    y: float


@dataclass(frozen=True)
class Shape:
    """One drawn shape with its colour's name and its centre in pixels."""

    kind: str
    colour: str
    x: float
    y: float


@dataclass(frozen=True)
class Fact:
    """A value with its label, and the number of the glyph with which the value begins."""

    label: str
    value: str
    start: int


@dataclass
class Scene:
    """A picture with its reading-order text and everything that is known about it."""

    picture: Image.Image
    lines: list[str] = field(default_factory=list)
    glyphs: list[Glyph] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    title: str | None = None
    facts: list[Fact] = field(default_factory=list)
    buttons: list[tuple[str, int]] = field(default_factory=list)  # with their first glyphs' numbers
    names: tuple[str, str] | None = None  # of what is shown, in English and Chinese
    chinese: bool = False
    unreadable: bool = False  # there is text, but too small


@dataclass(frozen=True)
class Frame:
    """What is asked of a scene: its size in pixels and the height of its letters."""

    width: int
    height: int
    font_size: int


class Painter:
    """Draws scenes; one seeded source decides everything."""

    def __init__(
        self, seed: int, held_out: bool = False, font_names: list[str] | None = None
    ) -> None:
        """Start at a seed with the training fonts, or with the fonts given."""
        self.texts = TextSource(seed, held_out)
        self.random = self.texts.random
        self.plain = False
        self.crowded = False  # three or four buttons, where they fit
        self.echo = 0.0  # how many texts begin as the one before
        self._before = ""
        usual = fonts.present(fonts.INTERFACE) * 2 + fonts.present(fonts.OTHER)
        self.latin_names = font_names or usual or [""]
        self.chinese_names = font_names or fonts.present(fonts.CHINESE + fonts.CHINESE_MORE)

    @property
    def chinese(self) -> bool:
        """Whether it writes Chinese."""
        return self.texts.chinese

    @property
    def button_counts(self) -> tuple[int, int]:
        """How few and how many buttons a row has, where they fit."""
        return (3, 4) if self.crowded else (1, 3)

    def speak(self, chinese: bool) -> None:
        """Write Chinese or English from now on; English where no Chinese font is installed."""
        self.texts.chinese = chinese and bool(self.chinese_names)

    @property
    def font_names(self) -> list[str]:
        """The fonts of the language that is written."""
        return self.chinese_names if self.chinese else self.latin_names

    def blank(self, frame: Frame, ground: tuple[int, int, int]) -> Scene:
        """Return a scene with nothing on it."""
        picture = Image.new("RGB", (frame.width, frame.height), ground)
        return Scene(picture, chinese=self.chinese)

    def theme(self) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
        """Return background and ink with enough contrast, light or dark."""
        pick = self.random.randint
        if self.plain:
            return (255, 255, 255), (0, 0, 0)
        tint = [pick(-12, 12) for _ in range(3)]
        if self.random.random() < 0.6:
            ground, ink = pick(215, 255), pick(0, 90)
        else:
            ground, ink = pick(0, 70), pick(175, 255)
        if self.random.random() < 0.15:
            colour = list(COLOURS.values())[pick(0, 6)]
            dark = sum(colour) < 400
            return colour, (255, 255, 255) if dark else (0, 0, 0)
        shade = [max(0, min(255, ground + t)) for t in tint]
        stroke = [max(0, min(255, ink + pick(-20, 20))) for _ in range(3)]
        return (shade[0], shade[1], shade[2]), (stroke[0], stroke[1], stroke[2])

    def write(
        self,
        scene: Scene,
        at: tuple[float, float],
        text: str,
        font_name: str,
        size: int,
        ink: tuple[int, int, int],
    ) -> float:
        """Write text with its left edge and vertical middle at a point; return its right edge."""
        font = fonts.load(font_name, size)
        draw = ImageDraw.Draw(scene.picture)
        draw.text(at, text, font=font, fill=ink, anchor="lm")
        advances = [fonts.advance(font_name, size, alike(character)) for character in text]
        whole = font.getlength(text)
        kerning, left = whole / (sum(advances) or 1.0), at[0]
        for character, advance in zip(text, advances, strict=True):
            scene.glyphs.append(Glyph(character, left + advance * kerning / 2, at[1]))
            left += advance * kerning
        return at[0] + whole

    def fitted(self, width: float, font_name: str, size: int, fill: float = 1.0) -> str:
        """Return a phrase that fits a width; `fill` below one leaves a part of it free."""
        font = fonts.load(font_name, size)
        room = max(1, int(width * fill / (0.5 * size)))
        text = self.texts.phrase(min(room, 90 if not self.chinese else 60))
        if self.echo and self.random.random() < self.echo:
            same = self.random.randint(1, 6)
            text = (self._before[:same] + text[same:]).strip() or text
        self._before = text
        while len(text) > 1 and font.getlength(text) > width:
            text = (
                text[: max(1, int(len(text) * min(0.95, width / font.getlength(text))))].strip()
                or "a"
            )
        return text

    def lines(self, frame: Frame, at_most: int = 6) -> Scene:
        """Draw one to six lines of text on a plain ground."""
        ground, ink = self.theme()
        scene = self.blank(frame, ground)
        names = self.font_names[:3] if self.plain else self.font_names
        font_name, size = self.random.choice(names), frame.font_size
        pitch = size * self.random.uniform(1.25, 1.9)
        possible = max(1, int((frame.height - 0.2 * size) / pitch))
        count = (
            min(at_most, possible) if self.plain else self.random.randint(1, min(at_most, possible))
        )
        margin = self.random.uniform(0.1, 1.2) * size
        spare = max(0.0, frame.height - count * pitch)
        top = self.random.uniform(0.0, spare) + pitch / 2
        for row in range(count):
            full = self.plain or self.random.random() < 0.4
            fill = 1.0 if full else self.random.uniform(0.15, 1.0)
            text = self.fitted(frame.width - 2 * margin, font_name, size, fill)
            self.write(scene, (margin, top + row * pitch), text, font_name, size, ink)
            scene.lines.append(text)
        return scene

    def window(self, frame: Frame) -> Scene:
        """Draw a window: a title bar, some labels or fields, and perhaps buttons."""
        ground, ink = self.theme()
        bar, bar_ink = self.theme()
        scene = self.blank(frame, ground)
        draw, size = ImageDraw.Draw(scene.picture), frame.font_size
        font_name = self.random.choice(self.font_names)
        bar_height = size * self.random.uniform(1.6, 2.2)
        draw.rectangle((0, 0, frame.width, bar_height), fill=bar)
        for position in range(self.random.choice((0, 3, 3))):
            x = frame.width - (position + 1) * size * 1.3
            draw.ellipse(
                (x, bar_height / 2 - size * 0.3, x + size * 0.6, bar_height / 2 + size * 0.3),
                outline=bar_ink,
            )
        title = self.fitted(frame.width * 0.6, font_name, size, self.random.uniform(0.2, 1.0))
        left = self.random.uniform(0.4, 1.2) * size
        if self.random.random() < 0.25:
            left = (frame.width - fonts.load(font_name, size).getlength(title)) / 2
        self.write(scene, (left, bar_height / 2), title, font_name, size, bar_ink)
        scene.title = title
        scene.lines.append(title)
        self.window_body(scene, frame, bar_height, font_name, ink)
        return scene

    def window_body(
        self, scene: Scene, frame: Frame, top: float, font_name: str, ink: tuple[int, int, int]
    ) -> None:
        """Draw the labels, fields and buttons below a title bar."""
        size, margin = frame.font_size, self.random.uniform(0.5, 1.5) * frame.font_size
        pitch = size * self.random.uniform(1.5, 2.4)
        rows = int((frame.height - top) / pitch)
        wanted = rows >= 2 and self.random.random() < (1.0 if self.crowded else 0.6)
        buttons = self.random.randint(*self.button_counts) if wanted else 0
        count = self.random.randint(
            0 if buttons else 1, max(1, min(5, rows - (1 if buttons else 0)))
        )
        draw = ImageDraw.Draw(scene.picture)
        for row in range(min(count, rows)):
            y = top + (row + 0.6) * pitch
            framed = self.random.random() < 0.3
            text = self.fitted(
                frame.width - 2.5 * margin, font_name, size, self.random.uniform(0.15, 1.0)
            )
            if framed:
                end = margin + fonts.load(font_name, size).getlength(text) + 0.5 * size
                draw.rectangle(
                    (margin - 0.4 * size, y - 0.7 * size, end, y + 0.7 * size), outline=ink
                )
            self.write(scene, (margin, y), text, font_name, size, ink)
            scene.lines.append(text)
        if buttons:
            self.buttons(scene, frame, buttons, font_name, ink)

    def buttons(
        self, scene: Scene, frame: Frame, count: int, font_name: str, ink: tuple[int, int, int]
    ) -> None:
        """Draw a row of buttons at the bottom; they are read as one line."""
        size, draw = frame.font_size, ImageDraw.Draw(scene.picture)
        font, labels, boxes = fonts.load(font_name, size), [], []
        y, x = (
            frame.height - size * self.random.uniform(0.9, 1.3),
            self.random.uniform(0.5, 1.5) * size,
        )
        for _ in range(count):
            short = self.crowded or self.random.random() < 0.6
            label = self.texts.interface() if short else self.texts.item()
            end = x + font.getlength(label) + 1.6 * size
            if end > frame.width - 0.2 * size:
                break
            labels.append(label)
            boxes.append((x, end))
            x = end + 0.6 * size
        shift = self.random.choice((0.0, frame.width - x)) if boxes else 0.0
        face, face_ink = self.theme() if self.random.random() < 0.5 else (None, ink)
        for label, (start, end) in zip(labels, boxes, strict=True):
            box = (start + shift, y - 0.8 * size, end + shift, y + 0.8 * size)
            draw.rounded_rectangle(
                box, radius=self.random.choice((0, size // 4)), fill=face, outline=ink
            )
            scene.buttons.append((label, len(scene.glyphs)))
            self.write(scene, (start + shift + 0.8 * size, y), label, font_name, size, face_ink)
        if labels:
            scene.lines.append(" ".join(labels))

    def blemish(self, picture: Image.Image) -> Image.Image:
        """Blur, shift colours, add noise or compress a little, as screens and copies have it."""
        draw = self.random.random
        if draw() < 0.15:
            picture = coloured_edges(picture, self.random.choice((-1, 1)))
        if draw() < 0.15:
            picture = picture.filter(ImageFilter.GaussianBlur(self.random.uniform(0.2, 0.6)))
        if draw() < 0.1:
            picture = self.noisy(picture)
        if draw() < 0.1:
            file = io.BytesIO()
            picture.save(file, "JPEG", quality=self.random.randint(40, 95))
            picture = Image.open(file).convert("RGB")
        return picture

    def noisy(self, picture: Image.Image) -> Image.Image:
        """Return a picture with weak grey noise."""
        generator = numpy.random.default_rng(self.random.randrange(2**31))
        shape = (picture.height, picture.width, 1)
        noise = generator.normal(0, self.random.uniform(1, 6), shape)
        mixed = numpy.clip(numpy.asarray(picture) + noise, 0, 255)
        return Image.fromarray(mixed.astype(numpy.uint8))


def alike(character: str) -> str:
    """Return one Han character for all of them: they are equally wide."""
    return "文" if "\u4e00" <= character <= "\u9fff" else character


def coloured_edges(picture: Image.Image, direction: int) -> Image.Image:
    """Move red and blue a third of a pixel apart, as letters for liquid crystals have them."""
    pixels = numpy.asarray(picture).astype(numpy.float32)
    moved = pixels.copy()
    for channel, step in ((0, direction), (2, -direction)):
        moved[..., channel] = (
            2 * pixels[..., channel] + numpy.roll(pixels[..., channel], step, axis=1)
        ) / 3
    return Image.fromarray(moved.astype(numpy.uint8))
