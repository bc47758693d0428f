"""Turns and views to the token ids that the model was trained on."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from .errors import QuestionError, QuestionFault
from .messages import Speaker, Turn
from .tokenizer import Tokenizer
from .turns import check_turns

# Ordinary text, not special tokens; there is nothing between turns and no closing token.
MARKERS = {Speaker.USER: "<用户>", Speaker.ASSISTANT: "<AI>"}


@dataclass(frozen=True, slots=True)
class Prompt:
    """Token ids, bos first. ``image_bounds`` holds each view's (start, end) of placeholders."""

    ids: tuple[int, ...]
    image_bounds: tuple[tuple[int, int], ...] = ()
    dropped_turns: int = 0


def build(
    turns: Sequence[Turn],
    grid: tuple[int, int] | None,
    tokenizer: Tokenizer,
    *,
    has_picture: bool,
    limit: int,
    query_num: int = 64,
    special_tokens: bool = False,
) -> Prompt:
    """Lay out a conversation, with the picture's views in the first of the turns that are kept.

    ``grid`` is (columns, rows) or None. Where more than ``limit`` ids come out, the oldest turns
    are left out, up to a turn of the user. Raises QuestionError.
    """
    check_turns(turns, has_picture)
    picture = _views(grid, tokenizer, query_num) if has_picture else []

    def from_turn(first: int) -> Prompt:
        parts = _conversation(turns[first:], picture)
        return _encode(parts, tokenizer, special_tokens, first)

    later = [i for i, turn in enumerate(turns) if i and turn.speaker is Speaker.USER]
    starts = [0, *later]
    # A shorter conversation has fewer ids, so the longest one that fits is found by halving.
    best = bisect_left(starts, True, key=lambda first: len(from_turn(first).ids) <= limit)
    prompt = from_turn(starts[min(best, len(starts) - 1)])
    if len(prompt.ids) > limit:
        raise QuestionError(QuestionFault.TOO_LONG, tokens=len(prompt.ids), limit=limit)
    return prompt


# A part is text, a control token's id, or a view's placeholders.
_Part = str | int | tuple[int, ...]


def _views(grid: tuple[int, int] | None, tokenizer: Tokenizer, query_num: int) -> list[_Part]:
    """The overview, then the rows of slices; the newlines are text."""
    placeholders = (tokenizer.unk_id,) * query_num
    view: list[_Part] = [tokenizer.im_start_id, placeholders, tokenizer.im_end_id]
    if grid is None:
        return [*view, "\n"]
    columns, rows = grid
    slices = [part for _ in range(rows) for part in (*view * columns, "\n")][:-1]
    return [*view, tokenizer.slice_start_id, *slices, tokenizer.slice_end_id, "\n"]


def _conversation(turns: Sequence[Turn], picture: list[_Part]) -> list[_Part]:
    """Every turn behind its marker; an answer that is still to come is a bare marker."""
    parts: list[_Part] = [MARKERS[turns[0].speaker], *picture, turns[0].text]
    for turn in turns[1:]:
        parts += [MARKERS[turn.speaker], turn.text]
    if turns[-1].speaker is Speaker.USER:
        parts.append(MARKERS[Speaker.ASSISTANT])
    return parts


def _encode(
    parts: list[_Part], tokenizer: Tokenizer, special_tokens: bool, dropped_turns: int
) -> Prompt:
    ids, bounds, text = [tokenizer.bos_id], list[tuple[int, int]](), ""
    for part in [*parts, ()]:
        # Text up to the next control token is encoded in one go: pieces may span what is joined.
        if isinstance(part, str):
            text += part
            continue
        ids += tokenizer.encode(text, special_tokens)
        text = ""
        if isinstance(part, int):
            ids.append(part)
        elif part:
            bounds.append((len(ids), len(ids) + len(part)))
            ids += part
    return Prompt(tuple(ids), tuple(bounds), dropped_turns)
