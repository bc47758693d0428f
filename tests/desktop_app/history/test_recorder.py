"""What is kept while a conversation goes on."""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from PySide6.QtGui import QImage

from desktop_app.app import Desktop
from desktop_app.exchange import Activity, AnswerState
from desktop_app.history.branches import shown_turns
from desktop_app.history.store import HistoryStore
from desktop_app.kept_picture import stored_picture
from desktop_app.picture_reader import read_picture
from engine.messages import TextDelta
from tests.desktop_app.conftest import Waiter
from tests.desktop_app.history.desk import ask, look_at, only, said
from tests.fakes import FakeEngines, Gate, finished, says


def test_question_answer_and_picture_are_kept(
    ready: Desktop, engines: FakeEngines, picture_file: Path, until: Waiter
) -> None:
    engines.answers += [says("The total is **42.10**."), says("Books.")]
    look_at(ready, until, picture_file)
    assert ready.recorder.summaries() == []  # nothing was asked yet
    ask(ready, until, "What is the\n total?")
    ask(ready, until, "Who sells it?")
    kept = only(ready)
    assert kept.summary.title == "What is the total?"
    assert kept.summary.model == "starter"
    assert said(kept) == [
        "What is the\n total?",
        "The total is **42.10**.",
        "Who sells it?",
        "Books.",
    ]
    assert kept.turns[1].tokens_written == 11
    assert kept.turns[1].write_seconds == 1
    assert kept.picture is not None
    assert kept.picture.data == picture_file.read_bytes()
    assert kept.picture.media == "image/png"
    assert (kept.picture.width, kept.picture.height) == (900, 1200)
    assert ready.recorder.current == kept.summary.id


def test_a_thumbnail_is_small_and_keeps_its_shape(tmp_path: Path) -> None:
    path = tmp_path / "wide.jpg"
    Image.new("RGB", (4000, 1000), "teal").save(path)
    image = QImage.fromData(stored_picture(read_picture(path)).thumbnail)
    assert (image.width(), image.height()) == (256, 64)


def test_an_answer_is_kept_while_it_grows(
    ready: Desktop, engines: FakeEngines, file: Path, until: Waiter
) -> None:
    gate = Gate()
    engines.answers.append([TextDelta("Half an "), TextDelta("answer"), gate, finished("x")])
    ready.conversation.ask("What?")
    until(gate.reached.is_set)
    until(lambda: ready.window.chat.view(1).answer.toPlainText() == "Half an answer")
    ready.recorder.save_partial()  # what its timer does
    other = HistoryStore(file)  # what the next start would find after a kill
    kept = other.load(ready.recorder.current)
    other.close()
    assert kept is not None
    assert said(kept) == ["What?", "Half an answer"]
    assert kept.turns[1].state is AnswerState.STOPPED
    gate.open()
    until(lambda: not ready.conversation.busy)
    assert said(only(ready)) == ["What?", "x"]
    assert only(ready).turns[1].state is AnswerState.FINISHED


def test_closing_the_window_keeps_what_was_written(
    ready: Desktop, engines: FakeEngines, file: Path, until: Waiter
) -> None:
    gate = Gate()
    engines.answers.append([TextDelta("Half"), gate, finished("x")])
    ready.conversation.ask("What?")
    until(lambda: ready.conversation.exchanges[-1].state is AnswerState.GROWING)
    engines.open_all()
    ready.window.close()
    store = HistoryStore(file)
    kept = store.load(store.summaries()[0].id)
    store.close()
    assert kept is not None
    assert said(kept)[0] == "What?"
    assert kept.turns[1].text.startswith("Half") or kept.turns[1].text == "x"


