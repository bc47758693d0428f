"""Conversations as files: text and Markdown to read, JSON to take along and bring back."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from desktop_app import wording
from desktop_app.history.branches import shown_turns
from desktop_app.history.records import StoredConversation, StoredPicture, StoredTurn, Summary
from desktop_app.i18n import tr
from desktop_app.line_breaks import with_breaks
from engine.messages import Speaker

FORMAT = "minicpmv-history"
# 1 had no ``follows``: everything followed version 0. A turn's ``model`` may be missing.
FORMAT_VERSION = 2
BREAK = "  \n"  # without the spaces, viewers of Markdown join the lines


def as_text(conversation: StoredConversation) -> str:
    """One conversation as plain text."""
    summary = conversation.summary
    parts = [summary.title, _facts(conversation)]
    parts += [f"{_who(turn, summary)}:\n{turn.text}" for turn in _shown(conversation)]
    return "\n\n".join(parts) + "\n"


def as_markdown(conversation: StoredConversation) -> str:
    """One conversation as Markdown; answers are Markdown already, what people wrote is quoted."""
    summary = conversation.summary
    parts = [f"# {_one_line(summary.title)}", f"*{_facts(conversation)}*"]
    for turn in _shown(conversation):
        parts.append(f"## {_who(turn, summary)}")
        text = with_breaks(turn.text, BREAK)
        parts.append(text if turn.speaker is Speaker.ASSISTANT else _quoted(text))
    return "\n\n".join(parts) + "\n"


def as_json(conversations: Iterable[StoredConversation]) -> str:
    """Conversations and their pictures, each picture once."""
    pictures: dict[str, StoredPicture] = {}
    entries = []
    for conversation in conversations:
        if conversation.picture is not None:
            pictures[conversation.picture.key] = conversation.picture
        turns = [_turn_entry(turn) for turn in conversation.turns]
        entries.append({**asdict(conversation.summary), "turns": turns})
    return json.dumps(
        {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            "conversations": entries,
            "pictures": [_picture_entry(picture) for picture in pictures.values()],
        },
        ensure_ascii=False,
        indent=1,
    )


def _turn_entry(turn: StoredTurn) -> dict[str, Any]:
    return asdict(turn)


def _picture_entry(picture: StoredPicture) -> dict[str, Any]:
    return {
        "key": picture.key,
        "name": picture.name,
        "media": picture.media,
        "width": picture.width,
        "height": picture.height,
        "data": base64.b64encode(picture.data).decode("ascii"),
        "thumbnail": base64.b64encode(picture.thumbnail).decode("ascii"),
    }


def _shown(conversation: StoredConversation) -> list[StoredTurn]:
    return [turn for turn in shown_turns(conversation.turns) if turn.text]


def _who(turn: StoredTurn, summary: Summary) -> str:
    if turn.speaker is Speaker.USER:
        return tr("You")
    return wording.model_name(turn.model or summary.model) or tr("Answer")


def _facts(conversation: StoredConversation) -> str:
    """When it began, and about which picture it is."""
    began = datetime.fromtimestamp(conversation.summary.created, UTC).astimezone()
    facts = [f"{began:%Y-%m-%d %H:%M}"]
    picture = conversation.picture
    if picture is not None:
        size = wording.picture_size(picture.width, picture.height)
        facts += [conversation.summary.picture_name or picture.name, size]
    return " · ".join(facts)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" if line.strip() else ">" for line in text.splitlines())
