"""Versions in the file: an older file, a file that was cut off, what was exported."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from desktop_app.exchange import AnswerState, Exchange
from desktop_app.history.branches import shown_turns
from desktop_app.history.exchanges import exchanges_of, walk
from desktop_app.history.export import as_json, as_text
from desktop_app.history.importing import from_json
from desktop_app.history.places import Places
from desktop_app.history.records import HistoryError, StoredTurn
from desktop_app.history.schema import MIGRATIONS, open_file
from desktop_app.history.store import HistoryStore
from tests.desktop_app.history.conftest import Opener
from tests.desktop_app.history.samples import answer, conversation, question

# Two questions, the first one changed once; the answer to the change was made twice.
TURNS = (
    replace(question("A?"), shown=False),
    replace(question("B?"), version=1),
    answer("a"),
    replace(answer("b1"), version=1, follows=1, shown=False),
    replace(answer("b2"), version=2, follows=1),
    question("after a?", 2),
    replace(question("after b2?", 2), version=1, follows=2),
    answer("yes a", 3),
    replace(answer("yes b2", 3), version=1, follows=1),
)


def texts(turns: list[StoredTurn]) -> list[str]:
    return [turn.text for turn in turns]


def numbered(exchanges: tuple[Exchange, ...]) -> tuple[Exchange, ...]:
    from desktop_app.exchange_list import ExchangeList

    return ExchangeList().numbered(exchanges)


def test_one_way_through_the_versions_is_shown() -> None:
    assert texts(shown_turns(TURNS)) == ["B?", "b2", "after b2?", "yes b2"]


def test_the_other_ways_are_kept_in_the_versions() -> None:
    exchanges, places = exchanges_of(TURNS)
    first, second = exchanges
    assert [(each.question, each.answer) for each in first.versions] == [
        ("A?", "a"),
        ("B?", "b1"),
        ("B?", "b2"),
    ]
    assert first.shown == 2
    assert (second.question, second.answer) == ("after b2?", "yes b2")
    (hidden,) = first.versions[0].following
    assert (hidden.question, hidden.answer) == ("after a?", "yes a")
    assert len(places) == len(list(walk(exchanges))) == 5


def test_new_versions_get_places_of_their_own() -> None:
    exchanges, read = exchanges_of(TURNS)
    exchanges = numbered(exchanges)
    places = Places()
    places.learn("home", exchanges, read)
    again = replace(exchanges[0], versions=(*exchanges[0].versions, exchanges[0].version), shown=3)
    made = places.add("home", again, None)
    assert (made.question, made.answer, made.follows) == (1, 3, 0)  # the question is the same
    after = places.add("home", Exchange.of(99, "next?"), again)
    assert (after.position, after.question, after.follows) == (2, 2, 3)


def test_a_question_that_was_cut_off_hides_nothing(store: HistoryStore) -> None:
    made = store.begin("Q", question("One?"))  # and then the program was killed
    store.put_turn(made, question("Two?", 2))
    store.put_turn(made, answer("2", 3))
    kept = store.load(made)
    assert kept is not None
    found, _ = exchanges_of(kept.turns)
    assert [(each.question, each.answer, each.state) for each in found] == [
        ("One?", "", AnswerState.STOPPED),
        ("Two?", "2", AnswerState.FINISHED),
    ]


def test_a_file_of_the_first_version_is_brought_up(path: Path, opened: Opener) -> None:
    old = open_file(path, MIGRATIONS[:1]).connection
    old.execute(
        "INSERT INTO conversations (id, title, created, updated, model) VALUES "
        "('c1', 'T', 1, 2, 'starter')"
    )
    for position, speaker, text in ((0, "user", "Q"), (1, "assistant", "A"), (2, "user", "R")):
        old.execute(
            "INSERT INTO turns (conversation, position, speaker, text, created, state) "
            "VALUES ('c1', ?, ?, ?, 1, 'finished')",
            [position, speaker, text],
        )
    old.close()
    kept = opened().load("c1")
    assert kept is not None
    assert texts(shown_turns(kept.turns)) == ["Q", "A", "R"]
    assert {turn.follows for turn in kept.turns} == {0}
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS)
    connection.close()


def test_versions_leave_and_come_back_as_a_file(store: HistoryStore) -> None:
    whole = replace(conversation("c1"), turns=TURNS)
    store.add(from_json(as_json([whole])))
    kept = store.load("c1")
    assert kept is not None
    assert exchanges_of(kept.turns) == exchanges_of(TURNS)
    assert "after a?" not in as_text(kept)
    assert "after b2?" in as_text(kept)


def test_a_file_without_branches_is_read_and_one_out_of_order_is_not() -> None:
    document = json.loads(as_json([conversation("c1")]))
    document["version"] = 1
    for turn in document["conversations"][0]["turns"]:
        del turn["follows"]
    assert from_json(json.dumps(document)) == (conversation("c1"),)
    document["conversations"][0]["turns"][0]["position"] = 3
    with pytest.raises(HistoryError):
        from_json(json.dumps(document))
