"""Forms, receipts, menus and tables: labels with their values, in rows."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import ImageDraw

import fonts
from questions import LABELS
from scenes import Fact, Frame, Painter, Scene

Colour = tuple[int, int, int]
TOTALS = (("Total", "TOTAL", "Sum", "Amount due"), ("总计", "合计", "应付金额"))
KEYS = ("Ctrl+S", "Ctrl+O", "Ctrl+C", "Ctrl+V", "Ctrl+Z", "F1", "F5", "Alt+F4", "Del", "Ctrl+Q")


@dataclass(frozen=True)
class Pen:
    """How the rows of one scene are written."""

    font_name: str
    size: int
    ink: Colour
    margin: float

    def width(self, text: str) -> float:
        """Return how wide a text is."""
        return fonts.load(self.font_name, self.size).getlength(text)


def sheet(painter: Painter, frame: Frame) -> Scene:
    """Draw rows of labels and values as a form, a receipt or a menu has them, or a table."""
    ground, ink = painter.theme()
    scene = painter.blank(frame, ground)
    pick = painter.random.uniform
    pen = Pen(
        painter.random.choice(painter.font_names),
        frame.font_size,
        ink,
        pick(0.4, 1.5) * frame.font_size,
    )
    pitch = frame.font_size * pick(1.35, 2.2)
    rows = max(1, min(9, int((frame.height - 0.4 * pitch) / pitch)))
    rows = painter.random.randint(min(2, rows), rows)
    kind = painter.random.choice((form, form, receipt, menu, table))
    top = pick(0.6, 0.6 + max(0.0, frame.height / pitch - rows - 0.2)) * pitch
    kind(painter, scene, pen, [top + row * pitch for row in range(rows)])
    return scene


def form(painter: Painter, scene: Scene, pen: Pen, rows: list[float]) -> None:
    """Labels at the left, values in a column of their own, perhaps in fields."""
    labels = [label(painter) for _ in rows]
    colon = painter.random.choice((":", ":", "", "：" if painter.chinese else ":"))
    room = scene.picture.width - 2 * pen.margin
    column = min(0.6 * room, max(pen.width(text + colon) for text in labels) + pen.size)
    framed = painter.random.random() < 0.3
    for y, text in zip(rows, labels, strict=True):
        text = shortened(text, column - 0.5 * pen.size - pen.width(colon), pen)
        value = painter.fitted(
            room - column, pen.font_name, pen.size, painter.random.uniform(0.15, 0.9)
        )
        x = pen.margin + column
        if framed:
            box = (x - 0.3 * pen.size, y - 0.65 * pen.size, pen.margin + room, y + 0.65 * pen.size)
            ImageDraw.Draw(scene.picture).rectangle(box, outline=pen.ink)
        pair(painter, scene, pen, y, text + colon, (value, x), text)


def receipt(painter: Painter, scene: Scene, pen: Pen, rows: list[float]) -> None:
    """Things with their prices at the right edge, and what they cost together."""
    room = scene.picture.width - 2 * pen.margin
    mark = painter.random.choice(("", "", "$", "¥" if painter.chinese else "€"))
    for place, y in enumerate(rows):
        last = place == len(rows) - 1 and place > 0
        value = mark + painter.texts.amount()
        words = painter.texts.han.word if painter.chinese else painter.texts.word
        text = painter.random.choice(TOTALS[painter.chinese]) if last else words()
        text = shortened(text, room - pen.width(value) - pen.size, pen)
        edge = scene.picture.width - pen.margin
        if last and painter.random.random() < 0.5:
            line = (pen.margin, y - 0.75 * pen.size, edge, y - 0.75 * pen.size)
            ImageDraw.Draw(scene.picture).line(line, fill=pen.ink)
        asked = ("总计" if painter.chinese else "total") if last else text
        pair(painter, scene, pen, y, text, (value, edge - pen.width(value)), asked)


def menu(painter: Painter, scene: Scene, pen: Pen, rows: list[float]) -> None:
    """What a menu offers, with keys at the right edge."""
    chosen = painter.random.randrange(2 * len(rows))
    edge = scene.picture.width - pen.margin
    for place, y in enumerate(rows):
        key = painter.random.choice(KEYS) if painter.random.random() < 0.5 else ""
        room = edge - pen.margin - pen.width(key) - pen.size
        text = shortened(painter.texts.interface(), room, pen)
        if place == chosen:
            shade = tuple((a + b) // 2 for a, b in zip(pen.ink, ground_of(scene), strict=True))
            box = (0, y - 0.7 * pen.size, scene.picture.width, y + 0.7 * pen.size)
            ImageDraw.Draw(scene.picture).rectangle(box, outline=shade)
        if key:
            pair(painter, scene, pen, y, text, (key, edge - pen.width(key)), text)
        else:
            scene.lines.append(text)
            painter.write(scene, (pen.margin, y), text, pen.font_name, pen.size, pen.ink)


def table(painter: Painter, scene: Scene, pen: Pen, rows: list[float]) -> None:
    """Short entries in columns, perhaps with lines between them; read row by row."""
    room = scene.picture.width - 2 * pen.margin
    count = max(1, min(painter.random.randint(2, 4), int(room / (4 * pen.size))))
    column, draw = room / count, ImageDraw.Draw(scene.picture)
    ruled = painter.random.random() < 0.5
    for y in rows:
        texts = []
        for place in range(count):
            x = pen.margin + place * column
            text = painter.fitted(
                column - pen.size, pen.font_name, pen.size, painter.random.uniform(0.2, 0.9)
            )
            painter.write(scene, (x, y), text, pen.font_name, pen.size, pen.ink)
            texts.append(text)
        scene.lines.append(" ".join(texts))
        if ruled:
            below = y + 0.7 * pen.size
            draw.line((pen.margin, below, pen.margin + room, below), fill=pen.ink)


def pair(
    painter: Painter,
    scene: Scene,
    pen: Pen,
    y: float,
    text: str,
    value: tuple[str, float],
    asked: str,
) -> None:
    """Write a label and its value (with its left edge) in one row, and note them as a fact."""
    said, x = value
    painter.write(scene, (pen.margin, y), text, pen.font_name, pen.size, pen.ink)
    scene.facts.append(Fact(asked, said, len(scene.glyphs)))
    painter.write(scene, (x, y), said, pen.font_name, pen.size, pen.ink)
    scene.lines.append(f"{text} {said}")


def label(painter: Painter) -> str:
    """Return a label: mostly one of the usual ones."""
    if painter.random.random() < 0.3:
        words = painter.texts.han.word if painter.chinese else painter.texts.word
        return words().rstrip(",.:!?;")
    usual = painter.random.choice(LABELS[painter.chinese])
    return usual.capitalize() if painter.random.random() < 0.7 else usual


def shortened(text: str, room: float, pen: Pen) -> str:
    """Return as much of a text as fits, at least one character."""
    while len(text) > 1 and pen.width(text) > room:
        text = text[:-1]
    return text


def ground_of(scene: Scene) -> Colour:
    """Return the colour of the picture's first corner."""
    red, green, blue = scene.picture.getpixel((0, 0))  # type: ignore[misc]
    return red, green, blue
