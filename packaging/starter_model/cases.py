"""The sets of the evaluation: pictures with questions and the true answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import fonts
from forms import sheet
from objects import thing, things
from photographs import photograph, photographs
from questions import Asked, Asker
from scenes import Frame, Painter, Scene
from screens import screen
from shapes import empty, shapes
from widgets import dialog
from wordings import BEYOND_UNSEEN, CHINESE, ENGLISH, Wording

# Areas in pixels. They stay when the model's view grows, so that its versions can be compared.
SMALL, LARGE = 280 * 280, 4 * 280 * 280


@dataclass(frozen=True)
class Case:
    """A picture, what is asked about it one after the other, and the true answer to the last."""

    scene: Scene
    questions: tuple[str, ...]
    truth: str


@dataclass(frozen=True)
class CaseSet:
    """A row of the table: its name, its pictures, and whether letters or answers are counted."""

    name: str
    cases: Iterator[Case]
    reading: bool = True


Draw = Callable[[Painter], Scene]
Ask = Callable[[Asker, Scene, Wording], Asked | None]  # none where it cannot be asked


def line_frame(painter: Painter) -> Frame:
    """A capture of one line: letters of 13 to 28 pixels with some ground around them."""
    size, pick = painter.random.randint(13, 28), painter.random.uniform
    if painter.chinese:
        size = max(16, size)
    return Frame(round(size * pick(6, 24)), round(size * pick(1.6, 3.0)), size)


def window_frame(painter: Painter, least: int = 0, most: int = SMALL) -> Frame:
    """A capture of a small window whose area is between two bounds."""
    while True:
        frame = Frame(
            painter.random.randint(240, 800),
            painter.random.randint(100, 480),
            painter.random.randint(16 if painter.chinese else 13, 20),
        )
        if least < frame.width * frame.height <= most and frame.width > 14 * frame.font_size:
            return frame


def line(painter: Painter) -> Scene:
    """One line."""
    return painter.lines(line_frame(painter), at_most=1)


def lines(painter: Painter) -> Scene:
    """Up to six lines, in one view."""
    return painter.lines(window_frame(painter))


def window(painter: Painter) -> Scene:
    """A small window, in one view."""
    return painter.window(window_frame(painter))


def real_window(painter: Painter) -> Scene:
    """A dialog as Qt draws it, in fonts like the painter's."""
    unseen = painter.font_names[0] in (*fonts.UNSEEN, *fonts.UNSEEN_CHINESE)
    return dialog(painter, window_frame(painter), unseen=unseen)


def larger_window(painter: Painter) -> Scene:
    """A larger window, which seldom fits one view and then is made smaller."""
    return painter.window(window_frame(painter, SMALL, LARGE))


def region(painter: Painter) -> Scene:
    """Lines in a region of a screen."""
    least = 16 if painter.chinese else 13
    return painter.lines(Frame(600, 200, painter.random.randint(least, 20)))


def form(painter: Painter) -> Scene:
    """A small form, receipt, menu or table."""
    return sheet(painter, window_frame(painter))


def some_shapes(painter: Painter) -> Scene:
    """One to six shapes."""
    pick = painter.random.randint
    return shapes(painter, Frame(pick(200, 500), pick(150, 400), 16))


def whole_screen(painter: Painter) -> Scene:
    """A screen of a laptop, in which every letter is too small for one view."""
    return screen(painter, Frame(1440, 900, 13))


def nothing(painter: Painter) -> Scene:
    """A picture without text."""
    pick = painter.random.randint
    return empty(painter, Frame(pick(100, 500), pick(80, 400), 16))


def reading(painter: Painter, draw: Draw, before: tuple[str, ...] = ()) -> Iterator[Case]:
    """Yield pictures whose text is asked for, after other questions if there are any."""
    wording = CHINESE if painter.chinese else ENGLISH
    while True:
        scene = draw(painter)
        nothing_read = wording.cannot_tell if scene.unreadable else wording.no_text
        truth = "\n".join(scene.lines) or nothing_read
        yield Case(scene, (*before, wording.read[0]), truth)


