"""The setting that removes old conversations, on the real file: at once, at the start, for days."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.app import Desktop
from desktop_app.exchange import Activity, ModelChoice
from desktop_app.history.store import HistoryStore
from desktop_app.paths import Paths
from tests.desktop_app.conftest import Waiter
from tests.desktop_app.history.desk import ask, click, said, shown
from tests.fakes import FakeEngines, says

OLD = "Translate the sign"  # of 300 days ago, see desk.samples


def titles(file: Path) -> set[str]:
    """What lies in the file, for whoever opens it."""
    store = HistoryStore(file)
    found = {summary.title for summary in store.summaries()}
    store.close()
    return found


def test_what_is_older_goes_at_once_from_list_and_file(filled: Desktop, file: Path) -> None:
    assert OLD in shown(filled)
    filled.preferences.set(history_days="365")
    assert OLD in shown(filled)
    filled.preferences.set(history_days="90")
    assert OLD not in shown(filled)
    left = set(shown(filled))
    filled.preferences.set(history_days="0")
    assert set(shown(filled)) == left
    assert OLD not in titles(file)
    assert len(titles(file)) == 3


def test_it_goes_at_the_next_start_too(
    filled: Desktop, file: Path, tmp_path: Path, qtbot: QtBot, qapp: QApplication
) -> None:
    filled.shutdown()
    paths = Paths.under(tmp_path)
    filled.preferences.settings.with_value("history_days", "30").save(
        paths.config / "settings.json"
    )
    assert OLD in titles(file)
    engines = FakeEngines()
    later = Desktop(qapp, paths, ModelChoice("starter", tmp_path / "starter"), engines.make)
    qtbot.addWidget(later.window)
    assert OLD not in shown(later)
    later.shutdown()
    assert OLD not in titles(file)


def test_a_program_that_runs_for_weeks_forgets_meanwhile(filled: Desktop, file: Path) -> None:
    filled.preferences.set(history_days="7")
    store = HistoryStore(file)
    store.connection.execute("UPDATE conversations SET updated = updated - 8 * 86400")
    store.connection.commit()
    store.close()
    assert filled.model_settings.forgetting.isActive()
    filled.model_settings.forgetting.timeout.emit()
    assert titles(file) == set()
    assert shown(filled) == []


def test_the_conversation_that_is_open_stays_and_goes_on(
    qtbot: QtBot, filled: Desktop, file: Path, engines: FakeEngines, until: Waiter
) -> None:
    click(qtbot, filled, "old")
    until(lambda: filled.conversation.activity is Activity.IDLE)
    assert [each.question for each in filled.conversation.exchanges] == [OLD]
    filled.preferences.set(history_days="30")
    engines.answers.append(says("Go this way."))
    ask(filled, until, "And the other one?")
    kept = next(each for each in filled.recorder.kept() if each.summary.title == OLD)
    assert said(kept)[-2:] == ["And the other one?", "Go this way."]
    assert OLD in titles(file)


def test_what_was_on_the_screen_before_is_removed_too(
    qtbot: QtBot, filled: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    for key in ("old", "sky"):
        click(qtbot, filled, key)
        until(lambda: filled.conversation.activity is Activity.IDLE)
    filled.preferences.set(history_days="30")
    assert OLD not in shown(filled)
    engines.answers.append(says("Blue."))
    ask(filled, until, "Really?")
    kept = next(each for each in filled.recorder.kept() if each.summary.id == "sky")
    assert said(kept)[-1] == "Blue."
