"""Long answers: where they are cut, and that no more is drawn again than their end."""

from __future__ import annotations

import itertools
import random

import pytest
from PySide6.QtGui import QTextTable
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.theme import Theme
from desktop_app.ui import markdown
from desktop_app.ui.cuts import LONG, LONGEST_LINE, Cuts
from desktop_app.ui.growing_text import GrowingText
from desktop_app.ui.long_tables import share_out


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("", ""),
        ("one line", ""),
        ("one\n\n", ""),
        ("one\n\ntwo", "one\n\n"),
        ("one\n\n- two\n\n- three", ""),
        ("- two\n\nplain", "- two\n\n"),
        ("- two\n\n  still two", ""),
        ("```\na\n\nb", "```\na\n\n"),
        ("```\na\n\nb\n```\n\nc", "```\na\n\nb\n```\n\n"),
        ("~~~\n```\n\nb\n~~~\n\nc", "~~~\n```\n\nb\n~~~\n\n"),
        ("````\n```\n\nb", "````\n```\n\n"),
        ("1. a\n\n2. b", ""),
        ("| a |\n|---|\n| 1 |\n\nend", "| a |\n|---|\n| 1 |\n\n"),
        ("# a\n\n# b", "# a\n\n"),
    ],
)
def test_a_cut_is_made_only_where_a_block_has_ended(text: str, safe: str) -> None:
    cuts = Cuts()
    pieces = cuts.advance(text)
    assert text[: cuts.safe] == safe
    assert all(text[: cuts.safe].count(piece.text) for piece in pieces)


PARTS = {
    "paragraphs": "A paragraph with **bold** words in it.\n\n" * 400,
    "a list": "".join(f"{number}. an item of some length\n" for number in range(500)),
    "a program": "```python\n" + "value = compute(1)\n" * 800 + "```\n\n",
    "a table": "| n | item |\n|--:|---|\n"
    + "".join(f"| {row} | a word and another |\n" for row in range(500))
    + "\n",
    "lines of a page": "a line that was read from a page\n" * 450 + "\n",
    "one line": "word and another " * 900 + "\n\n",
}


@pytest.mark.parametrize("name", PARTS)
def test_cuts_do_not_depend_on_how_the_text_comes(name: str) -> None:
    text = PARTS[name]
    whole, step = Cuts(), Cuts()
    at_once = whole.advance(text)
    chance = random.Random(4)
    end, pieces = 0, []
    while end < len(text):
        end += chance.randrange(1, 60)
        pieces += step.advance(text[:end])
    assert pieces == at_once
    assert step.safe == whole.safe > len(text) - LONGEST_LINE
    assert len(at_once) > 1


