"""What is asked about a picture, in English and Chinese, with the true answers."""

from __future__ import annotations

import random
from dataclasses import dataclass

from scenes import COLOURS, SHAPES, Fact, Scene, Shape
from wordings import BEYOND, CHINESE, CHINESE_MORE, ENGLISH, ENGLISH_MORE, Beyond, Wording

SEVERAL = 0.7  # of the pictures are asked about more than once: questions are cheaper than pictures
REPHRASED = 0.25  # of the questions are worded as only the training has them


@dataclass(frozen=True)
class Asked:
    """A question with its true answer, and where in the picture the answer is seen."""

    question: str
    answer: str
    # in pixels, the things that the answer is about, each with how many characters are about it
    places: tuple[tuple[int, tuple[float, float]], ...] = ()
    start: int | None = None  # the drawn character with which the answer begins


class Asker:
    """Asks about scenes; it shares a source of random numbers."""

    def __init__(self, source: random.Random) -> None:
        """Ask with this source."""
        self.random = source

    def talk(self, scene: Scene) -> list[Asked]:
        """Choose different questions that follow each other about a scene."""
        if scene.names:
            return [self.name(scene.names, wording) for wording in self._both()]
        if scene.unreadable:
            return [self.unreadable(wording) for wording in self._both()]
        if self.random.random() > SEVERAL:
            return [self.question(scene)]
        much = scene.shapes or scene.facts or scene.buttons
        tries = self.random.randint(4, 8) if much else self.random.randint(2, 4)
        asked = [self.question(scene) for _ in range(tries)]
        texts = [one for one in asked if one.start == 0 and one.answer != scene.title]
        others = list(dict.fromkeys(one for one in asked if one not in texts))
        read = texts[-1:]  # the whole text is read once at most, before or behind the rest
        return [*read, *others] if self.random.random() < 0.3 else [*others, *read]

    def _both(self) -> list[Wording]:
        return [self._worded(one) for one in self.random.sample((ENGLISH, CHINESE), 2)]

    def _worded(self, wording: Wording) -> Wording:
        """Return a wording, or now and then what else people of its language say."""
        if self.random.random() >= REPHRASED:
            return wording
        return CHINESE_MORE if wording.chinese else ENGLISH_MORE

    def question(self, scene: Scene) -> Asked:
        """Choose a question about a scene, mostly in the language that it is written in."""
        chinese = self.random.random() < (0.75 if scene.chinese else 0.12)
        wording = self._worded(CHINESE if chinese else ENGLISH)
        asks = {
            self.reading: 1.6 if scene.lines else 0.5,
            self.title: 0.8 if scene.title else 0.15 if scene.lines else 0.01,
            self.fact: 1.6 if scene.facts else 0.04,
            self.button: 1.6 if scene.buttons else 0.0,  # no number of them more often than chance
            self.buttons: 0.6 if scene.buttons else 0.35 if scene.lines else 0.02,
            self.shape: 4.0 if scene.shapes else 0.02,
            self.shapes: 0.7 if scene.shapes else 0.02,
            self.all_of_them: 0.35 if scene.shapes else 0.0,
            self.beyond: 0.25 if scene.lines and not (scene.facts or scene.buttons) else 0.5,
        }
        return self.random.choices(list(asks), list(asks.values()))[0](scene, wording)

    def reading(self, scene: Scene, wording: Wording) -> Asked:
        """Ask for all text."""
        text = "\n".join(scene.lines)
        ask = self.random.choice(wording.read)
        return Asked(ask, text, start=0) if text else Asked(ask, wording.no_text)

    def title(self, scene: Scene, wording: Wording) -> Asked:
        """Ask for the title, which is the first text where there is one."""
        ask = self.random.choice(wording.title)
        if scene.title:
            return Asked(ask, scene.title, start=0)
        return Asked(ask, wording.no_title if scene.lines else wording.no_text)

    def fact(self, scene: Scene, wording: Wording) -> Asked:
        """Ask for a value by its label, at times by a label that is not there."""
        ask = self.random.choice(wording.fact)
        labels = [fact.label for fact in scene.facts]
        known = [fact for fact in scene.facts if labels.count(fact.label) == 1]
        if not known or self.random.random() < 0.2:
            strange = self.random.choice([x for x in LABELS[wording.chinese] if x not in labels])
            return Asked(ask.format(strange), wording.cannot_tell)
        fact: Fact = self.random.choice(known)
        label = fact.label.lower() if self.random.random() < 0.5 else fact.label
        return Asked(ask.format(label), fact.value, start=fact.start)

    def button(self, scene: Scene, wording: Wording) -> Asked:
        """Ask which button stands at an end of the row, or how many there are."""
        if self.random.random() < 0.35:
            return Asked(wording.buttons, str(len(scene.buttons)))
        which, ask = self.random.choice(wording.button)
        label, start = scene.buttons[which]
        return Asked(ask, label, start=start)

    def buttons(self, scene: Scene, wording: Wording) -> Asked:
        """Ask for all buttons, one a line, or for the middle one of three."""
        if not scene.buttons:
            return self.no_buttons(wording)
        if len(scene.buttons) == 3 and self.random.random() < 0.4:
            label, start = scene.buttons[1]
            return Asked(wording.middle_button, label, start=start)
        labels = "\n".join(label for label, _ in scene.buttons)
        return Asked(self.random.choice(wording.all_buttons), labels, start=scene.buttons[0][1])

    def no_buttons(self, wording: Wording) -> Asked:
        """Ask about buttons where there are none."""
        if self.random.random() < 0.35:
            return Asked(wording.buttons, "0")
        asks = (*wording.all_buttons, wording.middle_button, *(ask for _, ask in wording.button))
        return Asked(self.random.choice(asks), wording.no_button)

    def beyond(
        self, scene: Scene, wording: Wording, beyond: tuple[Beyond, Beyond] = BEYOND
    ) -> Asked:
        """Ask what cannot be answered: of a thing, of what is not told, or where no shape is."""
        draw, kinds = self.random.random(), [shape.kind for shape in scene.shapes]
        strange = [shape for shape in SHAPES if shape not in kinds]
        if draw < (0.1 if scene.lines else 0.4) and not kinds:
            return Asked(self.random.choice(wording.name), wording.cannot_tell)
        if draw < 0.3 and kinds and strange:
            ask = wording.where.format(wording.shapes[self.random.choice(strange)])
            return Asked(ask, wording.cannot_tell)
        asks = beyond[wording.chinese]
        thing = self.random.choice(asks.things)
        return Asked(self.random.choice(asks.asks).format(thing), wording.cannot_tell)

    def unreadable(self, wording: Wording) -> Asked:
        """Ask about text that is too small to be read, mostly for all of it."""
        label = self.random.choice(LABELS[wording.chinese])
        asks = (
            *wording.title,
            *wording.all_buttons,
            wording.buttons,
            wording.fact[0].format(label),
        )
        ask = self.random.choice(wording.read if self.random.random() < 0.6 else asks)
        return Asked(ask, wording.cannot_tell)

    def name(self, names: tuple[str, str], wording: Wording) -> Asked:
        """Ask what is shown; it has a name in English and one in Chinese."""
        return Asked(self.random.choice(wording.name), names[wording.chinese])

    def shape(self, scene: Scene, wording: Wording) -> Asked:
        """Ask for a colour, a shape or a place where it is unique, or for a number."""
        kinds = [shape.kind for shape in scene.shapes]
        unique = [shape for shape in scene.shapes if kinds.count(shape.kind) == 1]
        draw = self.random.random()
        if unique and draw < 0.18:
            shape = self.random.choice(unique)
            ask = self.random.choice(wording.colour).format(wording.shapes[shape.kind])
            return about(shape, ask, wording.colours[shape.colour])
        if unique and draw < 0.4:
            return self.where(scene, self.random.choice(unique), wording)
        if draw < 0.66:
            return self.which(scene.shapes, wording)
        strange = self.random.choice(SHAPES)
        if draw < 0.68 and strange not in kinds:
            ask = self.random.choice(wording.colour).format(wording.shapes[strange])
            return Asked(ask, wording.cannot_tell)
        kind = self.random.choice([*kinds, *kinds, *kinds, strange])
        ask = self.random.choice(wording.number).format(wording.shapes[kind] + wording.plural)
        return Asked(ask, str(kinds.count(kind)))

    def shapes(self, scene: Scene, wording: Wording) -> Asked:
        """Ask how many shapes there are together, whatever they are."""
        return Asked(self.random.choice(wording.all_shapes), str(len(scene.shapes)))

    def all_of_them(self, scene: Scene, wording: Wording) -> Asked:
        """Ask what is shown where shapes are: all of them are named with their colours."""
        ends = [wording.between] * (len(scene.shapes) - 1) + [""]
        names = [
            wording.coloured.format(wording.colours[shape.colour], wording.shapes[shape.kind]) + end
            for shape, end in zip(scene.shapes, ends, strict=True)
        ]
        places = tuple(
            (len(name), (shape.x, shape.y)) for name, shape in zip(names, scene.shapes, strict=True)
        )
        ask = self.random.choice((*wording.name, *wording.which_shapes))
        return Asked(ask, "".join(names), places)

    def where(self, scene: Scene, shape: Shape, wording: Wording) -> Asked:
        """Ask in which ninth of the picture a shape stands."""
        row, column = (
            min(2, int(3 * at / side))
            for at, side in zip((shape.y, shape.x), scene.picture.size[::-1], strict=True)
        )
        ask = wording.where.format(wording.shapes[shape.kind])
        return about(shape, ask, wording.places[3 * row + column])

    def which(self, shapes: list[Shape], wording: Wording) -> Asked:
        """Ask for the shape of a colour of one shape; where none has it, it cannot be told."""
        colours = [shape.colour for shape in shapes]
        unique = [colour for colour in colours if colours.count(colour) == 1]
        strange = [colour for colour in COLOURS if colour not in colours]
        colour = self.random.choice(unique if unique and self.random.random() < 0.9 else strange)
        of_it = [shape for shape in shapes if shape.colour == colour]
        ask = wording.which.format(wording.colours[colour])
        if not of_it:
            return Asked(ask, wording.cannot_tell)
        return about(of_it[0], ask, wording.shapes[of_it[0].kind])


def about(shape: Shape, question: str, answer: str) -> Asked:
    """Return a question whose whole answer is about one shape."""
    return Asked(question, answer, ((len(answer), (shape.x, shape.y)),))


LABELS = (
    (
        *("name", "date", "total", "city", "phone", "amount", "price", "address", "number"),
        *("code", "time", "version", "size", "status", "user", "order", "country", "weight"),
        *("tax", "width", "height", "speed", "level", "model", "owner", "type", "age", "e-mail"),
    ),
    (
        *("姓名", "日期", "总计", "城市", "电话", "金额", "价格", "地址", "数量", "编号", "时间"),
        *("版本", "大小", "状态", "用户", "订单", "国家", "重量", "税额", "宽度", "高度", "速度"),
        *("等级", "型号", "类型", "年龄", "邮箱", "单价", "学校", "部门"),
    ),
)  # of values in forms, English and Chinese
