"""Questions, pictures and engines for the tests of the streams."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from engine.engine import Engine
from engine.messages import (
    Finished,
    Picture,
    Question,
    Ready,
    Sampling,
    Speaker,
    Turn,
)

FORWARDS = ("see", "read", "step")
GREEDY = Sampling.greedy(max_new_tokens=5)
BEAMS = Sampling.beam(max_new_tokens=5)
SAMPLE = Sampling(max_new_tokens=5, seed=7)
DECODINGS = {"greedy": GREEDY, "beams": BEAMS, "sample": SAMPLE}


def noting(method: Callable[..., Any], seen: list[str], name: str) -> Callable[..., Any]:
    def noted(*args: Any, **options: Any) -> Any:
        seen.append(name)
        return method(*args, **options)

    return noted


def loaded(folder: Path) -> Engine:
    engine = Engine(folder, device="cpu", precision="float32")
    assert isinstance(list(engine.load())[-1], Ready)
    return engine


def picture(shade: str = "teal", size: tuple[int, int] = (120, 230)) -> Picture:
    """Three views: an overview and two slices. Its upper part differs from its lower one."""
    image = Image.new("RGB", size, shade)
    image.paste("white", (10, 10, 60, 90))
    out = io.BytesIO()
    image.save(out, "PNG")
    return Picture.from_bytes(out.getvalue(), f"{shade}.png")


def user(text: str) -> Turn:
    return Turn(Speaker.USER, text)


def asking(
    shade: str | None = "teal", text: str = "what is in the image?", sampling: Sampling = GREEDY
) -> Question:
    return Question(picture(shade) if shade else None, (user(text),), sampling)


def ask(engine: Engine, question: Question) -> Finished:
    last = list(engine.answer(question))[-1]
    assert isinstance(last, Finished)
    return last


def following(question: Question, answer: Finished, text: str) -> Question:
    turns = (*question.turns, Turn(Speaker.ASSISTANT, answer.text), user(text))
    return Question(question.picture, turns, question.sampling)


def fresh(folder: Path, question: Question) -> tuple[int, ...]:
    return ask(loaded(folder), question).token_ids


# Loading
