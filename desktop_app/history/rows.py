"""Between the rows of the file and the values of the program."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from desktop_app.exchange import AnswerState
from desktop_app.history.records import StoredPicture, StoredTurn, Summary
from engine.messages import Speaker, StopReason

Row = tuple[Any, ...]

SUMMARY = """SELECT id, title, created, updated, model, pinned, renamed,
    COALESCE(picture, ''), picture_name FROM conversations"""
ORDER = "ORDER BY pinned DESC, updated DESC, id"
TURNS = """SELECT position, speaker, text, created, state, stop_reason, tokens_written,
    write_seconds, version, shown, follows, model FROM turns WHERE conversation = ?
    ORDER BY position, version"""
PICTURE = "SELECT key, name, media, width, height, data, thumbnail FROM pictures WHERE key = ?"
INSERT_PICTURE = """INSERT INTO pictures (key, name, media, width, height, data, thumbnail)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""
INSERT_CONVERSATION = """INSERT INTO conversations
    (id, title, created, updated, model, pinned, renamed, picture, picture_name)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
UPSERT_TURN = """INSERT INTO turns (conversation, position, speaker, text, created, state,
    stop_reason, tokens_written, write_seconds, version, shown, follows, model)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (conversation, position, version) DO UPDATE SET
    text = excluded.text, state = excluded.state, stop_reason = excluded.stop_reason,
    tokens_written = excluded.tokens_written, write_seconds = excluded.write_seconds,
    shown = excluded.shown"""
SHOW = """UPDATE turns SET shown = 1 WHERE conversation = ? AND position = ? AND version = ?
    RETURNING follows"""
HIDE_OTHERS = """UPDATE turns SET shown = 0 WHERE shown AND conversation = ? AND position = ?
    AND follows = ? AND version != ?"""


def clean(text: str) -> str:
    """Text as the file takes it: half of a character pair has no UTF-8, NUL would end a match."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def json_list(values: Iterable[str]) -> str:
    """Any number of values as one parameter, for ``json_each``."""
    return json.dumps(list(values))


def summary(row: Row) -> Summary:
    """Read a row of ``SUMMARY``."""
    key, title, created, updated, model, pinned, renamed, picture_key, name = row
    return Summary(
        key, title, created, updated, model, bool(pinned), bool(renamed), picture_key, name
    )


def summary_row(value: Summary) -> Row:
    """The parameters of ``INSERT_CONVERSATION``."""
    texts = (value.id, clean(value.title), value.created, value.updated, clean(value.model))
    flags = (int(value.pinned), int(value.renamed))
    return (*texts, *flags, value.picture or None, clean(value.picture_name))


def turn(row: Row) -> StoredTurn:
    """Read a row of ``TURNS``."""
    position, speaker, text, created, state, reason, tokens, seconds, *place = row
    version, shown, follows, model = place
    return StoredTurn(
        position,
        Speaker(speaker),
        text,
        created,
        AnswerState(state),
        StopReason(reason) if reason else None,
        tokens,
        seconds,
        version,
        bool(shown),
        follows,
        model,
    )


def turn_row(conversation: str, value: StoredTurn) -> Row:
    """The parameters of ``UPSERT_TURN``."""
    return (
        conversation,
        value.position,
        value.speaker.value,
        clean(value.text),
        value.created,
        value.state.value,
        value.stop_reason.value if value.stop_reason else None,
        value.tokens_written,
        value.write_seconds,
        value.version,
        int(value.shown),
        value.follows,
        clean(value.model),
    )


def picture(row: Row) -> StoredPicture:
    """Read a row of ``PICTURE``."""
    return StoredPicture(*row)


def picture_row(value: StoredPicture) -> Row:
    """The parameters of ``INSERT_PICTURE``."""
    texts = (value.key, clean(value.name), value.media, value.width, value.height)
    return (*texts, value.data, value.thumbnail)
