"""Conversations to keep, with pictures that need not be decoded."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from desktop_app.exchange import AnswerState
from desktop_app.history.importing import PNG
from desktop_app.history.records import (
    StoredConversation,
    StoredPicture,
    StoredTurn,
    Summary,
)
from engine.messages import Speaker, StopReason

NOON = 1_700_000_000.0


class Clock:
    """A clock that goes on one second whenever it is looked at."""

    def __init__(self, start: float = NOON) -> None:
        self.seconds = start

    def __call__(self) -> float:
        self.seconds += 1
        return self.seconds


def question(text: str, position: int = 0) -> StoredTurn:
    return StoredTurn(position, Speaker.USER, text, NOON)


def answer(text: str, position: int = 1, state: AnswerState = AnswerState.FINISHED) -> StoredTurn:
    return StoredTurn(position, Speaker.ASSISTANT, text, NOON, state, StopReason.END, 33, 4.5)


def picture(data: bytes = b"picture") -> StoredPicture:
    key = hashlib.sha256(data).hexdigest()
    thumbnail = data if data.startswith(PNG) else b""
    return StoredPicture(key, "receipt.png", "image/png", 900, 1200, data, thumbnail)


def conversation(
    key: str,
    texts: Sequence[str] = ("What is it?", "A receipt."),
    data: bytes = b"",
    updated: float = NOON,
) -> StoredConversation:
    makers = (question, answer)
    turns = tuple(makers[place % 2](text, place) for place, text in enumerate(texts))
    summary = Summary(key, texts[0][:60], NOON, updated, "starter")
    if not data:
        return StoredConversation(summary, None, turns)
    shown = picture(data)
    summary = replace(summary, picture=shown.key, picture_name=shown.name)
    return StoredConversation(summary, shown, turns)
