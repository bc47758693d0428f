"""Between the exchanges of a conversation and the turns that are kept of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from desktop_app.exchange import AnswerState, Exchange, Version
from desktop_app.history.branches import Branches, shown_of
from desktop_app.history.records import StoredTurn
from engine.messages import Speaker, Statistics

LONGEST_TITLE = 120
NO_ANSWER = -1


@dataclass(frozen=True, slots=True)
class Place:
    """Where a version of an exchange stands among the turns: positions and their versions."""

    position: int  # of the question; the answer has the one behind it
    question: int
    answer: int  # or NO_ANSWER
    follows: int  # the version of the turn before the question


def title_of(question: str) -> str:
    """A question on one line, at most 120 characters of it."""
    words = " ".join(question.split())
    return words if len(words) <= LONGEST_TITLE else words[: LONGEST_TITLE - 1].rstrip() + "…"


def question_turn(version: Version, place: Place, now: float) -> StoredTurn:
    """The turn of a question."""
    return StoredTurn(
        place.position,
        Speaker.USER,
        version.question,
        now,
        version=place.question,
        follows=place.follows,
        model=version.model,
    )


def answer_turn(version: Version, place: Place, now: float) -> StoredTurn:
    """The turn of an answer, however far it has come."""
    statistics = version.statistics or Statistics()
    return StoredTurn(
        place.position + 1,
        Speaker.ASSISTANT,
        version.answer,
        now,
        version.state,
        version.reason,
        statistics.tokens_written,
        statistics.write_seconds,
        place.answer,
        follows=place.question,
        model=version.model,
    )


def walk(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, int]]:
    """Every version of every exchange, those behind other versions right after these."""
    for exchange in exchanges:
        for index, version in enumerate(exchange.versions):
            yield exchange, index
            yield from walk(version.following)


def exchanges_of(
    turns: Iterable[StoredTurn], model: str = ""
) -> tuple[tuple[Exchange, ...], list[Place]]:
    """The exchanges, without numbers, and where each version stands, in the order of ``walk``.

    Turns that name no model count as answered by the ``model`` of their conversation.
    """
    branches = Branches(turns)
    places: list[Place] = []
    return _path(branches, None, places, model), places


def _path(
    branches: Branches, before: StoredTurn | None, places: list[Place], model: str
) -> tuple[Exchange, ...]:
    """What is shown after a turn, with all that is not shown in its versions."""
    made: list[Exchange] = []
    while pairs := [pair for turn in branches.after(before) for pair in _pairs(branches, turn)]:
        shown = _shown_pair(pairs)
        versions = []
        for index, (question, answer) in enumerate(pairs):
            places.append(_place(question, answer))
            hidden = index != shown
            following = _path(branches, answer or question, places, model) if hidden else ()
            version = _version(question, answer)
            asked = (answer or question).model or model
            versions.append(replace(version, following=following, model=asked))
        made.append(Exchange(0, tuple(versions), shown))
        before = pairs[shown][1] or pairs[shown][0]
    return tuple(made)


_Pair = tuple[StoredTurn, StoredTurn | None]


def _pairs(branches: Branches, question: StoredTurn) -> list[_Pair]:
    """A question with each of its answers; alone where it has none."""
    answers = [turn for turn in branches.after(question) if turn.speaker is Speaker.ASSISTANT]
    return [(question, answer) for answer in answers] or [(question, None)]


def _shown_pair(pairs: list[_Pair]) -> int:
    """The pair of the shown question with its shown answer."""
    question = shown_of([question for question, _ in pairs])
    mine = [index for index, pair in enumerate(pairs) if pair[0] is question]
    shown = [index for index in mine if (answer := pairs[index][1]) and answer.shown]
    return (shown or mine)[-1]


def _place(question: StoredTurn, answer: StoredTurn | None) -> Place:
    version = answer.version if answer else NO_ANSWER
    return Place(question.position, question.version, version, question.follows)


def _version(question: StoredTurn, answer: StoredTurn | None) -> Version:
    """A question alone counts as stopped."""
    if answer is None:
        return Version(question.text, state=AnswerState.STOPPED)
    statistics = None
    if answer.tokens_written:
        statistics = Statistics(
            write_seconds=answer.write_seconds, tokens_written=answer.tokens_written
        )
    return Version(question.text, answer.text, answer.state, answer.stop_reason, statistics)