def asking(
    painter: Painter,
    draw: Draw,
    ask: Ask,
    wanted: Callable[[Asked, Wording], bool] = lambda asked, _: True,
) -> Iterator[Case]:
    """Yield pictures with a question of one kind, where that question can be asked."""
    asker = Asker(painter.random)
    wording = CHINESE if painter.chinese else ENGLISH
    while True:
        scene = draw(painter)
        if not (scene.facts or scene.buttons or scene.title or scene.shapes):
            continue
        asked = ask(asker, scene, wording)
        if asked is not None and wanted(asked, wording):
            yield Case(scene, (asked.question,), asked.answer)


def photographed(painter: Painter) -> Iterator[Case]:
    """Yield parts of photographs with questions that cannot be answered, and for text."""
    wording = CHINESE if painter.chinese else ENGLISH
    while True:
        scene = photograph(painter, Frame(480, 320, 16), unseen=True)
        yield Case(scene, (wording.name[0],), wording.cannot_tell)
        yield Case(scene, (wording.read[0],), wording.no_text)


def with_buttons(ask: Ask) -> Ask:
    """Ask where there are buttons only."""
    return lambda asker, scene, wording: ask(asker, scene, wording) if scene.buttons else None


def without_buttons(asker: Asker, scene: Scene, wording: Wording) -> Asked | None:
    """Ask for buttons where there are none."""
    return None if scene.buttons else asker.no_buttons(wording)


def beyond(asker: Asker, scene: Scene, wording: Wording) -> Asked:
    """Ask what the model cannot answer, mostly in words that it was not trained with."""
    return asker.beyond(scene, wording, BEYOND_UNSEEN)


def reading_sets() -> Iterator[CaseSet]:
    """Yield the sets whose texts are read, each in fonts that were trained on and in others."""
    title = (ENGLISH.title[0],)
    english: tuple[tuple[str, Draw, tuple[str, ...]], ...] = (
        ("one line", line, ()),
        ("up to six lines", lines, ()),
        ("small window", window, ()),
        ("form, receipt, menu or table", form, ()),
        ("dialog drawn by Qt", real_window, ()),
        ("larger window", larger_window, ()),
        ("region of 600 x 200", region, ()),
        ("small window, read after another question", window, title),
    )
    for number, (name, draw, before) in enumerate(english):
        yield CaseSet(f"{name}, fonts it knows", reading(known(9000 + number), draw, before))
        if fonts.present(fonts.UNSEEN):
            yield CaseSet(f"{name}, unseen fonts", reading(unseen(9100 + number), draw, before))
    for number, (name, draw, _) in enumerate(english):
        if draw is larger_window or name.endswith("another question"):
            continue
        if fonts.present(fonts.CHINESE):
            painter = known(9300 + number, chinese=True)
            yield CaseSet(f"Chinese: {name}, fonts it knows", reading(painter, draw))
        if fonts.present(fonts.UNSEEN_CHINESE):
            painter = unseen(9400 + number, chinese=True)
            yield CaseSet(f"Chinese: {name}, unseen fonts", reading(painter, draw))


def naming(painter: Painter) -> Iterator[Case]:
    """Yield things whose names are asked for."""
    wording = CHINESE if painter.chinese else ENGLISH
    while True:
        scene = thing(painter, Frame(160, 160, 16))
        if scene.names:
            yield Case(scene, (wording.name[0],), scene.names[painter.chinese])


