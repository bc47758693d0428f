"""Draw one picture and say what is on it, with questions and their answers."""

from __future__ import annotations

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
FOLLOW_UPS = 0.4  # of the questions
NO_TEXT = "There is no text in the picture."
NO_TITLE = "There is no title in the picture."
READ_QUESTIONS = (
    "Read the text.",
    "Read the text.",
    "Read all text in the picture.",
    "What does it say?",
    "Read the text in the picture.",
    "What text is in the picture?",
)
TITLE_QUESTIONS = ("What is the title?", "What is the title of the window?", "Read the title.")


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


@dataclass
class Scene:
    """A picture with its reading-order text and everything that is known about it."""

    picture: Image.Image
    lines: list[str] = field(default_factory=list)
    glyphs: list[Glyph] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    title: str | None = None


@dataclass(frozen=True)
class Asked:
    """A question with its true answer, and where in the picture the answer is seen, in pixels."""

    question: str
    answer: str
    place: tuple[float, float] | None = None


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
        usual = fonts.present(fonts.INTERFACE) * 2 + fonts.present(fonts.OTHER)
        self.font_names = font_names or usual or [""]

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
        advances = [fonts.advance(font_name, size, character) for character in text]
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
        text = self.texts.phrase(min(room, 90))
        while len(text) > 1 and font.getlength(text) > width:
            text = (
                text[: max(1, int(len(text) * min(0.95, width / font.getlength(text))))].strip()
                or "a"
            )
        return text

    def lines(self, frame: Frame, at_most: int = 6) -> Scene:
        """Draw one to six lines of text on a plain ground."""
        ground, ink = self.theme()
        scene = Scene(Image.new("RGB", (frame.width, frame.height), ground))
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
        scene = Scene(Image.new("RGB", (frame.width, frame.height), ground))
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
        buttons = self.random.randint(1, 3) if rows >= 2 and self.random.random() < 0.6 else 0
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
            label = self.texts.interface() if self.random.random() < 0.6 else self.texts.item()
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
            self.write(scene, (start + shift + 0.8 * size, y), label, font_name, size, face_ink)
        if labels:
            scene.lines.append(" ".join(labels))

    def shapes(self, frame: Frame, caption: bool = True) -> Scene:
        """Draw one to six shapes of named colours, sometimes with a caption below them."""
        ground = self.random.choice(
            ((255, 255, 255), (240, 240, 240), (250, 245, 235), (60, 60, 66), (225, 235, 250))
        )
        scene = Scene(Image.new("RGB", (frame.width, frame.height), ground))
        below = frame.font_size * 1.6 if caption and self.random.random() < 0.3 else 0.0
        count = self.random.randint(1, 6)
        columns = max(1, min(count, round((count * frame.width / frame.height) ** 0.5)))
        rows = -(-count // columns)
        cell_width, cell_height = frame.width / columns, (frame.height - below) / rows
        names = [
            n
            for n, c in COLOURS.items()
            if sum(abs(a - b) for a, b in zip(c, ground, strict=True)) > 120
        ]
        kinds = self.random.choices(SHAPES, k=2)
        for index in range(count):
            radius = min(cell_width, cell_height) * self.random.uniform(0.25, 0.46)
            x = (index % columns + 0.5) * cell_width + self.random.uniform(-0.1, 0.1) * cell_width
            y = (index // columns + 0.5) * cell_height
            shape = Shape(self.random.choice(kinds), self.random.choice(names), x, y)
            draw_shape(scene.picture, shape, radius)
            scene.shapes.append(shape)
        if below:
            dark = sum(ground) < 300
            font_name = self.random.choice(self.font_names)
            text = self.fitted(
                frame.width * 0.9, font_name, frame.font_size, self.random.uniform(0.2, 1.0)
            )
            at = (frame.width * 0.05, frame.height - below / 2)
            self.write(
                scene, at, text, font_name, frame.font_size, (240,) * 3 if dark else (20,) * 3
            )
            scene.lines.append(text)
        return scene

    def empty(self, frame: Frame) -> Scene:
        """Draw a picture without text: plain, a gradient, noise, or shapes alone."""
        kind = self.random.randrange(4)
        if kind == 0:
            return self.shapes(frame, caption=False)
        scene = Scene(Image.new("RGB", (frame.width, frame.height), self.theme()[0]))
        if kind == 1:
            scene.picture = Image.linear_gradient("L").resize(scene.picture.size).convert("RGB")
        if kind == 2:
            small = numpy.random.default_rng(self.random.randrange(2**31)).integers(
                0, 256, (6, 8, 3), dtype=numpy.uint8
            )
            scene.picture = Image.fromarray(small).resize(
                scene.picture.size, Image.Resampling.BICUBIC
            )
        return scene

    def blemish(self, picture: Image.Image) -> Image.Image:
        """Blur a little or add weak noise, as screens and their copies have it."""
        if self.random.random() < 0.15:
            picture = picture.filter(ImageFilter.GaussianBlur(self.random.uniform(0.2, 0.6)))
        if self.random.random() < 0.1:
            generator = numpy.random.default_rng(self.random.randrange(2**31))
            noise = generator.normal(
                0, self.random.uniform(1, 6), (picture.height, picture.width, 1)
            )
            picture = Image.fromarray(
                numpy.clip(numpy.asarray(picture) + noise, 0, 255).astype(numpy.uint8)
            )
        return picture

    def question(self, scene: Scene) -> Asked:
        """Choose a question about a scene and return it with the true answer."""
        text = "\n".join(scene.lines) or NO_TEXT
        if scene.shapes and self.random.random() < 0.8:
            return self.shape_question(scene.shapes)
        if scene.title and self.random.random() < 0.3:
            return Asked(self.random.choice(TITLE_QUESTIONS), scene.title)
        if not scene.title and self.random.random() < 0.04:
            return Asked(self.random.choice(TITLE_QUESTIONS), NO_TITLE)
        return Asked(self.random.choice(READ_QUESTIONS), text)

    def talk(self, scene: Scene) -> list[Asked]:
        """Choose questions that follow each other about a scene: mostly one, else two or three."""
        count = self.random.choices((1, 2, 3), (1 - FOLLOW_UPS, 0.7 * FOLLOW_UPS, 0.3 * FOLLOW_UPS))
        return [self.question(scene) for _ in range(count[0])]

    def shape_question(self, shapes: list[Shape]) -> Asked:
        """Ask for a colour where the shape is unique, or for a number."""
        kinds = [shape.kind for shape in shapes]
        unique = [shape for shape in shapes if kinds.count(shape.kind) == 1]
        if unique and self.random.random() < 0.6:
            shape = self.random.choice(unique)
            colour = self.random.choice(("colour", "color"))
            return Asked(f"What {colour} is the {shape.kind}?", shape.colour, (shape.x, shape.y))
        kind = self.random.choice([*kinds, *kinds, *kinds, self.random.choice(SHAPES)])
        ask = self.random.choice(
            (f"How many {kind}s are there?", f"How many {kind}s are in the picture?")
        )
        return Asked(ask, str(kinds.count(kind)))


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
