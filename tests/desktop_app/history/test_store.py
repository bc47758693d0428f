"""Keeping, changing, listing and removing conversations."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from desktop_app.exchange import AnswerState
from desktop_app.history.records import HistoryError, HistoryFault, Summary
from desktop_app.history.store import DAY, HistoryStore
from tests.desktop_app.history.conftest import Opener
from tests.desktop_app.history.samples import (
    NOON,
    answer,
    conversation,
    picture,
    question,
)


def ids(summaries: list[Summary]) -> list[str]:
    return [summary.id for summary in summaries]


def parts_of(path: Path) -> dict[str, bytes]:
    return {part.name: part.read_bytes() for part in sorted(path.parent.iterdir())}


def test_what_was_put_comes_back_after_a_restart(opened: Opener) -> None:
    store = opened()
    made = store.begin("What is it?", question("What is it?"), "starter", picture())
    assert store.put_turn(made, answer("A receipt. 收据。"))
    store.close()
    kept = opened().load(made)
    assert kept is not None
    assert kept.turns == (question("What is it?"), answer("A receipt. 收据。"))
    assert kept.picture == picture()
    assert kept.summary.title == "What is it?"
    assert kept.summary.picture_name == "receipt.png"
    assert kept.summary.model == "starter"


def test_a_turn_is_written_anew_in_its_place(store: HistoryStore) -> None:
    made = store.begin("Q", question("Q"))
    store.put_turn(made, answer("A rec", state=AnswerState.GROWING))
    store.put_turn(made, answer("A receipt."))
    kept = store.load(made)
    assert kept is not None
    assert kept.turns == (question("Q"), answer("A receipt."))


def test_versions_of_an_answer_stand_side_by_side(store: HistoryStore) -> None:
    made = store.begin("Q", question("Q"))
    first = replace(answer("One."), shown=False)
    second = replace(answer("Two."), version=1)
    store.put_turn(made, first)
    store.put_turn(made, second)
    kept = store.load(made)
    assert kept is not None
    assert kept.turns[1:] == (first, second)
    assert [hit.summary.id for hit in store.search("two.")] == [made]
    assert store.search("one.") == []  # it is not shown


def test_an_answer_that_was_cut_off_has_stopped(opened: Opener) -> None:
    store = opened()
    made = store.begin("Q", question("Q"))
    store.put_turn(made, answer("Half an ans", state=AnswerState.GROWING))
    again = opened()
    kept = again.load(made)
    assert kept is not None
    assert kept.turns[1].state is AnswerState.STOPPED
    assert kept.turns[1].text == "Half an ans"
    assert ids([hit.summary for hit in again.search("half an")]) == [made]


def test_one_of_the_turns_that_follow_the_same_one_is_shown(store: HistoryStore) -> None:
    made = store.begin("Q", question("Q"))
    one, two = answer("one"), replace(answer("two"), version=1)
    elsewhere = replace(answer("elsewhere"), version=2, follows=7)
    for turn in (one, elsewhere, two):
        store.put_turn(made, turn)
    assert shown(store, made) == ["Q", "two", "elsewhere"]
    store.show(made, [(0, 0), (1, 0), (9, 9)])
    assert shown(store, made) == ["Q", "one", "elsewhere"]


def shown(store: HistoryStore, key: str) -> list[str]:
    kept = store.load(key)
    assert kept is not None
    return [turn.text for turn in kept.turns if turn.shown]


def test_the_title_follows_the_question_until_it_is_chosen(store: HistoryStore) -> None:
    made = store.begin("First", question("First"))
    store.retitle(made, "Second")
    assert store.summaries()[0].title == "Second"
    store.rename(made, "Chosen 名字")
    store.retitle(made, "Third")
    assert store.summaries()[0].title == "Chosen 名字"


def test_the_list_has_pinned_ones_first_then_the_one_used_last(store: HistoryStore) -> None:
    made = [store.begin(title, question(title)) for title in "abc"]
    store.put_turn(made[0], answer("again"))
    assert ids(store.summaries()) == [made[0], made[2], made[1]]
    store.pin(made[1], True)
    assert ids(store.summaries()) == [made[1], made[0], made[2]]
    assert ids(store.summaries(2)) == [made[1], made[0]]
    store.pin(made[1], False)
    assert ids(store.summaries()) == [made[0], made[2], made[1]]


def test_renaming_does_not_move_a_conversation(store: HistoryStore) -> None:
    made = [store.begin(title, question(title)) for title in "ab"]
    store.rename(made[0], "new name")
    assert ids(store.summaries()) == [made[1], made[0]]


def test_a_picture_is_kept_once_and_goes_with_its_last_conversation(store: HistoryStore) -> None:
    one = store.begin("1", question("1"), picture=picture())
    two = store.begin("2", question("2"), picture=picture())
    assert store.thumbnail(picture().key) == picture().thumbnail
    store.delete(one)
    assert store.thumbnail(picture().key) == picture().thumbnail
    store.delete(two)
    assert store.thumbnail(picture().key) == b""
    assert store.summaries() == []


def test_what_is_said_in_a_deleted_conversation_is_not_kept(store: HistoryStore) -> None:
    made = store.begin("Q", question("Q"))
    store.delete(made)
    assert not store.put_turn(made, answer("late"))
    assert store.load(made) is None


def test_a_deleted_conversation_can_be_put_back(store: HistoryStore) -> None:
    whole = conversation("c1", ("收据上写了什么?", "合计 42.10"), b"data")
    store.add([whole])
    store.delete("c1")
    assert store.search("收据上") == []
    store.add([whole])
    assert store.load("c1") == whole
    assert len(store.search("收据上")) == 1


def test_delete_older_spares_the_young_and_the_pinned(path: Path) -> None:
    store = HistoryStore(path, lambda: NOON)
    ages = {"old": 31, "edge": 30, "young": 1, "pinned": 400}
    store.add(conversation(key, updated=NOON - age * DAY) for key, age in ages.items())
    store.pin("pinned", True)
    assert store.delete_older(30) == 1
    assert ids(store.summaries()) == ["pinned", "young", "edge"]
    store.close()


SECRETS = ("geheimnisvoll", "密码是芝麻开门")


def holds_secret(path: Path) -> list[str]:
    return [
        name
        for name, data in parts_of(path).items()
        if any(secret.encode() in data for secret in (*SECRETS, "gehei", "芝麻开"))
    ]


@pytest.mark.parametrize("trigrams", [None, False])
def test_deleted_text_leaves_the_file(opened: Opener, path: Path, trigrams: bool | None) -> None:
    store = opened(trigrams)
    store.add([conversation("other"), conversation("c1", SECRETS, b"picture of a secret")])
    store.close()
    assert holds_secret(path) == ["history.sqlite"]
    store = opened(trigrams)
    store.delete("c1")
    store.close()
    assert holds_secret(path) == []
    assert b"picture of a secret" not in path.read_bytes()
    assert ids(opened(trigrams).summaries()) == ["other"]


def test_delete_all_leaves_an_empty_file_that_works(opened: Opener, path: Path) -> None:
    store = opened()
    store.add(conversation(f"c{i}", SECRETS, b"%d" % i * 50_000) for i in range(20))
    store.close()
    full = path.stat().st_size
    store = opened()
    store.delete_all()
    assert store.summaries() == []
    assert store.search("密码") == []
    assert holds_secret(path) == []
    assert path.stat().st_size < full / 4
    made = store.begin("new", question("geheim?"))
    assert ids([hit.summary for hit in store.search("GEHEIM")]) == [made]
    store.close()
    assert ids(opened().summaries()) == [made]


def test_text_that_no_file_could_hold_is_made_to_fit(store: HistoryStore) -> None:
    made = store.begin("a\ud800b", question("x\0y\ud83dz"))
    kept = store.load(made)
    assert kept is not None
    assert kept.summary.title == "a?b"
    assert kept.turns[0].text == "x\ufffdy?z"
    assert len(store.search("y?z")) == 1


def test_all_or_nothing(store: HistoryStore) -> None:
    def broken_off() -> object:
        yield conversation("c1", data=b"one")
        raise RuntimeError("the source broke")

    with pytest.raises(RuntimeError):
        store.add(broken_off())  # type: ignore[arg-type]
    assert store.summaries() == []
    assert store.thumbnail(picture(b"one").key) == b""
    assert store.add([conversation("c1")]).added == 1


def test_another_writer_gives_a_typed_error_and_then_it_works(
    opened: Opener, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop_app.history.schema.BUSY_SECONDS", 0.05)
    store, other = opened(), opened()
    other.connection.execute("BEGIN IMMEDIATE")
    with pytest.raises(HistoryError) as caught:
        store.begin("Q", question("Q"))
    assert caught.value.fault is HistoryFault.BUSY
    assert store.summaries() == []  # reading goes on
    other.connection.execute("ROLLBACK")
    store.begin("Q", question("Q"))
    assert len(other.summaries()) == 1


def test_a_full_disk_gives_a_typed_error_and_what_was_kept_stays(store: HistoryStore) -> None:
    made = store.begin("Q", question("Q"))
    pages = store.connection.execute("PRAGMA page_count").fetchone()[0]
    store.connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(HistoryError) as caught:
        store.begin("P", question("P"), picture=picture(b"x" * 500_000))
    assert caught.value.fault is HistoryFault.NO_ROOM
    assert ids(store.summaries()) == [made]