def asking_sets() -> Iterator[CaseSet]:
    """Yield the sets whose answers are counted."""

    def told(asked: Asked, wording: Wording) -> bool:
        return asked.answer != wording.cannot_tell

    def untold(asked: Asked, wording: Wording) -> bool:
        return not told(asked, wording)

    def words(*starts: str) -> Callable[[Asked, Wording], bool]:
        return lambda asked, wording: asked.question.startswith(starts) and told(asked, wording)

    ask, about = Asker.shape, some_shapes
    yield from (
        CaseSet(name, cases, reading=False)
        for name, cases in (
            ("title of a small window", asking(known(9200), window, Asker.title)),
            ("value by its label", asking(known(9204), form, Asker.fact, told)),
            ("label that is not there, said so", asking(known(9205), form, Asker.fact, untold)),
            (
                "button at a side",
                asking(known(9206), window, with_buttons(Asker.button), words("Which")),
            ),
            (
                "number of buttons",
                asking(known(9207), window, with_buttons(Asker.button), words("How")),
            ),
            ("colour of a shape", asking(known(9201), about, ask, words("What colo"))),
            ("shape of a colour", asking(known(9208), about, ask, words("What shape"))),
            ("place of a shape", asking(known(9209), about, ask, words("Where"))),
            ("number of shapes", asking(known(9202), about, ask, words("How"))),
            ("picture without text, said so", reading(known(9203), nothing)),
            ("number of all shapes", asking(known(9211), about, Asker.shapes)),
            ("all shapes, named", asking(known(9217), about, Asker.all_of_them)),
            (
                "all buttons, or the middle one",
                asking(known(9212), window, with_buttons(Asker.buttons)),
            ),
            ("window without buttons, said so", asking(known(9213), window, without_buttons)),
            ("beyond it, said so", asking(known(9214), window, beyond)),
            ("letters of a whole screen, too small, said so", reading(known(9215), whole_screen)),
        )
    )
    if things():
        yield CaseSet("drawn thing, named", naming(known(9210)), reading=False)
    if photographs(unseen=True):
        yield CaseSet("photograph, nothing invented", photographed(known(9216)), reading=False)
    if not fonts.present(fonts.CHINESE):
        return
    chinese: tuple[tuple[str, Iterator[Case]], ...] = (
        ("title of a small window", asking(known(9500, True), window, Asker.title)),
        ("value by its label", asking(known(9501, True), form, Asker.fact, told)),
        ("any question about shapes", asking(known(9502, True), some_shapes, Asker.shape, told)),
        ("all shapes, named", asking(known(9510, True), some_shapes, Asker.all_of_them)),
        ("picture without text, said so", reading(known(9503, True), nothing)),
        (
            "all buttons, or the middle one",
            asking(known(9505, True), window, with_buttons(Asker.buttons)),
        ),
        ("window without buttons, said so", asking(known(9506, True), window, without_buttons)),
        ("beyond it, said so", asking(known(9507, True), window, beyond)),
        ("letters of a whole screen, too small, said so", reading(known(9508, True), whole_screen)),
    )
    if photographs(unseen=True):
        chinese += (("photograph, nothing invented", photographed(known(9509, True))),)
    if things():
        chinese += (("drawn thing, named", naming(known(9504, True))),)
    for name, cases in chinese:
        yield CaseSet(f"Chinese: {name}", cases, reading=False)


def known(seed: int, chinese: bool = False) -> Painter:
    """Return a painter of unseen words in the fonts that were trained on and are here."""
    latin = fonts.present(fonts.INTERFACE) + fonts.present(fonts.OTHER)
    return held_out(seed, fonts.present(fonts.CHINESE) if chinese else latin or [""], chinese)


def unseen(seed: int, chinese: bool = False) -> Painter:
    """Return a painter of unseen words in the fonts that are kept from the training."""
    return held_out(seed, fonts.present(fonts.UNSEEN_CHINESE if chinese else fonts.UNSEEN), chinese)


def held_out(seed: int, names: list[str], chinese: bool) -> Painter:
    """Return a painter of unseen words in these fonts."""
    painter = Painter(seed, True, names)
    painter.speak(chinese)
    return painter
