"""Reading order, tables and joining: pure geometry, on layouts that are written down."""

from __future__ import annotations

import random

import pytest

from engine.quick.boxes import Block, Box
from engine.quick.joining import paragraph_starts, row_text
from engine.quick.order import lines_of, reading_order
from engine.quick.tables import rows_of

Told = tuple[float, float, str]  # left, line, text
HEIGHT, PITCH, LETTER = 20, 24, 9


def placed(*told: Told, pitch: float = PITCH) -> tuple[list[Box], dict[int, str]]:
    """Boxes for texts at a left edge and a line, shuffled, since finders promise no order."""
    boxes, texts = [], {}
    for number, (left, line, text) in enumerate(told):
        width = sum(2 * LETTER if ord(mark) > 0x2E80 else LETTER for mark in text)
        top = line * pitch
        boxes.append(Box(left, top, left + width, top + HEIGHT, number))
        texts[number] = text
    random.Random(len(told)).shuffle(boxes)
    return boxes, texts


def read(*told: Told) -> str:
    boxes, texts = placed(*told)
    blocks = [[row_text(row, texts) for row in rows_of(block)] for block in reading_order(boxes)]
    return "\n\n".join("\n".join(block) for block in blocks)


def column(left: float, first: float, texts: list[str]) -> list[Told]:
    return [(left, first + row, text) for row, text in enumerate(texts)]


LONG = ["the first line of this column", "the second line of the column", "and then its third line"]
OTHER = ["here begins the other column", "which goes on for some lines", "until it ends down here"]


def test_nothing() -> None:
    assert reading_order([]) == ()


def test_one_line_from_left_to_right() -> None:
    assert read((200, 0, "fox"), (0, 0, "the"), (100, 0, "brown")) == "the brown fox"


def test_lines_from_top_to_bottom() -> None:
    assert read(*column(0, 0, LONG)) == "\n".join(LONG)


def test_columns_are_read_one_after_the_other() -> None:
    """Though their lines lie level with each other."""
    told = [*column(0, 0, LONG), *column(320, 0, OTHER)]
    assert read(*told) == "\n".join(LONG) + "\n\n" + "\n".join(OTHER)


def test_three_columns_below_a_title_and_above_a_foot() -> None:
    title, foot = "A title that reaches across more than one column of the page" * 2, "-" * 100
    third = [text.upper() for text in LONG]
    told = [
        (0, 0, title),
        *column(0, 2, LONG),
        *column(320, 2, OTHER),
        *column(640, 2, third),
        (0, 6, foot),
    ]
    parts = ([title], LONG, OTHER, third, [foot])
    assert read(*told) == "\n\n".join("\n".join(part) for part in parts)


def test_a_sidebar_of_another_pitch_comes_first() -> None:
    names = ["Inbox", "Sent", "Drafts", "Archive"]
    told: list[Told] = [(0, 1.45 * row, name) for row, name in enumerate(names)]
    told += column(200, 0, [*LONG, *OTHER])
    assert read(*told) == "\n".join(names) + "\n\n" + "\n".join([*LONG, *OTHER])


@pytest.mark.parametrize(
    "rows",
    [
        [["Name", "Price", "Left"], ["Apple", "1.20", "7"], ["Pear", "0.80", "12"]],
        [["名称", "价格", "数量"], ["苹果", "1.20", "7"], ["梨", "0.80", "12"]],
        [["1", "import os"], ["2", "import sys"], ["3", "print(os.name, sys.path)"]],
    ],
    ids=["English", "Chinese", "numbered code"],
)
def test_tables_are_read_by_rows(rows: list[list[str]]) -> None:
    told = [(150.0 * x, y, text) for y, row in enumerate(rows) for x, text in enumerate(row)]
    assert read(*told) == "\n".join("\t".join(row) for row in rows)


def test_an_empty_cell_keeps_its_place() -> None:
    told = [(0, 0, "Name"), (150, 0, "Price"), (300, 0, "Left"), (0, 1, "Apple"), (300, 1, "7")]
    told += [(0, 2, "Pear"), (150, 2, "0.80"), (300, 2, "12")]
    assert read(*told) == "Name\tPrice\tLeft\nApple\t\t7\nPear\t0.80\t12"


def test_text_around_a_table_is_no_part_of_it() -> None:
    before, after = (
        "What is in stock on this fine day of the year",
        "And that is all there is",
    )
    told = [(0, 0, before), (0, 1, "Apple"), (150, 1, "7"), (0, 2, "Pear"), (150, 2, "12")]
    assert read(*told, (0, 3, after)) == f"{before}\nApple\t7\nPear\t12\n{after}"


def test_two_buttons_are_a_line() -> None:
    told = [(0, 0, "Save the changes to this file?"), (60, 2, "Save"), (180, 2, "Cancel")]
    assert read(*told) == "Save the changes to this file?\nSave Cancel"


def test_a_form_is_read_by_rows() -> None:
    told = [(0, 0, "Name:"), (120, 0, "Ada"), (0, 1.5, "City:"), (120, 1.5, "London")]
    assert read(*told) == "Name:\tAda\nCity:\tLondon"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (((0, 0, "中文"), (38, 0, "字")), "中文字"),
        (((0, 0, "中文"), (90, 0, "字")), "中文 字"),
        (((0, 0, "使用"), (40, 0, "Qt")), "使用Qt"),
        (((0, 0, "use"), (30, 0, "Qt")), "use Qt"),
    ],
)
def test_spaces(told: tuple[Told, ...], expected: str) -> None:
    assert read(*told) == expected


def test_what_says_nothing_leaves_no_gap() -> None:
    boxes, texts = placed((0, 0, "one"), (60, 0, "two"), (120, 0, "three"))
    (block,) = reading_order(boxes)
    (row,) = rows_of(block)
    texts[1] = " "
    assert row_text(row, texts) == "one three"


def test_a_crooked_line_stays_one() -> None:
    """A photograph: each line falls by more than its height from left to right."""
    boxes = [
        Box(100 * x, 30 * y + 8 * x, 100 * x + 90, 30 * y + 8 * x + 20, 10 * y + x)
        for x in range(5)
        for y in range(3)
    ]
    random.Random(1).shuffle(boxes)
    numbers = [[box.number for box in line] for line in lines_of(boxes)]
    assert numbers == [[10 * y + x for x in range(5)] for y in range(3)]


def test_downward_writing_begins_at_the_right() -> None:
    boxes = [Box(40 * n, 0, 40 * n + 30, 300, n) for n in range(4)]
    assert [line[0].number for line in lines_of(boxes)] == [3, 2, 1, 0]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([0], [False]),
        ([0, 1, 2, 4, 5], [False, False, False, True, False]),
        ([0, 3, 6, 9], [False, False, False, False]),
    ],
)
def test_paragraphs(lines: list[float], expected: list[bool]) -> None:
    block: Block = tuple((Box(0, PITCH * line, 300, PITCH * line + HEIGHT),) for line in lines)
    assert paragraph_starts(list(rows_of(block))) == expected


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_lost_or_told_twice(seed: int) -> None:
    draw = random.Random(seed)
    boxes = [
        Box(x := draw.uniform(0, 1500), y := draw.uniform(0, 900), x + draw.uniform(5, 400),
            y + draw.uniform(8, 60), n)
        for n in range(120)
    ]  # fmt: skip
    blocks = reading_order(boxes)
    assert sorted(b.number for block in blocks for line in block for b in line) == list(range(120))
    rows = [row for block in blocks for row in rows_of(block)]
    assert sorted(box.number for row in rows for box in row.boxes) == list(range(120))
