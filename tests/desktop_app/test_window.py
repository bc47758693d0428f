"""Pictures in the window: drop, paste, bad ones, look closer. The engine is scripted."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import (
    QGuiApplication,
    QImage,
)
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.app import Desktop
from desktop_app.exchange import AnswerState, ModelChoice
from desktop_app.notices import Help
from engine.messages import PictureSeen, Speaker
from tests.desktop_app.conftest import Waiter
from tests.desktop_app.gestures import LEFT, answered, drag, drop, mime_of, write
from tests.fakes import FakeEngines, says


def test_drop_ask_and_read_the_answer(
    qtbot: QtBot, ready: Desktop, engines: FakeEngines, picture_file: Path, until: Waiter
) -> None:
    seen = PictureSeen(900, 1200, (2, 3), ((392, 518),) * 7, (784, 1036))
    engines.answers.append(says("The total is **42.10**.", seen))
    window = ready.window
    drop(window, mime_of(picture_file))
    until(lambda: ready.conversation.picture is not None)
    assert window.stage.isVisible()
    assert "900 × 1200" in window.stage.facts.text()
    assert "7 views" in window.stage.facts.text()
    write(qtbot, ready, "What is the total?")
    until(lambda: answered(ready))
    view = window.chat.view(1)
    assert view.answer.toPlainText() == "The total is 42.10."
    assert view.question.toPlainText() == "What is the total?"
    assert window.card.isVisible()
    assert "seen at 784 × 1036" in window.card.facts.text()
    asked = engines.questions[0]
    assert asked.picture is not None
    assert asked.picture.data == picture_file.read_bytes()
    assert [turn.text for turn in asked.turns] == ["What is the total?"]


def test_views_are_counted_as_the_chosen_model_cuts(
    ready: Desktop, picture_file: Path, tmp_path: Path, until: Waiter
) -> None:
    other = tmp_path / "other.png"
    Image.new("RGB", (900, 1200), "red").save(other)
    drop(ready.window, mime_of(picture_file, other))
    until(lambda: len(ready.window.pictures.pictures) == 2)
    strip = ready.window.strip
    assert "7 views" in ready.window.stage.facts.text()
    assert all("7 views" in each.toolTip() for each in strip.thumbnails)
    small = tmp_path / "small"
    small.mkdir()
    (small / "config.json").write_text('{"scale_resolution": 224, "max_slice_nums": 1}')
    ready.conversation.use_model(ModelChoice("small", small))
    assert "1 view" in ready.window.stage.facts.text()
    assert all("1 view" in each.toolTip() for each in strip.thumbnails)
    ready.conversation.begin_anew()
    drop(ready.window, mime_of(picture_file))
    until(lambda: ready.conversation.picture is not None)
    assert "1 view" in ready.window.stage.facts.text()
    ready.conversation.use_model(ModelChoice("known to a server", small, server="http://a.test"))
    assert ready.window.stage.facts.text() == "900 × 1200"  # nobody knows how it looks


def test_a_follow_up_carries_the_turns_before(
    qtbot: QtBot, ready: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    engines.answers += [says("One."), says("Two.")]
    write(qtbot, ready, "First?")
    until(lambda: answered(ready))
    write(qtbot, ready, "Second?")
    until(lambda: len(engines.questions) == 2 and answered(ready))
    turns = [(turn.speaker, turn.text) for turn in engines.questions[1].turns]
    assert turns == [
        (Speaker.USER, "First?"),
        (Speaker.ASSISTANT, "One."),
        (Speaker.USER, "Second?"),
    ]


def test_while_something_is_dragged_one_zone_says_what_will_happen(
    ready: Desktop, picture_file: Path
) -> None:
    assert drag(ready.window, mime_of(picture_file)).isAccepted()
    assert ready.window.drop_zone.isVisible()
    words = QMimeData()
    words.setText("just words")
    ready.window.drop_zone.hide()
    drag(ready.window, words)
    assert not ready.window.drop_zone.isVisible()


def test_several_files_open_the_first_and_say_so(
    ready: Desktop, picture_file: Path, tmp_path: Path, until: Waiter
) -> None:
    other = tmp_path / "second.png"
    Image.new("RGB", (10, 10)).save(other)
    drop(ready.window, mime_of(picture_file, other))
    until(lambda: ready.conversation.picture is not None)
    assert ready.conversation.picture is not None
    assert ready.conversation.picture.picture.name == "receipt.png"


BAD = {
    "empty.png": b"",
    "notes.txt": b"these are words",
    "cut.png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x10",
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_picture_gives_a_notice_and_the_program_goes_on(
    qtbot: QtBot, ready: Desktop, tmp_path: Path, picture_file: Path, until: Waiter, name: str
) -> None:
    bad = tmp_path / name
    bad.write_bytes(BAD[name])
    drop(ready.window, mime_of(bad))
    until(lambda: ready.window.notice.isVisible())
    assert name in ready.window.notice.title.text()
    assert ready.window.notice.body.text()
    assert ready.window.notice.help_button.text()
    assert ready.conversation.picture is None
    drop(ready.window, mime_of(picture_file))
    until(lambda: ready.conversation.picture is not None)
    assert not ready.window.notice.isVisible()
    write(qtbot, ready, "And now?")
    until(lambda: answered(ready))
    assert ready.conversation.exchanges[0].state is AnswerState.FINISHED


def test_a_missing_file_gives_a_notice(ready: Desktop, tmp_path: Path, until: Waiter) -> None:
    drop(ready.window, mime_of(tmp_path / "gone.png"))
    until(lambda: ready.window.notice.isVisible())
    assert "gone.png" in ready.window.notice.title.text()


def test_paste_takes_pixels(qtbot: QtBot, ready: Desktop, until: Waiter) -> None:
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    QGuiApplication.clipboard().setImage(image)
    qtbot.keyClick(ready.window.composer.edit, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    until(lambda: ready.conversation.picture is not None)
    shown = ready.conversation.picture
    assert shown is not None
    assert (shown.width, shown.height) == (40, 30)
    assert shown.picture.data.startswith(b"\x89PNG")
    assert shown.image.pixelColor(5, 5) == Qt.GlobalColor.red


def test_paste_takes_copied_files(
    qtbot: QtBot, ready: Desktop, picture_file: Path, until: Waiter
) -> None:
    QGuiApplication.clipboard().setMimeData(mime_of(picture_file))
    ready.window.paste()
    until(lambda: ready.conversation.picture is not None)


def test_paste_leaves_text_text(qtbot: QtBot, ready: Desktop) -> None:
    QGuiApplication.clipboard().setText("What is <image>?")
    ready.window.paste()
    assert ready.window.composer.edit.toPlainText() == "What is <image>?"
    assert ready.conversation.picture is None


def test_a_picture_that_is_elsewhere_is_never_fetched(ready: Desktop) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl("https://example.org/cat.png")])
    drop(ready.window, mime)
    assert ready.window.notice.isVisible()
    assert ready.conversation.picture is None


def test_another_picture_begins_a_new_conversation_and_one_can_go_back(
    qtbot: QtBot, ready: Desktop, picture_file: Path, tmp_path: Path, until: Waiter
) -> None:
    other = tmp_path / "other.png"
    Image.new("RGB", (64, 48)).save(other)
    drop(ready.window, mime_of(picture_file))
    until(lambda: ready.conversation.picture is not None)
    write(qtbot, ready, "What is this?")
    until(lambda: answered(ready))
    drop(ready.window, mime_of(other))
    until(lambda: ready.conversation.exchanges == ())
    assert ready.window.notice.notice is not None
    assert ready.window.notice.notice.help is Help.GO_BACK
    qtbot.mouseClick(ready.window.notice.help_button, LEFT)
    assert ready.conversation.picture is not None
    assert ready.conversation.picture.picture.name == "receipt.png"
    assert ready.window.chat.view(1).answer.toPlainText() == "Yes."


def test_the_picture_can_be_removed_by_key(
    qtbot: QtBot, ready: Desktop, picture_file: Path, until: Waiter
) -> None:
    drop(ready.window, mime_of(picture_file))
    until(lambda: ready.conversation.picture is not None)
    control = Qt.KeyboardModifier.ControlModifier
    ready.window.activateWindow()
    qtbot.keyClick(ready.window.composer.edit, Qt.Key.Key_Backspace, control)
    until(lambda: ready.conversation.picture is None)
    assert ready.window.empty.isVisible()


def test_the_picture_opens_large_and_zooms(
    qtbot: QtBot, ready: Desktop, picture_file: Path, until: Waiter
) -> None:
    drop(ready.window, mime_of(picture_file))
    until(lambda: ready.conversation.picture is not None)
    qtbot.mouseClick(ready.window.stage.image, LEFT)
    zoom = ready.window.zoom
    assert zoom.isVisible()
    fitting = zoom.percent
    qtbot.keyClick(zoom, Qt.Key.Key_Plus)
    assert zoom.percent == round(fitting * 1.25)
    qtbot.keyClick(zoom, Qt.Key.Key_0)
    assert zoom.percent == fitting
    qtbot.keyClick(zoom, Qt.Key.Key_Escape)
    assert not zoom.isVisible()


def test_the_large_picture_is_moved_and_left_by_keys(
    qtbot: QtBot, ready: Desktop, picture_file: Path, until: Waiter
) -> None:
    drop(ready.window, mime_of(picture_file))
    until(lambda: ready.conversation.picture is not None)
    window, zoom = ready.window, ready.window.zoom
    window.activateWindow()
    window.stage.image.setFocus()
    qtbot.keyClick(window.stage.image, Qt.Key.Key_Return)
    for _ in range(8):
        qtbot.keyClick(zoom, Qt.Key.Key_Plus)
    before = zoom._place()
    qtbot.keyClick(zoom, Qt.Key.Key_Right)
    qtbot.keyClick(zoom, Qt.Key.Key_Up)
    after = zoom._place()
    assert after.x() < before.x()
    assert after.y() > before.y()
    names = []
    for _ in range(5):
        focused = QApplication.focusWidget()
        assert focused is not None
        names.append(focused.accessibleName())
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    assert names == ["Picture, large", "Smaller", "Larger", "Fit the window", "Close the picture"]
    assert QApplication.focusWidget() is zoom
    qtbot.keyClick(zoom, Qt.Key.Key_Backtab)
    qtbot.keyClick(zoom.close_button, Qt.Key.Key_Return)
    assert not zoom.isVisible()
    assert QApplication.focusWidget() is window.stage.image
    qtbot.keyClick(window.stage.image, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is window.stage.remove_button


def test_a_drag_that_ends_beside_the_large_picture_leaves_it_open(
    qtbot: QtBot, ready: Desktop, picture_file: Path, until: Waiter
) -> None:
    drop(ready.window, mime_of(picture_file))
    until(lambda: ready.conversation.picture is not None)
    zoom = ready.window.zoom
    qtbot.mouseClick(ready.window.stage.image, LEFT)
    middle = zoom.rect().center()
    qtbot.mousePress(zoom, LEFT, pos=middle)
    qtbot.mouseMove(zoom, middle + QPoint(2, zoom.height() // 2 - 4))
    qtbot.mouseRelease(zoom, LEFT, pos=QPoint(4, zoom.height() - 4))
    assert zoom.isVisible()
    qtbot.mouseClick(zoom, LEFT, pos=QPoint(4, zoom.height() - 4))
    assert not zoom.isVisible()
