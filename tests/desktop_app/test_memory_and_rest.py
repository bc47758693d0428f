"""Memory in the window: what would not fit, what was given up, and a model that rests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app import memory_wording
from desktop_app.app import Desktop
from desktop_app.exchange import Activity, AnswerState, ModelChoice
from desktop_app.notices import Tone
from desktop_app.paths import STARTER, Paths, resource
from engine.errors import TooLarge
from engine.messages import (
    ChoiceReason,
    MemoryOutlook,
    MemoryRelieved,
    Precision,
    Relief,
)
from tests.desktop_app.conftest import Click, Waiter
from tests.desktop_app.gestures import write
from tests.fakes import CHOICE, LOADS, FakeEngines, Gate, says

ON_GPU = replace(CHOICE, device="cuda:0", device_reason=ChoiceReason.CUDA_FOUND)


def doing(desktop: Desktop) -> Activity:
    return desktop.conversation.activity


def text_of_chip(desktop: Desktop) -> str:
    return desktop.window.top_bar.model_chip.text()


@pytest.mark.parametrize("relief", list(Relief))
def test_every_step_down_has_words(relief: Relief) -> None:
    notice = memory_wording.relieved(MemoryRelieved(relief, CHOICE))
    assert notice.tone is Tone.INFO
    assert notice.reason
    assert "{" not in notice.body


def test_a_step_down_is_said_while_the_answer_goes_on(
    qtbot: QtBot, ready: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    gate = Gate()
    engines.answers.append([MemoryRelieved(Relief.CPU, ON_GPU), gate, *says("It fits now.")])
    write(qtbot, ready, "Does it fit?")
    until(lambda: ready.window.notice.isVisible())
    assert "processor" in ready.window.notice.body.text()
    assert ready.conversation.model is not None
    assert ready.conversation.model.choice == ON_GPU
    assert "GPU" in text_of_chip(ready)
    gate.open()
    until(lambda: ready.conversation.exchanges[0].state is AnswerState.FINISHED)
    assert ready.conversation.exchanges[0].answer == "It fits now."


def test_what_would_not_fit_asks_first(
    qtbot: QtBot, desktop: Desktop, engines: FakeEngines, click: Click, until: Waiter
) -> None:
    too_large = TooLarge("cpu", "float32", needed=17_000_000_000, free=9_000_000_000)
    engines.loads += [[too_large], LOADS]
    desktop.start()
    until(lambda: desktop.window.notice.isVisible())
    notice = desktop.window.notice
    assert "17.0 GB" in notice.body.text()
    assert "9.0 GB" in notice.body.text()
    assert notice.help_button.text() == "Load it anyway"
    assert desktop.conversation.activity is Activity.NO_MODEL
    click(notice.help_button)
    until(lambda: desktop.conversation.activity is Activity.IDLE)
    assert [choice.anyway for choice in engines.choices] == [False, True]


def test_a_question_that_met_too_little_memory_is_asked_again(
    qtbot: QtBot, desktop: Desktop, engines: FakeEngines, click: Click, until: Waiter
) -> None:
    engines.loads += [[TooLarge("cpu", "float32", needed=17, free=9)], LOADS]
    engines.answers.append(says("At last."))
    desktop.start()
    write(qtbot, desktop, "Will it fit?")
    until(lambda: desktop.window.notice.isVisible())
    assert desktop.conversation.exchanges[0].state is AnswerState.FAILED
    click(desktop.window.notice.help_button)
    until(lambda: desktop.conversation.exchanges[0].state is AnswerState.FINISHED)
    assert desktop.conversation.exchanges[0].answer == "At last."


def test_an_unused_model_rests_and_comes_back_for_a_question(
    qtbot: QtBot, ready: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    assert not ready.rest.timer.isActive()  # by default it stays
    ready.preferences.set(idle_minutes=5)
    assert ready.rest.timer.isActive()
    ready.rest.timer.timeout.emit()
    assert doing(ready) is Activity.RESTING
    assert text_of_chip(ready).endswith("resting")
    until(lambda: engines.closed_engines == 1)
    gate = Gate()
    engines.loads.append([gate, *LOADS])
    engines.answers.append(says("Good morning."))
    write(qtbot, ready, "Are you there?")
    until(gate.reached.is_set)
    until(lambda: "loading" in text_of_chip(ready))
    assert doing(ready) is Activity.LOADING
    assert ready.conversation.exchanges[0].state is AnswerState.WAITING
    assert ready.window.progress.isVisible()
    gate.open()
    until(lambda: ready.conversation.exchanges[0].state is AnswerState.FINISHED)
    assert ready.conversation.exchanges[0].answer == "Good morning."
    assert ready.rest.timer.isActive()


def test_nothing_rests_while_it_works(
    qtbot: QtBot, ready: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    ready.preferences.set(idle_minutes=1)
    gate = Gate()
    engines.answers.append([gate, *says("Done.")])
    write(qtbot, ready, "Slowly")
    until(gate.reached.is_set)
    assert not ready.rest.timer.isActive()
    ready.rest.timer.timeout.emit()
    assert ready.conversation.activity is Activity.ANSWERING
    gate.open()
    until(lambda: ready.conversation.activity is Activity.IDLE)
    ready.preferences.set(idle_minutes=0)
    assert not ready.rest.timer.isActive()


def test_a_resting_model_is_still_named(ready: Desktop) -> None:
    ready.conversation.rest()
    assert ready.conversation.choice is not None
    facts = ready.window.top_bar.model_chip.facts()
    assert facts == [("Folder", str(ready.conversation.choice.folder))]


def test_the_panel_says_what_memory_there_was(
    desktop: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    progress, ready = LOADS
    seen = MemoryOutlook("cpu", Precision.BFLOAT16, 8_500_000_000, 20_000_000_000)
    info = replace(ready.info, memory=seen)  # type: ignore[union-attr]
    engines.loads.append([progress, replace(ready, info=info)])  # type: ignore[type-var]
    desktop.start()
    until(lambda: desktop.conversation.activity is Activity.IDLE)
    facts = dict(desktop.window.top_bar.model_chip.facts())
    assert facts["Memory"] == "needs about 8.5 GB; 20.0 GB were free before it was loaded"


@pytest.fixture
def starter(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Desktop]:
    from engine.engine import Engine

    list(Engine(resource(STARTER), "cpu").load())  # its libraries may take longer than a test waits
    choice = ModelChoice(STARTER, resource(STARTER), "cpu", "float32")
    made = Desktop(qapp, Paths.under(tmp_path), choice)
    qtbot.addWidget(made.window)
    made.start()
    yield made
    made.shutdown()


def test_model_and_precision_can_change_while_the_starter_writes(
    qtbot: QtBot, starter: Desktop, until: Waiter
) -> None:
    """Three times in its midst, the last time while the load before it still runs."""
    talk = starter.conversation
    assert talk.choice is None or talk.choice.precision == "float32"
    for precision in ("bfloat16", "float32"):
        until(lambda: talk.activity is Activity.IDLE)
        write(qtbot, starter, "Read the text.")
        until(lambda: talk.exchanges[-1].state is AnswerState.GROWING)
        assert talk.choice is not None
        talk.use_model(replace(talk.choice, precision=precision))
        assert talk.exchanges[-1].state is AnswerState.STOPPED
    assert talk.choice is not None
    talk.use_model(replace(talk.choice, precision="bfloat16"))
    until(lambda: talk.activity is Activity.IDLE)
    assert talk.model is not None
    assert talk.model.choice.precision is Precision.BFLOAT16
    write(qtbot, starter, "Read the text.")
    until(lambda: talk.exchanges[-1].state is AnswerState.FINISHED)
    assert [one.state for one in talk.exchanges[:2]] == [AnswerState.STOPPED] * 2
