"""What is asked about a picture, in English and Chinese, with the true answers."""

from __future__ import annotations

import random
from dataclasses import dataclass

from scenes import COLOURS, SHAPES, Fact, Scene, Shape

SEVERAL = 0.7  # of the pictures are asked about more than once: questions are cheaper than pictures


@dataclass(frozen=True)
class Wording:
    """One language's sentences; `{}` takes what the question is about."""

    read: tuple[str, ...]
    title: tuple[str, ...]
    fact: tuple[str, ...]
    button: tuple[tuple[int, str], ...]  # which of the buttons, counted as Python does
    buttons: str
    all_buttons: tuple[str, ...]
    middle_button: str
    colour: tuple[str, ...]
    which: str
    where: str
    number: tuple[str, ...]
    all_shapes: tuple[str, ...]
    name: tuple[str, ...]
    no_text: str
    no_title: str
    no_button: str
    cannot_tell: str
    shapes: dict[str, str]
    plural: str
    colours: dict[str, str]
    places: tuple[str, ...]  # of three rows of three


ENGLISH = Wording(
    read=(
        "Read the text.",
        "Read the text.",
        "Read all text in the picture.",
        "What does it say?",
        "Read the text in the picture.",
        "What text is in the picture?",
    ),
    title=("What is the title?", "What is the title of the window?", "Read the title."),
    fact=("What is the {}?", "What does it say for {}?"),
    button=((0, "Which button is on the left?"), (-1, "Which button is on the right?")),
    buttons="How many buttons are there?",
    all_buttons=("Which buttons are there?", "What buttons are there?"),
    middle_button="Which button is in the middle?",
    colour=("What colour is the {}?", "What color is the {}?"),
    which="What shape is {}?",
    where="Where is the {}?",
    number=("How many {} are there?", "How many {} are in the picture?"),
    all_shapes=("How many shapes are there?", "How many shapes are in the picture?"),
    name=("What is this?", "What is in the picture?"),
    no_text="There is no text in the picture.",
    no_title="There is no title in the picture.",
    no_button="There is no button in the picture.",
    cannot_tell="I cannot tell from the picture.",
    shapes={shape: shape for shape in SHAPES},
    plural="s",
    colours={colour: colour for colour in COLOURS},
    places=(
        *("top left", "top", "top right"),
        *("left", "middle", "right"),
        *("bottom left", "bottom", "bottom right"),
    ),
)
CHINESE = Wording(
    read=(
        "读取文字。",
        "读取文字。",
        "图中写了什么？",
        "请读出图片中的文字。",
        "图片里的文字是什么？",
    ),
    title=("标题是什么？", "窗口的标题是什么？"),
    fact=("{}是什么？", "{}是多少？"),
    button=((0, "左边的按钮是什么？"), (-1, "右边的按钮是什么？")),
    buttons="有几个按钮？",
    all_buttons=("有哪些按钮？",),
    middle_button="中间的按钮是什么？",
    colour=("{}是什么颜色？", "{}是什么颜色的？"),
    which="{}的是什么形状？",
    where="{}在哪里？",
    number=("有几个{}？", "图中有几个{}？"),
    all_shapes=("有几个图形？", "图中有几个图形？"),
    name=("这是什么？", "图中是什么？"),
    no_text="图中没有文字。",
    no_title="图中没有标题。",
    no_button="图中没有按钮。",
    cannot_tell="从图中看不出来。",
    shapes=dict(zip(SHAPES, ("圆形", "正方形", "三角形", "星形", "长方形"), strict=True)),
    plural="",
    colours=dict(
        zip(
            COLOURS,
            ("红色", "绿色", "蓝色", "黄色", "橙色", "紫色", "黑色", "白色", "灰色", "粉色"),
            strict=True,
        )
    ),
    places=("左上", "上面", "右上", "左边", "中间", "右边", "左下", "下面", "右下"),
)


@dataclass(frozen=True)
class Asked:
    """A question with its true answer, and where in the picture the answer is seen."""

    question: str
    answer: str
    place: tuple[float, float] | None = None  # in pixels, of a thing that the answer is about
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
        return self.random.sample((ENGLISH, CHINESE), 2)

    def question(self, scene: Scene) -> Asked:
        """Choose a question about a scene, mostly in the language that it is written in."""
        wording = CHINESE if self.random.random() < (0.75 if scene.chinese else 0.12) else ENGLISH
        asks = {
            self.reading: 1.6 if scene.lines else 0.5,
            self.title: 0.8 if scene.title else 0.01,
            self.fact: 1.6 if scene.facts else 0.04,
            self.button: 1.6 if len(scene.buttons) > 2 else 0.8 if scene.buttons else 0.0,
            self.buttons: 0.6 if scene.buttons else 0.2 if scene.lines else 0.02,
            self.shape: 4.0 if scene.shapes else 0.02,
            self.shapes: 0.7 if scene.shapes else 0.02,
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
            strange = self.random.choice([x for x in LABELS[wording is CHINESE] if x not in labels])
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

    def name(self, names: tuple[str, str], wording: Wording) -> Asked:
        """Ask what is shown; it has a name in English and one in Chinese."""
        return Asked(self.random.choice(wording.name), names[wording is CHINESE])

    def shape(self, scene: Scene, wording: Wording) -> Asked:
        """Ask for a colour, a shape or a place where it is unique, or for a number."""
        kinds = [shape.kind for shape in scene.shapes]
        unique = [shape for shape in scene.shapes if kinds.count(shape.kind) == 1]
        draw = self.random.random()
        if unique and draw < 0.18:
            shape = self.random.choice(unique)
            ask = self.random.choice(wording.colour).format(wording.shapes[shape.kind])
            return Asked(ask, wording.colours[shape.colour], (shape.x, shape.y))
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

    def where(self, scene: Scene, shape: Shape, wording: Wording) -> Asked:
        """Ask in which ninth of the picture a shape stands."""
        row, column = (
            min(2, int(3 * at / side))
            for at, side in zip((shape.y, shape.x), scene.picture.size[::-1], strict=True)
        )
        ask = wording.where.format(wording.shapes[shape.kind])
        return Asked(ask, wording.places[3 * row + column], (shape.x, shape.y))

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
        shape = of_it[0]
        return Asked(ask, wording.shapes[shape.kind], (shape.x, shape.y))


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
