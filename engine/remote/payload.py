"""A question as the body of a chat completion request."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ..messages import Decoding, Question, Sampling, Speaker, Turn

# Beyond the interface's own fields, by vLLM's and llama.cpp's names; strict servers refuse them.
# Unlike the local engine, vLLM counts the prompt among what is penalised, and llama.cpp only the
# last tokens.
EXTRAS = frozenset({"top_k", "repetition_penalty", "repeat_penalty", "stream_options"})


@dataclass(frozen=True, slots=True)
class Draft:
    """What had to be given up before a server took the question.

    ``without`` names fields that it refused; ``limit`` is its name for the longest answer, or
    empty; turns before ``first_turn`` are left out.
    """

    without: frozenset[str] = frozenset()
    limit: str = "max_tokens"
    first_turn: int = 0


def payload(question: Question, model: str, picture_url: str, draft: Draft) -> bytes:
    """The body. Strings such as <image> in the turns are for the server to make sense of."""
    turns = question.turns[draft.first_turn :]
    fields: dict[str, Any] = {
        "model": model,
        "messages": _messages(turns, picture_url),
        "stream": True,
        "stream_options": {"include_usage": True},
        **_sampling(question.sampling),
    }
    if draft.limit:
        fields[draft.limit] = question.sampling.max_new_tokens
    if turns[-1].speaker is Speaker.ASSISTANT:  # vLLM's words for: go on where it ends
        fields |= {"continue_final_message": True, "add_generation_prompt": False}
    sent = {name: value for name, value in fields.items() if name not in draft.without}
    return json.dumps(sent, ensure_ascii=False).encode("utf-8", errors="replace")


def _messages(turns: tuple[Turn, ...], picture_url: str) -> list[dict[str, Any]]:
    messages = [_message(turn, "") for turn in turns]
    if picture_url:
        messages[0] = _message(turns[0], picture_url)
    return messages


def _message(turn: Turn, picture_url: str) -> dict[str, Any]:
    if not picture_url:
        return {"role": turn.speaker.value, "content": turn.text}
    picture = {"type": "image_url", "image_url": {"url": picture_url}}
    text = {"type": "text", "text": turn.text}
    return {"role": turn.speaker.value, "content": [picture, text]}


def _sampling(sampling: Sampling) -> dict[str, Any]:
    """All values are said, since a server has defaults of its own."""
    penalty = sampling.repetition_penalty
    fields: dict[str, Any] = {"repetition_penalty": penalty, "repeat_penalty": penalty}
    if sampling.decoding is Decoding.GREEDY:
        return fields | {"temperature": 0}
    fields |= {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k or -1,  # all of them
    }
    return fields if sampling.seed is None else fields | {"seed": sampling.seed}
