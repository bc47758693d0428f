"""Asking in the window: send, stop, wait, fail, edit, close. The engine is scripted."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QGuiApplication,
    QInputMethodEvent,
)
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.app import Desktop
from desktop_app.exchange import Activity, AnswerState
from desktop_app.notices import Help
from engine.errors import ModelError, ModelFault, OutOfMemory
from engine.messages import Phase, Progress, TextDelta
from tests.desktop_app.conftest import Waiter
from tests.desktop_app.gestures import LEFT, answered, write
from tests.fakes import LOADS, FakeEngines, Gate, Step, finished, says


def test_enter_never_sends_while_an_input_method_composes(
    qtbot: QtBot, ready: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    edit = ready.window.composer.edit
    QApplication.sendEvent(edit, QInputMethodEvent("ni hao", []))
    assert edit.composing
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert ready.conversation.exchanges == ()
    commit = QInputMethodEvent()
    commit.setCommitString("你好")
    QApplication.sendEvent(edit, commit)
    assert not edit.composing
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    until(lambda: answered(ready))
    assert ready.conversation.exchanges[0].question == "你好"


def test_another_picture_leaves_no_phase_of_the_answer_it_ends(
    qtbot: QtBot, ready: Desktop, engines: FakeEngines, picture_file: Path, until: Waiter
) -> None:
    gate = Gate()
    engines.answers.append([Progress(Phase.WRITING, 0, 0), TextDelta("One"), gate, finished("x")])
    write(qtbot, ready, "Go on")
    until(gate.reached.is_set)
    strip = ready.window.progress
    until(lambda: strip.words.text() == "Writing")
    ready.conversation.open_pictures([picture_file])
    until(lambda: ready.conversation.picture is not None)
    assert not ready.conversation.busy
    assert strip.words.text() == ""
    gate.open()


def test_shift_enter_breaks_the_line_and_an_empty_question_is_not_sent(
    qtbot: QtBot, ready: Desktop
) -> None:
    edit = ready.window.composer.edit
    one_line = edit.height()
    qtbot.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert edit.toPlainText() == "\n"
    assert edit.height() > one_line
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert ready.conversation.exchanges == ()


def test_stop_answers_at_once_and_keeps_the_text(
    qtbot: QtBot, ready: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    gate = Gate()
    engines.answers.append([TextDelta("The first"), TextDelta(" words"), gate, finished("x")])
    engines.answers.append(says("Again."))
    write(qtbot, ready, "Go on")
    until(gate.reached.is_set)
    until(lambda: ready.window.chat.view(1).answer.toPlainText() == "The first words")
    window = ready.window
    assert window.composer.send_button.accessibleName() == "Stop"
    qtbot.mouseClick(window.composer.send_button, LEFT)
    assert ready.conversation.activity is Activity.STOPPING
    assert window.progress.words.text() == "Stopping…"
    assert not window.composer.send_button.isEnabled()
    gate.open()


def test_a_stopped_answer_stays_and_the_next_question_works(
    qtbot: QtBot, ready: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    gate = Gate()
    engines.answers.append([TextDelta("Half"), gate, TextDelta(" of"), TextDelta(" it")])
    engines.answers.append(says("Whole."))
    write(qtbot, ready, "Go on")
    until(gate.reached.is_set)
    qtbot.keyClick(ready.window.composer.edit, Qt.Key.Key_Escape)
    gate.open()
    until(lambda: answered(ready))
    first = ready.conversation.exchanges[0]
    assert (first.state, first.answer) == (AnswerState.STOPPED, "Half of")
    assert ready.window.chat.view(1).answer.toPlainText() == "Half of"
    assert ready.window.progress.words.text() == ""
    write(qtbot, ready, "And now?")
    until(lambda: answered(ready))
    assert ready.conversation.exchanges[1].answer == "Whole."


def test_phases_are_named(
    qtbot: QtBot, ready: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    seeing, writing = Gate(), Gate()
    engines.answers.append(
        [
            Progress(Phase.SEEING, 2, 9),
            seeing,
            Progress(Phase.WRITING, 0, 0),
            writing,
            finished("x"),
        ]
    )
    write(qtbot, ready, "Go on")
    until(lambda: ready.window.progress.words.text() == "Seeing 3 of 9")
    assert ready.window.progress.bar.value() == 2
    seeing.open()
    until(lambda: ready.window.progress.words.text() == "Writing")
    writing.open()
    until(lambda: ready.window.progress.words.text() == "")


def test_a_question_asked_while_the_model_loads_is_answered_after(
    qtbot: QtBot, desktop: Desktop, engines: FakeEngines, picture_file: Path, until: Waiter
) -> None:
    gate = Gate()
    engines.loads.append([Progress(Phase.LOADING, 31, 50), gate, *LOADS])
    desktop.start([picture_file])
    until(lambda: "62 %" in desktop.window.top_bar.model_chip.text())
    until(lambda: desktop.conversation.picture is not None)
    write(qtbot, desktop, "What is this?")
    assert desktop.conversation.busy
    assert engines.questions == []
    gate.open()
    until(lambda: answered(desktop))
    assert desktop.conversation.exchanges[0].answer == "Yes."
    assert "CPU bfloat16" in desktop.window.top_bar.model_chip.text()


def test_a_waiting_question_can_be_withdrawn(
    qtbot: QtBot, desktop: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    gate = Gate()
    engines.loads.append([gate, *LOADS])
    desktop.start()
    until(gate.reached.is_set)
    write(qtbot, desktop, "What is this?")
    desktop.conversation.stop()
    gate.open()
    until(lambda: desktop.conversation.activity is Activity.IDLE)
    assert engines.questions == []
    assert desktop.conversation.exchanges[0].state is AnswerState.STOPPED


def test_out_of_memory_is_explained_and_the_button_asks_again_on_the_processor(
    qtbot: QtBot, ready: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    engines.answers += [[OutOfMemory("cuda", needed=3 * 10**9, free=10**9)], says("Slow.")]
    write(qtbot, ready, "Go on")
    until(lambda: ready.window.notice.isVisible())
    notice = ready.window.notice
    assert notice.notice is not None
    assert notice.notice.help is Help.USE_CPU
    assert "3.0 GB" in notice.body.text()
    assert ready.conversation.exchanges[0].state is AnswerState.FAILED
    qtbot.mouseClick(notice.help_button, LEFT)
    until(lambda: answered(ready))
    assert engines.made[-1][1] == "cpu"
    assert ready.conversation.exchanges[0].answer == "Slow."
    assert not notice.isVisible()


def test_a_fault_of_the_program_can_be_copied(
    qtbot: QtBot, ready: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    engines.answers.append([KeyError("rope")])
    write(qtbot, ready, "Go on")
    until(lambda: ready.window.notice.isVisible())
    qtbot.mouseClick(ready.window.notice.help_button, LEFT)
    assert "KeyError" in QGuiApplication.clipboard().text()
    assert "Traceback" in QGuiApplication.clipboard().text()
    assert ready.conversation.activity is Activity.IDLE


def test_a_missing_model_is_explained_and_can_be_tried_again(
    qtbot: QtBot, desktop: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    engines.loads.append([ModelError(ModelFault.NO_FILE, "starter", "config.json")])
    desktop.start()
    until(lambda: desktop.window.notice.isVisible())
    assert "config.json" in desktop.window.notice.body.text()
    assert desktop.conversation.activity is Activity.NO_MODEL
    assert "not loaded" in desktop.window.top_bar.model_chip.text()
    qtbot.mouseClick(desktop.window.notice.help_button, LEFT)
    until(lambda: desktop.conversation.activity is Activity.IDLE)


def test_asking_without_a_model_loads_it_first(
    qtbot: QtBot, desktop: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    engines.loads.append([ModelError(ModelFault.NO_FILE, "starter", "config.json")])
    desktop.start()
    until(lambda: desktop.window.notice.isVisible())
    assert desktop.conversation.activity is Activity.NO_MODEL
    write(qtbot, desktop, "Anyone there?")
    until(lambda: answered(desktop))
    assert desktop.conversation.exchanges[0].answer == "Yes."


def test_a_new_conversation_while_answering_hears_nothing_of_the_old(
    qtbot: QtBot, ready: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    gate = Gate()
    engines.answers += [[TextDelta("old"), gate, TextDelta("old"), finished("old")], says("new")]
    write(qtbot, ready, "Go on")
    until(gate.reached.is_set)
    qtbot.mouseClick(ready.window.top_bar.new_button, LEFT)
    assert not ready.conversation.exchanges
    write(qtbot, ready, "Afresh")
    gate.open()
    until(lambda: answered(ready))
    assert [exchange.answer for exchange in ready.conversation.exchanges] == ["new"]
    assert [turn.text for turn in engines.questions[1].turns] == ["Afresh"]


def test_up_edits_the_last_question(
    qtbot: QtBot, ready: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    engines.answers += [says("One."), says("Two.")]
    edit = ready.window.composer.edit
    write(qtbot, ready, "Wat?")
    until(lambda: answered(ready))
    qtbot.keyClick(edit, Qt.Key.Key_Up)
    assert edit.toPlainText() == "Wat?"
    assert ready.window.composer.editing
    edit.selectAll()
    write(qtbot, ready, "What?")
    until(lambda: len(engines.questions) == 2 and answered(ready))
    assert [exchange.question for exchange in ready.conversation.exchanges] == ["What?"]
    assert [turn.text for turn in engines.questions[1].turns] == ["What?"]


def test_escape_leaves_the_edited_question(qtbot: QtBot, ready: Desktop, until: Waiter) -> None:
    write(qtbot, ready, "Wat?")
    until(lambda: answered(ready))
    qtbot.keyClick(ready.window.composer.edit, Qt.Key.Key_Up)
    qtbot.keyClick(ready.window.composer.edit, Qt.Key.Key_Escape)
    assert not ready.window.composer.editing
    assert ready.window.composer.edit.toPlainText() == ""


def test_the_answer_is_copied_as_it_was_written(
    qtbot: QtBot, ready: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    engines.answers.append(says("The **total**"))
    write(qtbot, ready, "Go on")
    until(lambda: answered(ready))
    qtbot.mouseClick(ready.window.chat.view(1).copy_button, LEFT)
    assert QGuiApplication.clipboard().text() == "The **total**"
    assert ready.window.chat.view(1).copy_button.accessibleName() == "Copied"


def test_closing_while_answering_ends_the_thread(
    qtbot: QtBot, ready: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    class Passing(Gate):
        """Opens when the window has gone, as a forward pass ends on its own."""

        def wait(self) -> None:
            self.open()
            super().wait()

    passing = Passing()
    more: list[Step] = [passing, TextDelta("b")]
    engines.answers.append([TextDelta("a"), *more * 10_000, finished("c")])
    write(qtbot, ready, "Go on")
    until(passing.reached.is_set)
    ready.window.close()
    assert not ready.window.isVisible()
    assert engines.closed_engines == 1