def test_of_twenty_thousand_tokens_only_the_end_is_drawn_again(
    growing: GrowingText, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "".join(PARTS.values()).strip()
    tokens = [text[place : place + 4] for place in range(0, len(text), 4)]
    assert len(tokens) > 18_000
    rendered: list[int] = []
    touched: list[tuple[int, int]] = []  # how far from the end, and how much went
    whole = markdown.render

    def render(part: str, *more: object, **named: bool) -> object:
        rendered.append(len(part))
        return whole(part, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(markdown, "render", render)
    growing.document().contentsChange.connect(
        lambda place, gone, came: touched.append(
            (growing.document().characterCount() - place, gone)
        )
    )
    for number, token in enumerate(tokens, 1):
        growing.append_text(token)
        if number % 50 == 0:
            growing.draw_now()
    most = 2 * LONG + LONGEST_LINE
    assert max(rendered) <= most
    assert max(from_end for from_end, _ in touched) <= 2 * most
    assert max(gone for _, gone in touched) <= most
    drawings = len(rendered)
    growing.set_text(text)
    assert len(rendered) <= drawings + 2  # the end of the answer is no second drawing of it


TABLE = PARTS["a table"].strip()


def test_rows_go_on_below_the_head_of_their_table() -> None:
    pieces = Cuts().advance(f"# Prices\n\n{TABLE}\n\nThe end.\n\nMore")
    head = TABLE[: TABLE.index("| 0")]
    parts = [piece for piece in pieces if "| a word" in piece.text]
    assert "".join(piece.text for piece in parts).strip() == f"# Prices\n\n{TABLE}"
    assert [piece.head for piece in parts] == ["", *[head] * (len(parts) - 1)]
    assert len(parts) > 5
    assert all(len(piece.text) < 1.1 * LONG for piece in parts)
    assert [piece.head for piece in pieces if "The end" in piece.text] == [""]


@pytest.mark.parametrize(
    "begin",
    ["a line\n| n | item |\n|---|---|\n", "| n | item |\n|---|\n", "- | n | item |\n|--|--|\n"],
)
def test_what_is_no_table_has_no_head(begin: str) -> None:
    rows = "".join(f"| {row} | a word and another |\n" for row in range(500))
    assert not any(piece.head for piece in Cuts().advance(begin + rows))


def gaps(text: GrowingText) -> list[float]:
    """From row to row, through all parts of all tables."""
    layout = text.document().documentLayout()
    cells = [
        layout.blockBoundingRect(table.cellAt(row, 0).firstCursorPosition().block())
        for table in text.document().rootFrame().childFrames()
        if isinstance(table, QTextTable)
        for row in range(table.rows())
    ]
    return [below.top() - above.bottom() for above, below in itertools.pairwise(cells)]


def test_a_long_table_reads_and_looks_like_one(growing: GrowingText) -> None:
    whole = markdown.render(TABLE, growing._theme.colors, growing.font()).toPlainText()
    for end in range(40, len(TABLE) + 40, 40):
        growing.append_text(TABLE[end - 40 : end])
        growing.draw_now()
    text = growing.toPlainText()
    assert [line for line in text.splitlines() if line] == [
        line for line in whole.splitlines() if line
    ]
    document, layout = growing.document(), growing.document().documentLayout()
    for width in (700, 300):
        growing.window().resize(width, 400)
        growing.window().grab()
        tables = list(document.rootFrame().childFrames())
        assert len(tables) > 5
        frames = [layout.frameBoundingRect(each) for each in tables]
        assert len({(frame.left(), frame.width()) for frame in frames}) == 1
        assert max(gaps(growing)) == pytest.approx(min(gaps(growing)), abs=1.5)
        places = [
            layout.blockBoundingRect(each.cellAt(0, 1).firstCursorPosition().block()).left()
            for each in tables
            if isinstance(each, QTextTable)
        ]
        assert len(set(places)) == 1
    growing.append_text("\n\n- one\n- two")
    growing.draw_now()
    assert growing.toPlainText().splitlines()[-2:] == ["one", "two"]


def test_a_long_table_that_is_drawn_before_it_has_a_width_finds_one(
    qtbot: QtBot, qapp: QApplication
) -> None:
    """As a kept conversation is opened."""
    text = GrowingText(Theme(qapp, "light"), "Answer")
    qtbot.addWidget(text)
    text.set_text(TABLE)
    text.setFixedWidth(600)
    text.show()
    text.grab()
    layout = text.document().documentLayout()
    frames = [layout.frameBoundingRect(each) for each in text.document().rootFrame().childFrames()]
    assert len({frame.width() for frame in frames}) == 1
    assert 200 < frames[0].width() < 600


@pytest.mark.parametrize(
    ("wishes", "given"),
    [
        ([10, 20], [10, 20]),
        ([10, 200], [10, 90]),
        ([300, 20, 300], [40, 20, 40]),
        ([50, 50, 50], [100 / 3] * 3),
    ],
)
def test_where_room_is_short_the_widest_columns_give_way(
    wishes: list[float], given: list[float]
) -> None:
    assert share_out(wishes, 100) == pytest.approx(given)


def test_the_first_words_stay_untouched_to_the_end(growing: GrowingText) -> None:
    growing.append_text("First **words**.\n\n")
    growing.append_text("More")
    growing.draw_now()
    first = growing.document().begin()
    layout = first.layout()
    for _ in range(50):
        growing.append_text(" of it.\n\nMore")
        growing.draw_now()
    assert growing.document().begin().layout() is layout
    assert first.isValid()
    assert first.text() == "First words."
