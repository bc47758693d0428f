"""Several pictures: thumbnails, each with its own conversation, one question for all."""

from __future__ import annotations

from pathlib import Path
from threading import Event

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from desktop_app.app import Desktop
from desktop_app.picture_reader import ShownPicture, Source
from desktop_app.picture_set import MOST
from engine.messages import TextDelta
from tests.desktop_app.conftest import Click, Waiter
from tests.desktop_app.gestures import drop, mime_of, write
from tests.desktop_app.history.desk import ask, name_of_picture
from tests.fakes import FakeEngines, Gate, finished, says


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    made = []
    for number, shade in enumerate(("red", "green", "blue")):
        made.append(tmp_path / f"{shade}.png")
        Image.new("RGB", (100 * (number + 1), 80), shade).save(made[-1])
    return made


@pytest.fixture
def three(ready: Desktop, files: list[Path], until: Waiter) -> Desktop:
    """A window with three pictures."""
    drop(ready.window, mime_of(*files))
    until(lambda: len(ready.window.pictures.pictures) == 3)
    ready.window.activateWindow()
    return ready


def names(desktop: Desktop) -> list[str]:
    return [kept.picture.name for kept in desktop.window.pictures.pictures]


def questions(desktop: Desktop) -> list[str]:
    return [exchange.question for exchange in desktop.conversation.exchanges]


def test_several_pictures_stand_side_by_side(three: Desktop) -> None:
    assert names(three) == ["red.png", "green.png", "blue.png"]
    assert name_of_picture(three) == "red.png"
    strip = three.window.strip
    assert strip.isVisible()
    assert strip.thumbnails[1].accessibleName() == "green.png, 200 × 80, 1 view"
    assert [each.isChecked() for each in strip.thumbnails] == [True, False, False]
    assert "1 of 3" in strip.words.text()


def test_each_has_a_conversation_of_its_own(
    three: Desktop, engines: FakeEngines, until: Waiter, click: Click
) -> None:
    ask(three, until, "Red?")
    click(three.window.strip.thumbnails[1])
    until(lambda: name_of_picture(three) == "green.png")
    assert three.conversation.exchanges == ()
    ask(three, until, "Green?")
    assert [turn.text for turn in engines.questions[-1].turns] == ["Green?"]
    asked = engines.questions[-1].picture
    assert asked is not None
    assert asked.name == "green.png"
    click(three.window.strip.thumbnails[0])
    until(lambda: questions(three) == ["Red?"])
    ask(three, until, "And?")
    kept = {each.summary.picture_name: each for each in three.recorder.kept()}
    assert [turn.text for turn in kept["red.png"].turns] == ["Red?", "Yes.", "And?", "Yes."]
    assert [turn.text for turn in kept["green.png"].turns] == ["Green?", "Yes."]


def test_keys_turn_the_pages_and_take_a_picture_out(
    qtbot: QtBot, three: Desktop, until: Waiter
) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(three.window.composer.edit, Qt.Key.Key_PageUp, control)
    until(lambda: name_of_picture(three) == "blue.png")
    qtbot.keyClick(three.window.composer.edit, Qt.Key.Key_PageDown, control)
    until(lambda: name_of_picture(three) == "red.png")
    three.window.strip.thumbnails[1].setFocus()
    qtbot.keyClick(three.window.strip.thumbnails[1], Qt.Key.Key_Delete)
    assert names(three) == ["red.png", "blue.png"]
    assert three.window.strip.thumbnails[1].hasFocus()
    three.window.composer.edit.setFocus()
    qtbot.keyClick(three.window.composer.edit, Qt.Key.Key_Backspace, control)
    until(lambda: name_of_picture(three) == "blue.png")
    assert not three.window.strip.isVisible()
    qtbot.keyClick(three.window.composer.edit, Qt.Key.Key_Backspace, control)
    until(lambda: three.conversation.picture is None)


