"""Answers again, changed questions, answers that go on: nothing that was written is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel
from pytestqt.qtbot import QtBot

from desktop_app import wording
from desktop_app.app import Desktop
from desktop_app.exchange import AnswerState
from desktop_app.history.branches import shown_turns
from engine.messages import (
    Decoding,
    Finished,
    Sampling,
    Speaker,
    Statistics,
    StopReason,
    TextDelta,
)
from tests.desktop_app.conftest import Click, Waiter
from tests.desktop_app.gestures import write
from tests.desktop_app.history.desk import ask, only
from tests.fakes import FakeEngines, Gate, says


def said(desktop: Desktop) -> list[tuple[str, str]]:
    return [(each.question, each.answer) for each in desktop.conversation.exchanges]


def drawn(desktop: Desktop) -> list[tuple[str, str]]:
    views = desktop.window.chat.views
    return [(view.question.toPlainText(), view.answer.toPlainText()) for view in views]


def kept(desktop: Desktop) -> list[str]:
    return [turn.text for turn in shown_turns(only(desktop).turns)]


@pytest.fixture
def talk(ready: Desktop, engines: FakeEngines, until: Waiter) -> Desktop:
    """Three questions with their answers."""
    engines.answers += [says("One."), says("Two."), says("Three.")]
    for text in ("First?", "Second?", "Third?"):
        ask(ready, until, text)
    return ready


def press(desktop: Desktop, until: Waiter, click: Click, button: QAbstractButton) -> None:
    desktop.window.chat.ensureWidgetVisible(button)
    click(button)
    until(lambda: not desktop.conversation.busy)


def test_an_answer_again_is_another_version(
    talk: Desktop, engines: FakeEngines, until: Waiter, click: Click
) -> None:
    engines.answers.append(says("Drei."))
    view = talk.window.chat.view(3)
    assert not view.pager.isVisible()
    press(talk, until, click, view.again_button)
    assert [turn.text for turn in engines.questions[-1].turns][-1] == "Third?"
    assert said(talk)[-1] == ("Third?", "Drei.")
    assert view.pager.words.text() == "2/2"
    press(talk, until, click, view.pager.back)
    assert drawn(talk)[-1] == ("Third?", "Three.")
    assert view.pager.words.text() == "1/2"
    assert not view.pager.back.isEnabled()
    assert kept(talk)[-2:] == ["Third?", "Three."]


def test_what_is_not_drawn_by_lot_is_drawn_by_lot_when_it_is_asked_again(
    ready: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    ready.conversation._sampling = Sampling.greedy()
    ask(ready, until, "First?")
    ready.conversation.regenerate(1)
    until(lambda: not ready.conversation.busy)
    found = [question.sampling.decoding for question in engines.questions]
    assert found == [Decoding.GREEDY, Decoding.SAMPLE]


def test_a_changed_question_hides_what_followed_and_brings_it_back(
    qtbot: QtBot, talk: Desktop, engines: FakeEngines, until: Waiter, click: Click
) -> None:
    engines.answers += [says("Uno."), says("Dos.")]
    view = talk.window.chat.view(1)
    press(talk, until, click, view.edit_button)
    assert talk.window.composer.edit.toPlainText() == "First?"
    talk.window.composer.edit.selectAll()
    write(qtbot, talk, "Primero?")
    until(lambda: not talk.conversation.busy)
    assert drawn(talk) == said(talk) == [("Primero?", "Uno.")]
    ask(talk, until, "Segundo?")
    turns = [turn.text for turn in engines.questions[-1].turns]
    assert turns == ["Primero?", "Uno.", "Segundo?"]
    assert kept(talk) == ["Primero?", "Uno.", "Segundo?", "Dos."]
    press(talk, until, click, view.pager.back)
    english = [("First?", "One."), ("Second?", "Two."), ("Third?", "Three.")]
    assert drawn(talk) == said(talk) == english
    assert kept(talk)[-1] == "Three."
    press(talk, until, click, view.pager.on)
    assert drawn(talk) == [("Primero?", "Uno."), ("Segundo?", "Dos.")]


def test_versions_come_back_from_the_history(
    talk: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    engines.answers += [says("Zwei."), says("More."), says("Four.")]
    talk.conversation.regenerate(2)
    until(lambda: not talk.conversation.busy)
    ask(talk, until, "And?")
    key = talk.recorder.current
    talk.conversation.begin_anew()
    talk.recorder.take_up(key)
    assert said(talk) == [("First?", "One."), ("Second?", "Zwei."), ("And?", "More.")]
    number = talk.conversation.exchanges[1].number
    assert talk.conversation.show_version(number, 0)
    assert said(talk) == [("First?", "One."), ("Second?", "Two."), ("Third?", "Three.")]
    ask(talk, until, "Fourth?")  # goes on where it is shown
    assert kept(talk) == [text for pair in said(talk) for text in pair]
    assert talk.conversation.show_version(number, 1)
    assert kept(talk) == ["First?", "One.", "Second?", "Zwei.", "And?", "More."]


def test_an_answer_goes_under_the_model_that_gave_it(
    talk: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    first = talk.conversation.choice
    assert first is not None
    key = talk.recorder.current
    talk.conversation.begin_anew()
    talk.conversation.use_model(replace(first, name="another"))
    until(lambda: talk.conversation.model is not None)
    talk.recorder.take_up(key)
    engines.answers += [says("Four.")]
    ask(talk, until, "Fourth?")
    asked = [each.version.model for each in talk.conversation.exchanges]
    assert asked == [first.name, first.name, first.name, "another"]
    heads = [view.speaker.text() for view in talk.window.chat.views]
    assert heads == [wording.model_name(name) for name in asked]
    talk.conversation.begin_anew()
    talk.recorder.take_up(key)
    assert [each.version.model for each in talk.conversation.exchanges] == asked


def test_a_stopped_answer_goes_on(
    talk: Desktop, engines: FakeEngines, until: Waiter, click: Click
) -> None:
    gate = Gate()
    engines.answers += [[TextDelta("Half a"), gate, TextDelta("")], says(" sentence.")]
    talk.conversation.ask("Fourth?")
    until(gate.reached.is_set)
    until(lambda: talk.conversation.exchanges[-1].state is AnswerState.GROWING)
    talk.conversation.stop()
    gate.open()
    until(lambda: not talk.conversation.busy)
    view = talk.window.chat.view(4)
    assert view.exchange.state is AnswerState.STOPPED
    press(talk, until, click, view.continue_button)
    asked = engines.questions[-1].turns
    assert [turn.text for turn in asked[-2:]] == ["Fourth?", "Half a"]
    assert asked[-1].speaker is Speaker.ASSISTANT
    assert said(talk)[-1] == ("Fourth?", "Half a sentence.")
    assert view.answer.toPlainText() == "Half a sentence."
    assert kept(talk)[-1] == "Half a sentence."
    assert not view.continue_button.isVisible()


@pytest.mark.parametrize("reason", [StopReason.LENGTH, StopReason.REPEATS])
def test_an_answer_that_was_cut_off_says_why_goes_on_and_its_cost_is_added_up(
    ready: Desktop, engines: FakeEngines, until: Waiter, reason: StopReason
) -> None:
    cost = Statistics(write_seconds=2, tokens_written=20)
    engines.answers += [[Finished(reason, "One", (), (), cost)], says(" two.")]
    ask(ready, until, "Count")
    view = ready.window.chat.view(1)
    assert wording.ended(reason) in [label.text() for label in view.findChildren(QLabel)]
    assert view.continue_button.isVisible()
    assert ready.conversation.continue_answer()
    until(lambda: not ready.conversation.busy)
    (exchange,) = ready.conversation.exchanges
    assert (exchange.answer, exchange.reason) == ("One two.", StopReason.END)
    assert exchange.statistics is not None
    assert exchange.statistics.tokens_written == 31
    assert not ready.conversation.continue_answer()


def test_while_an_answer_is_written_no_version_can_be_turned(
    ready: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    gate = Gate()
    engines.answers += [says("One."), [gate, *says("Two.")]]
    ask(ready, until, "First?")
    ready.conversation.regenerate(1)
    until(gate.reached.is_set)
    view = ready.window.chat.view(1)
    assert not view.pager.back.isEnabled()
    assert not view.again_button.isEnabled() or not view.again_button.isVisible()
    assert not view.edit_button.isEnabled()
    assert not ready.conversation.show_version(1, 0)
    assert not ready.conversation.regenerate(1)
    gate.open()
    until(lambda: not ready.conversation.busy)
    assert ready.conversation.show_version(1, 0)


def test_leaving_a_changed_question_changes_nothing(
    qtbot: QtBot, talk: Desktop, engines: FakeEngines, until: Waiter, click: Click
) -> None:
    press(talk, until, click, talk.window.chat.view(2).edit_button)
    qtbot.keyClick(talk.window.composer.edit, Qt.Key.Key_Escape)
    engines.answers.append(says("Four."))
    write(qtbot, talk, "Fourth?")
    until(lambda: len(said(talk)) == 4 and not talk.conversation.busy)
    assert all(len(each.versions) == 1 for each in talk.conversation.exchanges)
