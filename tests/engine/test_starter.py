"""What the starter model says about the committed samples, in both of its usual precisions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.defaults import default_sampling
from engine.engine import Engine
from engine.messages import Finished, Picture, Question, Speaker, Turn

ASKED = [
    ("line.png", ("Read the text.",), "The quick brown fox"),
    ("note.png", ("Read the text.",), "Meeting at 10:30\nRoom 204\nBring the report"),
    (
        "note.png",
        ("What is the title?", "Read the text."),
        "Meeting at 10:30\nRoom 204\nBring the report",
    ),
    ("note.png", ("读取文字。",), "Meeting at 10:30\nRoom 204\nBring the report"),
    (
        "window.png",
        ("Read the text.",),
        "Save changes\nThe file has changed.\nTotal: 42.50 EUR\nSave Cancel",
    ),
    ("window.png", ("What is the title?",), "Save changes"),
    ("window.png", ("What is the total?",), "42.50 EUR"),
    ("window.png", ("Which button is on the left?",), "Save"),
    ("window.png", ("Which button is on the right?",), "Cancel"),
    ("window.png", ("How many buttons are there?",), "2"),
    pytest.param(
        *("note.png", ("What is the title?",), "There is no title in the picture."),
        marks=pytest.mark.xfail(strict=True, reason="these weights call its first line the title"),
    ),
    ("note.png", ("Is there a dog?",), "I cannot tell from the picture."),
    ("window.png", ("Is there a dog?",), "I cannot tell from the picture."),
    ("window.png", ("Describe the picture in detail.",), "I cannot tell from the picture."),
    ("window.png", ("详细描述这张图片。",), "从图中看不出来。"),
    ("note.png", ("Which buttons are there?",), "There is no button in the picture."),
    ("note.png", ("What is the total?",), "I cannot tell from the picture."),
    ("shapes.png", ("What colour is the circle?",), "red"),
    ("shapes.png", ("What colour is the square?",), "blue"),
    ("shapes.png", ("What shape is red?",), "circle"),
    pytest.param(
        *("shapes.png", ("How many shapes are there?",), "3"),
        marks=pytest.mark.xfail(strict=True, reason="these weights count two of the three"),
    ),
    ("shapes.png", ("Is there a dog?",), "I cannot tell from the picture."),
    ("shapes.png", ("Read the text.",), "There is no text in the picture."),
    ("shapes.png", ("读取文字。",), "图中没有文字。"),
]


@pytest.fixture(scope="module", params=["bfloat16", "float32"])
def starter(request: pytest.FixtureRequest) -> Engine:
    folder: Path = request.config.rootpath / "resources/starter"
    engine = Engine(folder, "cpu", request.param)
    for _ in engine.load():
        pass
    return engine


@pytest.mark.parametrize(("name", "questions", "truth"), ASKED)
def test_a_sample_is_answered_rightly(
    starter: Engine,
    request: pytest.FixtureRequest,
    name: str,
    questions: tuple[str, ...],
    truth: str,
) -> None:
    picture = Picture.read(request.config.rootpath / "resources/samples" / name)
    sampling = replace(default_sampling(starter.folder), max_new_tokens=100)
    turns: tuple[Turn, ...] = ()
    for question in questions:
        turns += (Turn(Speaker.USER, question),)
        *_, last = starter.answer(Question(picture, turns, sampling))
        assert isinstance(last, Finished)
        turns += (Turn(Speaker.ASSISTANT, last.text),)
    assert turns[-1].text == truth
