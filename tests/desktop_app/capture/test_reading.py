"""Reading the screen: streamed beside the region, copied, reshaped, read again otherwise."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from desktop_app.app import Desktop
from desktop_app.exchange import Activity
from desktop_app.screen_wish import ScreenWish
from desktop_app.ui.result_window import ResultWindow
from engine.errors import ModelError, ModelFault
from engine.messages import Phase, Progress, TextDelta
from tests.desktop_app.capture.conftest import FakeReader, PaintedScreens
from tests.desktop_app.capture.test_overlay import drag, opened
from tests.desktop_app.conftest import Click, Waiter
from tests.desktop_app.test_accessible_names import unnamed
from tests.fakes import FakeEngines, Gate, finished, says

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def result(
    qtbot: QtBot, ready: Desktop, painted: PaintedScreens, quick: FakeReader, until: Waiter
) -> ResultWindow:
    """A region was read."""
    window = read_to_its_end(qtbot, ready, until)
    until(window.isActiveWindow)  # it has the keys
    return window


def read_region(qtbot: QtBot, desktop: Desktop, until: Waiter) -> None:
    drag(qtbot, opened(desktop, until, reading=True), (140, 90), (240, 140))
    until(lambda: desktop.capture.results.window is not None)


def read_to_its_end(qtbot: QtBot, desktop: Desktop, until: Waiter) -> ResultWindow:
    read_region(qtbot, desktop, until)
    window = desktop.capture.results.window
    assert window is not None
    until(lambda: not desktop.capture.results.reading.busy)
    return window


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


def test_text_grows_beside_the_region_and_is_copied(
    qtbot: QtBot, ready: Desktop, painted: PaintedScreens, quick: FakeReader, until: Waiter
) -> None:
    gate, done = Gate(), Gate()
    seeing = Progress(Phase.SEEING, 0, 1)
    quick.answers.append(
        [
            seeing,
            gate,
            TextDelta("First line"),
            done,
            TextDelta("\nsecond"),
            finished("First line\nsecond"),
        ]
    )
    texts: list[str] = []
    ready.capture.text_ready.connect(texts.append)
    read_region(qtbot, ready, until)
    window = ready.capture.results.window
    assert window is not None
    until(gate.reached.is_set)
    until(lambda: "1" in window.edit.placeholderText())
    assert window.bar.isVisible()
    assert window.reader.text() == "Quick reader"
    assert not window.frameGeometry().contains(190, 115)  # it does not cover what is read
    gate.open()
    until(lambda: window.text == "First line")
    done.open()
    until(lambda: texts)
    assert texts == ["First line\nsecond"]
    assert clipboard() == "First line\nsecond"
    assert not window.bar.isVisible()
    toast = ready.capture.toast
    assert toast.isVisible()
    assert "Quick reader" in toast.title.text()
    assert toast.body.text() == "First line second"
    assert (quick.pictures[0].name, quick.prepared) == ("Screenshot", 1)


def test_copying_can_wait_for_the_person(
    qtbot: QtBot,
    ready: Desktop,
    painted: PaintedScreens,
    quick: FakeReader,
    until: Waiter,
    click: Click,
) -> None:
    QGuiApplication.clipboard().setText("mine")
    ready.preferences.set(copy_text=False)
    window, toast = read_to_its_end(qtbot, ready, until), ready.capture.toast
    assert clipboard() == "mine"
    assert toast.title.text() == "Read by Quick reader"
    window.offer_table(copy=False)
    assert clipboard() == "mine"
    click(window.copy_button)
    assert clipboard() == "Read quickly."
    assert window.copy_button.text() == "Copied"
    window._confirm.timeout.emit()
    assert window.copy_button.text() == "Copy"


def test_shapes_follow_to_the_clipboard_and_can_be_undone(
    qtbot: QtBot, ready: Desktop, painted: PaintedScreens, quick: FakeReader, until: Waiter
) -> None:
    quick.answers.append(says("Name\tSum\nTea\t3,50"))
    window = read_to_its_end(qtbot, ready, until)
    window.as_csv()
    assert window.text == clipboard() == 'Name,Sum\nTea,"3,50"'
    qtbot.keyClick(window.edit, Qt.Key.Key_Z, CONTROL)
    assert window.text == "Name\tSum\nTea\t3,50"
    window.as_markdown()
    assert clipboard().startswith("| Name | Sum |")
    window.as_read()
    window.as_tsv()
    assert clipboard() == "Name\tSum\nTea\t3,50"
    window.one_line()
    assert clipboard() == "Name Sum Tea 3,50"


def test_lines_are_joined_by_a_button(
    qtbot: QtBot,
    ready: Desktop,
    painted: PaintedScreens,
    quick: FakeReader,
    until: Waiter,
    click: Click,
) -> None:
    quick.answers.append(says("The quick brown fox\njumps over the lazy\ndog"))
    window = read_to_its_end(qtbot, ready, until)
    click(window.join_button)
    assert clipboard() == "The quick brown fox jumps over the lazy dog"
    window.edit.setPlainText("edited by hand")
    click(window.copy_button)
    assert clipboard() == "edited by hand"
    window.as_csv()
    assert window.notice.isVisible()  # no table


def test_the_other_reader_is_one_key_away(
    qtbot: QtBot, ready: Desktop, result: ResultWindow, engines: FakeEngines, until: Waiter
) -> None:
    engines.answers.append(says("Read by the model."))
    qtbot.keyClick(result, Qt.Key.Key_R, CONTROL)
    until(lambda: clipboard() == "Read by the model.")
    assert result.reader.text() == "Starter model"
    assert engines.questions[-1].turns[0].text == "Read the text."
    assert engines.questions[-1].picture is not None
    assert ready.conversation.exchanges == ()  # the conversation hears nothing of it
    assert ready.conversation.activity is Activity.IDLE
    qtbot.keyClick(result, Qt.Key.Key_R, CONTROL)
    until(lambda: clipboard() == "Read quickly.")


def test_another_prompt_for_the_same_region(
    qtbot: QtBot, ready: Desktop, result: ResultWindow, engines: FakeEngines, until: Waiter
) -> None:
    engines.answers.append(says("It is grey."))
    qtbot.keyClicks(result.question, "Which colour?")
    qtbot.keyClick(result.question, Qt.Key.Key_Return)
    until(lambda: clipboard() == "It is grey.")
    assert engines.questions[-1].turns[0].text == "Which colour?"


def test_the_region_goes_on_in_the_window(
    qtbot: QtBot, ready: Desktop, result: ResultWindow, until: Waiter, click: Click
) -> None:
    click(result.chat_button)
    until(lambda: ready.conversation.picture is not None)
    assert ready.capture.results.window is None
    assert ready.window.isVisible()


def test_a_fault_is_said_and_the_other_reader_offered(
    qtbot: QtBot, ready: Desktop, painted: PaintedScreens, quick: FakeReader, until: Waiter
) -> None:
    quick.answers.append([ModelError(ModelFault.NO_FILE, "rapidocr", "network")])
    failures: list[Exception] = []
    ready.capture.failed.connect(failures.append)
    read_region(qtbot, ready, until)
    until(lambda: failures)
    window = ready.capture.results.window
    assert window is not None
    assert window.notice.isVisible()
    assert window.swap_button.isEnabled()
    assert not window.bar.isVisible()


def test_closing_the_window_gives_up(
    qtbot: QtBot, ready: Desktop, painted: PaintedScreens, quick: FakeReader, until: Waiter
) -> None:
    gate = Gate()
    quick.answers.append([Progress(Phase.SEEING, 0, 1), gate, *says("late")])
    read_region(qtbot, ready, until)
    until(gate.reached.is_set)
    window = ready.capture.results.window
    assert window is not None
    until(window.isActiveWindow)
    with qtbot.waitSignal(ready.capture.cancelled):
        qtbot.keyClick(window, Qt.Key.Key_Escape)
    gate.open()
    assert ready.capture.results.window is None


def test_nothing_to_read_is_said(
    qtbot: QtBot, ready: Desktop, painted: PaintedScreens, quick: FakeReader, until: Waiter
) -> None:
    quick.answers.append([finished("")])
    QGuiApplication.clipboard().setText("precious")
    read_region(qtbot, ready, until)
    until(lambda: ready.capture.toast.isVisible())
    window = ready.capture.results.window
    assert window is not None
    assert "No text" in window.edit.placeholderText()
    assert not window.copy_button.isEnabled()
    assert clipboard() == "precious"


def test_who_only_waits_for_text_sees_no_window(
    qtbot: QtBot, ready: Desktop, painted: PaintedScreens, quick: FakeReader
) -> None:
    with qtbot.waitSignal(ready.capture.text_ready) as blocker:
        ready.capture.read_screen(ScreenWish("quick", 0, (0, 0, 100, 50)))
    assert blocker.args == ["Read quickly."]
    assert ready.capture.results.window is None


def test_a_quiet_reading_leaves_an_open_window_alone(
    qtbot: QtBot,
    ready: Desktop,
    result: ResultWindow,
    quick: FakeReader,
    until: Waiter,
    click: Click,
) -> None:
    quick.answers += [says("Something else."), says("Again.")]
    with qtbot.waitSignal(ready.capture.text_ready) as blocker:
        ready.capture.read_screen(ScreenWish("quick", 0, (0, 0, 100, 50)))
    assert blocker.args == ["Something else."]
    assert result.text == clipboard() == "Read quickly."
    click(result.swap_button)  # of the region that is shown
    until(lambda: result.reader.text() == "Starter model")
    click(result.swap_button)
    until(lambda: clipboard() == "Again.")
    assert len(quick.pictures) == 3
    assert quick.pictures[0].data == quick.pictures[2].data != quick.pictures[1].data


def test_the_model_is_waited_for(
    qtbot: QtBot,
    desktop: Desktop,
    painted: PaintedScreens,
    quick: FakeReader,
    engines: FakeEngines,
    until: Waiter,
) -> None:
    """A program in the background has loaded no model yet."""
    engines.answers.append(says("After loading."))
    with qtbot.waitSignal(desktop.capture.text_ready, timeout=15_000) as blocker:
        desktop.capture.read_screen(ScreenWish("model", 0, (0, 0, 100, 50)))
    assert blocker.args == ["After loading."]


def test_a_model_that_cannot_be_loaded_is_a_reason(
    qtbot: QtBot,
    desktop: Desktop,
    painted: PaintedScreens,
    quick: FakeReader,
    engines: FakeEngines,
) -> None:
    engines.loads.append([ModelError(ModelFault.NO_FOLDER, "nowhere")])
    with qtbot.waitSignal(desktop.capture.failed, timeout=15_000) as blocker:
        desktop.capture.read_screen(ScreenWish("model", 0, (0, 0, 100, 50)))
    assert blocker.args is not None
    assert isinstance(blocker.args[0], ModelError)
    assert not desktop.capture.results.reading.busy


def test_hotkeys_capture_and_read(
    ready: Desktop, painted: PaintedScreens, quick: FakeReader, until: Waiter
) -> None:
    for name in ("ocr", "capture"):
        ready.capture.hotkeys.pressed.emit(name)
        until(lambda: ready.capture.chooser is not None)
        chooser = ready.capture.chooser
        assert chooser is not None
        chooser.cancel()
        assert ready.capture.chooser is None
    assert painted.calls == 2
    until(lambda: quick.prepared)  # loaded while the person draws, where it will read


def test_every_control_has_a_name(qtbot: QtBot, result: ResultWindow) -> None:
    assert unnamed(result) == []
