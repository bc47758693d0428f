"""What is not to be kept is not written, and what was removed is gone."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.app import Desktop
from desktop_app.exchange import Activity, AnswerState, ModelChoice
from desktop_app.history.store import DAY, HistoryStore
from desktop_app.notices import Help
from desktop_app.paths import Paths
from desktop_app.settings import Settings
from engine.messages import TextDelta
from tests.desktop_app.conftest import Waiter
from tests.desktop_app.history.desk import ask, look_at, only, said
from tests.desktop_app.history.samples import answer, conversation, question
from tests.fakes import FakeEngines, Gate, finished, says


def everything_written(tmp_path: Path) -> bytes:
    return b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_what_is_not_to_be_kept_is_never_written(
    ready: Desktop, engines: FakeEngines, tmp_path: Path, file: Path, until: Waiter
) -> None:
    engines.answers += [says("Kept."), says("geheimnisvoll"), says("wieder geheimnisvoll")]
    ask(ready, until, "Open question?")
    before = {path.name: path.read_bytes() for path in file.parent.iterdir()}
    ready.recorder.keep(False)
    ready.conversation.begin_anew()
    path = tmp_path / "secret.png"
    Image.new("RGB", (12, 34), "purple").save(path)
    secret = path.read_bytes()
    look_at(ready, until, path)
    path.unlink()
    ask(ready, until, "Verschwiegen?")
    ready.recorder.save_partial()
    ready.conversation.edit(1, "Noch verschwiegener?")
    until(lambda: not ready.conversation.busy)
    assert {path.name: path.read_bytes() for path in file.parent.iterdir()} == before
    ready.window.close()
    written = everything_written(tmp_path)
    assert b"Open question?" in written
    assert not any(
        word in written for word in (b"geheimnisvoll", b"erschwiegen", b"secret", secret)
    )


def test_a_private_conversation_stays_private_when_keeping_begins_again(
    ready: Desktop, until: Waiter
) -> None:
    ready.recorder.keep(False)
    ask(ready, until, "Private?")
    ready.recorder.keep(True)
    ask(ready, until, "Still private?")
    assert ready.recorder.summaries() == []
    ready.conversation.begin_anew()
    ask(ready, until, "Kept?")
    assert said(only(ready)) == ["Kept?", "Yes."]
    ready.conversation.go_back()
    ask(ready, until, "Private for ever?")
    assert said(only(ready)) == ["Kept?", "Yes."]


def test_a_kept_conversation_that_becomes_private_gets_nothing_more(
    ready: Desktop, until: Waiter
) -> None:
    ask(ready, until, "Kept?")
    ready.recorder.keep(False)
    ask(ready, until, "Private?")
    ready.recorder.keep(True)
    ask(ready, until, "Private too?")
    assert said(only(ready)) == ["Kept?", "Yes."]


def test_leaving_a_private_conversation_says_so_and_offers_the_way_back(
    ready: Desktop, until: Waiter
) -> None:
    ask(ready, until, "Kept?")
    key = ready.recorder.current
    ready.recorder.keep(False)
    ready.conversation.begin_anew()
    ask(ready, until, "Private?")
    ready.recorder.take_up(key)
    notice = ready.window.notice.notice
    assert notice is not None
    assert notice.help is Help.GO_BACK
    ready.window.notice.help_button.click()
    assert [each.question for each in ready.conversation.exchanges] == ["Private?"]


def test_the_choice_is_remembered_and_nothing_is_created(
    ready: Desktop, tmp_path: Path, qtbot: QtBot, qapp: QApplication, engines: FakeEngines
) -> None:
    ready.recorder.keep(False)
    ready.window.close()
    assert Settings.load(Paths.under(tmp_path).config / "settings.json").history == "off"
    paths = Paths.under(tmp_path / "other")
    Settings(history="off").save(paths.config / "settings.json")
    made = Desktop(qapp, paths, ModelChoice("starter", tmp_path), engines.make)
    qtbot.addWidget(made.window)
    assert not made.recorder.keeping
    assert not paths.data.exists()
    made.recorder.keep(True)
    assert (paths.data / "history.sqlite").exists()
    made.shutdown()


def test_deleting_the_open_conversation_leaves_it_and_undo_brings_it_back(
    ready: Desktop, picture_file: Path, until: Waiter
) -> None:
    look_at(ready, until, picture_file)
    ask(ready, until, "What?")
    before = only(ready)
    ready.recorder.delete(before.summary.id)
    assert ready.conversation.exchanges == ()
    assert ready.recorder.summaries() == []
    notice = ready.window.notice.notice
    assert notice is not None
    assert notice.help is Help.UNDO
    assert "What?" in notice.title
    ready.window.notice.help_button.click()
    until(lambda: ready.recorder.current == before.summary.id)
    until(lambda: ready.conversation.picture is not None)
    assert only(ready) == before
    ask(ready, until, "More?")
    assert said(only(ready)) == ["What?", "Yes.", "More?", "Yes."]


def test_deleting_while_it_answers_stops_it(
    ready: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    gate = Gate()
    engines.answers.append([TextDelta("Half"), gate, finished("x")])
    ready.conversation.ask("What?")
    until(lambda: ready.conversation.exchanges[-1].state is AnswerState.GROWING)
    ready.recorder.delete(ready.recorder.current)
    gate.open()
    assert not ready.conversation.busy
    assert ready.recorder.summaries() == []


def test_what_is_open_when_all_is_deleted_is_not_kept_again(ready: Desktop, until: Waiter) -> None:
    ask(ready, until, "What?")
    ready.recorder.delete_all()
    ask(ready, until, "More?")
    assert ready.recorder.summaries() == []
    assert len(ready.conversation.exchanges) == 2


def test_old_conversations_go_at_the_start(
    tmp_path: Path, file: Path, qtbot: QtBot, qapp: QApplication, engines: FakeEngines
) -> None:
    import time

    store = HistoryStore(file)
    store.add([conversation("old", updated=time.time() - 31 * DAY)])
    store.add([conversation("young", updated=time.time() - 29 * DAY)])
    store.close()
    Settings(history_days="30").save(Paths.under(tmp_path).config / "settings.json")
    made = Desktop(qapp, Paths.under(tmp_path), ModelChoice("starter", tmp_path), engines.make)
    qtbot.addWidget(made.window)
    assert [summary.id for summary in made.recorder.summaries()] == ["young"]
    made.shutdown()


def test_a_history_of_a_later_program_leaves_the_window_usable(
    ready: Desktop, file: Path, again: Desktop, until: Waiter
) -> None:
    ready.recorder.close()
    again.recorder.close()
    store = HistoryStore(file)
    store.connection.execute("PRAGMA user_version = 99")
    store.close()
    before = file.read_bytes()
    again.recorder.open()
    notice = again.window.notice.notice
    assert notice is not None
    assert "later version" in notice.body
    again.start()
    until(lambda: again.conversation.activity is Activity.IDLE)
    ask(again, until, "What?")
    assert again.conversation.exchanges[-1].answer == "Yes."
    assert file.read_bytes() == before


def test_a_damaged_history_is_named_and_a_new_one_begins(
    ready: Desktop, file: Path, until: Waiter
) -> None:
    ready.recorder.close()
    file.write_bytes(b"no database " * 100)
    ready.recorder.open()
    notice = ready.window.notice.notice
    assert notice is not None
    assert "damaged" in notice.title
    assert notice.details
    ask(ready, until, "What?")
    assert said(only(ready)) == ["What?", "Yes."]


def test_a_conversation_that_could_not_be_begun_is_kept_whole_later(
    ready: Desktop, file: Path, until: Waiter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop_app.history.schema.BUSY_SECONDS", 0.05)
    ready.recorder.close()
    ready.recorder.open()
    other = HistoryStore(file)
    other.connection.execute("BEGIN IMMEDIATE")
    ask(ready, until, "First?")
    assert ready.window.notice.isVisible()
    other.connection.execute("ROLLBACK")
    other.close()
    ask(ready, until, "Second?")
    assert said(only(ready)) == ["First?", "Yes.", "Second?", "Yes."]


def test_turns_make_exchanges_again() -> None:
    from desktop_app.history.exchanges import exchanges_of, title_of

    turns = (question("One?"), answer("A"), question("Two?", 2))
    made, _ = exchanges_of(turns)
    assert [(each.question, each.answer, each.state) for each in made] == [
        ("One?", "A", AnswerState.FINISHED),
        ("Two?", "", AnswerState.STOPPED),
    ]
    assert made[0].statistics is not None
    assert made[0].statistics.tokens_per_second == pytest.approx(32 / 4.5)
    assert len(title_of("word " * 100)) <= 120