def test_a_stopped_answer_is_kept_as_stopped(
    ready: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    gate = Gate()
    engines.answers.append([TextDelta("Half"), gate, TextDelta(" more"), finished("x")])
    ready.conversation.ask("What?")
    until(lambda: ready.conversation.exchanges[-1].state is AnswerState.GROWING)
    ready.conversation.stop()
    gate.open()
    until(lambda: not ready.conversation.busy)
    kept = only(ready)
    assert kept.turns[1].state is AnswerState.STOPPED
    assert kept.turns[1].text.startswith("Half")


def test_a_failed_answer_keeps_the_question(
    ready: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    engines.answers.append([ValueError("x")])
    ask(ready, until, "What?")
    kept = only(ready)
    assert said(kept) == ["What?", ""]
    assert kept.turns[1].state is AnswerState.FAILED


def test_an_edited_question_takes_the_place_of_the_last(ready: Desktop, until: Waiter) -> None:
    ask(ready, until, "Frist?")
    ready.conversation.edit(1, "First?")
    until(lambda: not ready.conversation.busy)
    assert [turn.text for turn in shown_turns(only(ready).turns)] == ["First?", "Yes."]
    assert said(only(ready)) == ["Frist?", "First?", "Yes.", "Yes."]
    assert only(ready).summary.title == "First?"


def test_a_new_picture_begins_another_conversation(
    ready: Desktop, picture_file: Path, tmp_path: Path, until: Waiter
) -> None:
    other = tmp_path / "other.png"
    Image.new("RGB", (30, 20), "red").save(other)
    look_at(ready, until, picture_file)
    ask(ready, until, "One?")
    first = ready.recorder.current
    look_at(ready, until, other)
    assert ready.recorder.current == ""
    ask(ready, until, "Two?")
    assert [kept.summary.title for kept in ready.recorder.kept()] == ["Two?", "One?"]
    ready.conversation.go_back()
    assert ready.recorder.current == first
    ask(ready, until, "Three?")
    kept = ready.recorder.kept([first])[0]
    assert said(kept) == ["One?", "Yes.", "Three?", "Yes."]


def test_after_a_restart_a_conversation_goes_on(
    ready: Desktop, engines: FakeEngines, picture_file: Path, until: Waiter, again: Desktop
) -> None:
    engines.answers.append(says("A receipt."))
    look_at(ready, until, picture_file)
    ask(ready, until, "What is it?")
    ready.window.close()
    again.recorder.open()
    again.start()
    until(lambda: again.conversation.activity is Activity.IDLE)
    key = again.recorder.summaries()[0].id
    again.recorder.take_up(key)
    until(lambda: again.conversation.picture is not None)
    assert again.recorder.current == key
    assert again.window.chat.view(1).answer.toPlainText() == "A receipt."
    assert again.window.card.isVisible()
    ask(again, until, "And the total?")
    asked = engines.questions[-1]
    assert [turn.text for turn in asked.turns] == ["What is it?", "A receipt.", "And the total?"]
    assert asked.picture is not None
    assert asked.picture.data == picture_file.read_bytes()
    assert said(only(again)) == ["What is it?", "A receipt.", "And the total?", "Yes."]


def test_opening_another_stops_and_keeps_the_answer_that_is_written(
    ready: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    ask(ready, until, "First?")
    first = ready.recorder.current
    ready.conversation.begin_anew()
    gate = Gate()
    engines.answers.append([TextDelta("Half"), gate, TextDelta(" more"), finished("x")])
    ready.conversation.ask("Second?")
    until(lambda: ready.conversation.exchanges[-1].state is AnswerState.GROWING)
    second = ready.recorder.current
    ready.recorder.take_up(first)
    gate.open()
    assert [each.question for each in ready.conversation.exchanges] == ["First?"]
    assert not ready.conversation.busy
    kept = ready.recorder.kept([second])[0]
    assert said(kept) == ["Second?", "Half"]
    assert kept.turns[1].state is AnswerState.STOPPED
    ask(ready, until, "Third?")  # the answer given up does not come in here
    assert said(ready.recorder.kept([first])[0]) == ["First?", "Yes.", "Third?", "Yes."]


def test_new_wins_over_a_picture_that_is_still_read(
    ready: Desktop, picture_file: Path, until: Waiter
) -> None:
    look_at(ready, until, picture_file)
    ask(ready, until, "What?")
    key = ready.recorder.current
    ready.conversation.begin_anew()
    ready.recorder.take_up(key)
    ready.conversation.begin_anew()
    look_at(ready, until, picture_file)  # read after the other one
    assert ready.conversation.exchanges == ()
    assert ready.recorder.current == ""
