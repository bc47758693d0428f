"""What a server says of an answer: a chunk of a stream, or all of it at once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

DONE = b"[DONE]"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the server counts them."""

    prompt: int = 0
    reused: int = 0  # of the prompt
    written: int = 0


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of an answer, and what is known with it.

    ``thought`` is text that is not for the reader. ``failure`` is the body of an error that
    came in place of a piece.
    """

    text: str = ""
    thought: bool = False
    reason: str = ""
    usage: Usage | None = None
    failure: bytes = b""


def read_chunk(data: bytes) -> Chunk:
    """Read one JSON object. Raises ValueError for anything that is not a completion."""
    told = json.loads(data)
    if not isinstance(told, dict):
        raise ValueError("not an object")
    if told.get("error") or told.get("object") == "error":
        return Chunk(failure=data)
    choices = told.get("choices")
    usage = _usage(told.get("usage"))
    if not choices and ("choices" in told or usage is not None):
        return Chunk(usage=usage)
    if not isinstance(choices, list) or not isinstance(choices[0], dict):
        raise ValueError("no choices")
    return _choice(choices[0], usage)


def _choice(choice: dict[str, Any], usage: Usage | None) -> Chunk:
    piece = choice.get("delta") or choice.get("message") or {}
    if not isinstance(piece, dict):
        raise ValueError("no delta")
    text = piece.get("content") or ""
    reason = choice.get("finish_reason") or ""
    if not isinstance(text, str) or not isinstance(reason, str):
        raise ValueError("content is not text")
    thought = bool(piece.get("reasoning_content") or piece.get("reasoning"))
    return Chunk(text, thought, reason, usage)


def _usage(told: object) -> Usage | None:
    if not isinstance(told, dict):
        return None
    details = told.get("prompt_tokens_details")
    reused = details.get("cached_tokens") if isinstance(details, dict) else 0
    return Usage(
        prompt=_count(told.get("prompt_tokens")),
        reused=_count(reused),
        written=_count(told.get("completion_tokens")),
    )


def _count(told: object) -> int:
    return told if isinstance(told, int) and told > 0 else 0
