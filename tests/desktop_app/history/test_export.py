"""Files out and in: what is written, and that nothing half-right is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from desktop_app.exchange import AnswerState
from desktop_app.history.export import as_json, as_markdown, as_text
from desktop_app.history.importing import from_json
from desktop_app.history.records import HistoryError, HistoryFault
from desktop_app.history.store import HistoryStore
from tests.desktop_app.history.conftest import Opener
from tests.desktop_app.history.samples import answer, conversation

WHOLE = conversation(
    "c1", ("收据上\n写了什么?", "| a |\n|---|\n| 1 |", "And?", "Yes."), b"\x00\xff"
)


def test_text_and_markdown_read_well() -> None:
    turns = (*WHOLE.turns, replace(answer("another"), version=1, shown=False), answer("", 5))
    whole = replace(WHOLE, turns=turns)
    text, markdown = as_text(whole), as_markdown(whole)
    facts = text.splitlines()[3]
    assert facts.endswith("· receipt.png · 900 × 1200")
    assert "You:\n收据上\n写了什么?\n\nStarter model:\n| a |" in text
    assert text.count("Starter model:") == 2
    assert markdown.startswith("# 收据上 写了什么?\n\n*")
    assert "## You\n\n> 收据上  \n> 写了什么?\n\n## Starter model\n\n| a |\n|---|" in markdown
    assert "another" not in text + markdown


def test_lines_stay_lines_in_markdown_and_code_and_tables_stay_as_they_are() -> None:
    rest = "\n\n- one\n- two\n\n```\nx = 1\ny = 2\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    said = "Dear Sir,\nthe bill" + rest
    markdown = as_markdown(conversation("c1", ("Read\nthis:\n\n```\na\nb\n```", said)))
    assert "> Read  \n> this:\n>\n> ```\n> a\n> b\n> ```\n" in markdown
    assert markdown.endswith(said.replace("Sir,\n", "Sir,  \n") + "\n")


def test_each_answer_goes_out_under_the_model_that_gave_it(store: HistoryStore) -> None:
    turns = tuple(
        replace(turn, model="minicpm-v-2") if turn.position > 1 else turn for turn in WHOLE.turns
    )
    mixed = replace(WHOLE, turns=turns)
    for text in (as_text(mixed), as_markdown(mixed)):
        assert 0 < text.index("Starter model") < text.index("MiniCPM-V 2.0")
    store.add(from_json(as_json([mixed])))
    assert store.load("c1") == mixed
    older = json.loads(as_json([mixed]))
    for turn in older["conversations"][0]["turns"]:
        del turn["model"]
    assert from_json(json.dumps(older)) == (WHOLE,)


def full(store: HistoryStore) -> None:
    other = conversation("c2", ("Same picture", "Yes"), b"\x00\xff")
    stopped = replace(answer("half"), state=AnswerState.STOPPED, stop_reason=None)
    versions = replace(answer("first try"), version=1, shown=False)
    third = conversation("c3", ("No picture 😀 \u2028 é",))
    third = replace(third, turns=(*third.turns, stopped, versions))
    summary = replace(third.summary, pinned=True, renamed=True, title="名字")
    store.add([WHOLE, other, replace(third, summary=summary)])


def everything(store: HistoryStore) -> list[Any]:
    return [store.load(summary.id) for summary in store.summaries()]


def test_export_and_import_is_identity(opened: Opener, path: Any) -> None:
    store = opened()
    full(store)
    before = everything(store)
    text = as_json(before)
    assert len(json.loads(text)["pictures"]) == 1
    store.delete_all()
    done = store.add(from_json(text))
    assert (done.added, done.skipped) == (3, 0)
    assert everything(store) == before
    assert as_json(everything(store)) == text
    assert [hit.summary.id for hit in store.search("收据上")] == ["c1"]


def test_what_is_there_already_is_left_alone(store: HistoryStore) -> None:
    full(store)
    text = as_json(everything(store))
    store.rename("c1", "mine")
    store.delete("c2")
    done = store.add(from_json(text))
    assert (done.added, done.skipped) == (1, 2)
    kept = store.load("c1")
    assert kept is not None
    assert kept.summary.title == "mine"


def in_conversation(name: str, value: object) -> Callable[[Any], None]:
    return lambda document: document["conversations"][0].__setitem__(name, value)


def in_turn(name: str, value: object) -> Callable[[Any], None]:
    return lambda document: document["conversations"][0]["turns"][0].__setitem__(name, value)


def in_picture(name: str, value: object) -> Callable[[Any], None]:
    return lambda document: document["pictures"][0].__setitem__(name, value)


def at_top(name: str, value: object) -> Callable[[Any], None]:
    return lambda document: document.__setitem__(name, value)


def without_id(document: Any) -> None:
    del document["conversations"][1]["id"]


def twice(document: Any) -> None:
    document["conversations"].append(document["conversations"][0])


def a_place_taken(document: Any) -> None:
    turns = document["conversations"][0]["turns"]
    turns.append(turns[0])


WRONG = {
    "another format": at_top("format", "other"),
    "no conversations": at_top("conversations", None),
    "a list of words": at_top("conversations", ["c1"]),
    "version of words": at_top("version", "1"),
    "no id": without_id,
    "empty id": in_conversation("id", ""),
    "long id": in_conversation("id", "x" * 65),
    "twice": twice,
    "title a number": in_conversation("title", 5),
    "half a character": in_conversation("title", "\ud800"),
    "time of words": in_conversation("updated", "now"),
    "time before all": in_conversation("created", -1),
    "time beyond all": in_conversation("created", 1e300),
    "flag a number": in_conversation("pinned", 1),
    "a picture that is not there": in_conversation("picture", "0" * 64),
    "turns an object": in_conversation("turns", {}),
    "a place taken": a_place_taken,
    "a third speaker": in_turn("speaker", "system"),
    "an unknown state": in_turn("state", "dreaming"),
    "a model of no name": in_turn("model", None),
    "an unknown reason": in_turn("stop_reason", "bored"),
    "position true": in_turn("position", True),
    "position a fraction": in_turn("position", 0.5),
    "position too large": in_turn("position", 2**70),
    "data of another picture": in_picture("data", "AAAA"),
    "data no base64": in_picture("data", "ÄÖ=="),
    "thumbnail no PNG": in_picture("thumbnail", "AAAA"),
    "width below zero": in_picture("width", -1),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_malformed_file_changes_nothing(store: HistoryStore, name: str) -> None:
    full(store)
    before = everything(store)
    document = json.loads(as_json(before))
    store.delete("c1")
    left = everything(store)
    WRONG[name](document)
    with pytest.raises(HistoryError) as caught:
        store.add(from_json(json.dumps(document)))
    assert caught.value.fault is HistoryFault.BAD_IMPORT
    assert caught.value.detail
    assert everything(store) == left


@pytest.mark.parametrize(
    "text", ["", "words", "[]", "null", "{", '{"format": NaN}', "[" * 100_000, "\ufeff{}"]
)
def test_what_is_no_such_file_is_a_typed_error(text: str) -> None:
    with pytest.raises(HistoryError) as caught:
        from_json(text)
    assert caught.value.fault is HistoryFault.BAD_IMPORT


def test_a_file_of_a_later_program_is_named_as_such(store: HistoryStore) -> None:
    full(store)
    document = json.loads(as_json(everything(store)))
    document["version"] += 1
    with pytest.raises(HistoryError) as caught:
        from_json(json.dumps(document))
    assert caught.value.fault is HistoryFault.NEWER_IMPORT
