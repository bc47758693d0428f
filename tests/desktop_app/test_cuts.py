"""Long answers: where they are cut, and that no more is drawn again than their end."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.theme import Theme
from desktop_app.ui import markdown
from desktop_app.ui.cuts import LONG, LONGEST_LINE, Cuts
from desktop_app.ui.growing_text import GrowingText


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


@pytest.fixture
def growing(qtbot: QtBot, qapp: QApplication) -> Iterator[GrowingText]:
    area = QScrollArea()
    qtbot.addWidget(area)
    made = GrowingText(Theme(qapp, "light"), "Answer")
    area.setWidgetResizable(True)
    page = QWidget()
    QVBoxLayout(page).addWidget(made)
    area.setWidget(page)
    area.resize(700, 400)
    area.show()
    yield made
    area.hide()


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