def test_one_question_goes_to_all(
    qtbot: QtBot, three: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    engines.answers += [says("R."), says("G."), says("B.")]
    three.window.strip.all_box.setChecked(True)
    write(qtbot, three, "Which colour?")
    until(lambda: len(engines.questions) == 3 and not three.window.pictures.still_to_ask)
    asked = [question.picture.name for question in engines.questions if question.picture]
    assert asked == ["red.png", "green.png", "blue.png"]
    three.window.pictures.choose(1)
    until(lambda: name_of_picture(three) == "green.png")
    assert three.conversation.exchanges[0].answer == "G."


def test_stop_ends_the_round(
    qtbot: QtBot, three: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    gate = Gate()
    engines.answers.append([TextDelta("R"), gate, TextDelta("."), finished("R.")])
    assert three.window.pictures.ask_all("Which colour?")
    until(gate.reached.is_set)
    assert "1 of 3" in three.window.strip.words.text()
    three.conversation.stop()
    gate.open()
    until(lambda: not three.conversation.busy)
    assert three.window.pictures.still_to_ask == 0
    assert len(engines.questions) == 1


def test_a_bad_one_is_said_and_the_others_come(
    ready: Desktop, files: list[Path], tmp_path: Path, until: Waiter
) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture")
    QGuiApplication.clipboard().setMimeData(mime_of(bad, *files))
    ready.window.paste()
    until(lambda: len(ready.window.pictures.pictures) == 3)
    assert name_of_picture(ready) == "red.png"
    assert ready.window.notice.isVisible()
    assert "bad.png" in ready.window.notice.title.text()


def test_each_of_several_bad_ones_is_named_with_its_reason(
    ready: Desktop, files: list[Path], tmp_path: Path, until: Waiter
) -> None:
    text, empty, folder = tmp_path / "notes.txt", tmp_path / "empty.png", tmp_path / "folder"
    text.write_bytes(b"only text")
    empty.write_bytes(b"")
    folder.mkdir()
    drop(ready.window, mime_of(text, files[0], empty, folder, files[1]))
    until(lambda: len(ready.window.pictures.pictures) == 2)
    shown = ready.window.notice
    assert shown.isVisible()
    assert shown.title.text() == "3 files were not opened"
    for name in ("notes.txt", "empty.png", "folder"):
        assert name in shown.body.text()
    assert shown.notice is not None
    assert "It is a folder." in shown.notice.details


def test_a_picture_that_takes_long_is_said_to_be_opened(
    qtbot: QtBot, ready: Desktop, picture_file: Path, until: Waiter
) -> None:
    gate = Event()
    reader = ready.conversation.reader
    read = reader.read

    def slowly(source: Source) -> ShownPicture:
        gate.wait(10)
        return read(source)

    reader.read = slowly
    drop(ready.window, mime_of(picture_file))
    assert ready.window.progress.words.text() == ""
    until(lambda: ready.window.progress.words.text() == "Opening the picture")
    assert ready.window.progress.bar.isVisible()
    gate.set()
    until(lambda: ready.conversation.picture is not None)
    assert ready.window.progress.words.text() == ""
    assert not ready.window.progress.bar.isVisible()


def test_a_new_conversation_ends_the_set_and_one_more_picture_joins_it(
    three: Desktop, picture_file: Path, until: Waiter
) -> None:
    drop(three.window, mime_of(picture_file))
    until(lambda: len(names(three)) == 4)
    assert name_of_picture(three) == "red.png"
    drop(three.window, mime_of(picture_file, picture_file))  # the same one twice is one
    until(lambda: not three.window.pictures._reading)
    assert len(names(three)) == 4
    three.conversation.begin_anew()
    assert names(three) == []
    assert three.window.empty.isVisible()


def test_there_is_a_limit_and_it_is_said(ready: Desktop, files: list[Path], until: Waiter) -> None:
    drop(ready.window, mime_of(*files * 11))
    assert ready.window.notice.isVisible()
    assert str(MOST) in ready.window.notice.body.text()
    until(lambda: len(names(ready)) == 3)
