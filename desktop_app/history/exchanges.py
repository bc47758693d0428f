"""Between the exchanges of a conversation and the turns that are kept of them."""

from __future__ import annotations

from collections.abc import Iterable

from desktop_app.exchange import AnswerState, Exchange
from desktop_app.history.records import StoredTurn
from engine.messages import Speaker, Statistics

LONGEST_TITLE = 120


def title_of(question: str) -> str:
    """A question on one line, at most 120 characters of it."""
    words = " ".join(question.split())
    return words if len(words) <= LONGEST_TITLE else words[: LONGEST_TITLE - 1].rstrip() + "…"


def question_turn(exchange: Exchange, place: int, now: float) -> StoredTurn:
    """The turn of a question; exchange ``place`` has the positions 2 place and 2 place + 1."""
    return StoredTurn(2 * place, Speaker.USER, exchange.question, now)


def answer_turn(exchange: Exchange, place: int, now: float) -> StoredTurn:
    """The turn of an answer, however far it has come."""
    statistics = exchange.statistics or Statistics()
    return StoredTurn(
        2 * place + 1,
        Speaker.ASSISTANT,
        exchange.answer,
        now,
        exchange.state,
        exchange.reason,
        statistics.tokens_written,
        statistics.write_seconds,
    )


def exchanges_of(turns: Iterable[StoredTurn]) -> tuple[Exchange, ...]:
    """The exchanges that are shown, without numbers; a question alone counts as stopped."""
    made: list[Exchange] = []
    for turn in turns:
        if not turn.shown:
            continue
        if turn.speaker is Speaker.USER:
            made.append(Exchange(0, turn.text, state=AnswerState.STOPPED))
        elif made:
            made[-1] = _answered(made[-1].question, turn)
    return tuple(made)


def _answered(question: str, turn: StoredTurn) -> Exchange:
    statistics = None
    if turn.tokens_written:
        statistics = Statistics(
            write_seconds=turn.write_seconds, tokens_written=turn.tokens_written
        )
    return Exchange(0, question, turn.text, turn.state, turn.stop_reason, statistics)
