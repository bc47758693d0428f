"""What any conversation must look like before a model can answer it."""

from __future__ import annotations

from collections.abc import Sequence

from .errors import QuestionError, QuestionFault
from .messages import Speaker, Turn


def check_turns(turns: Sequence[Turn], has_picture: bool) -> None:
    """Raise QuestionError where something is missing; a picture belongs to a turn of the user."""
    if not turns:
        raise QuestionError(QuestionFault.NO_TURNS)
    if has_picture and turns[0].speaker is not Speaker.USER:
        raise QuestionError(QuestionFault.FIRST_TURN_NOT_USER)
    if any(turn.speaker is Speaker.USER and not turn.text.strip() for turn in turns):
        raise QuestionError(QuestionFault.EMPTY_TURN)


def continues(turns: Sequence[Turn]) -> bool:
    """Whether the answer goes on with the last turn, which is the model's own."""
    return bool(turns) and turns[-1].speaker is Speaker.ASSISTANT
