"""Where there is a tray, closing may hide the window; where there is none, it never hides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QMessageBox, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from desktop_app.app import Desktop
from desktop_app.exchange import ModelChoice
from desktop_app.i18n import tr
from desktop_app.paths import Paths
from desktop_app.tray import Reason
from tests.desktop_app.conftest import Click, Waiter
from tests.fakes import FakeEngines

# The platform of the tests has no tray and says so.
pytestmark = pytest.mark.qt_log_ignore("systemTrayWindowChanged", "No Icon set")


@pytest.fixture
def with_tray(
    qtbot: QtBot,
    qapp: QApplication,
    tmp_path: Path,
    engines: FakeEngines,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Desktop]:
    """A desktop whose tray is there, as far as anybody can tell."""
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", staticmethod(lambda: True))
    choice = ModelChoice("starter", tmp_path / "starter")
    made = Desktop(qapp, Paths.under(tmp_path), choice, engines.make)
    qtbot.addWidget(made.window)
    made.tray.allow()
    made.start()
    yield made
    made.quit()


def ended(desktop: Desktop) -> Callable[[], bool]:
    said: list[bool] = []
    desktop.ended.connect(lambda: said.append(True))
    return lambda: bool(said)


def test_without_a_tray_closing_ends_the_program(ready: Desktop) -> None:
    gone = ended(ready)
    assert not ready.tray.there
    ready.tray.allow()
    ready.window.close()
    assert gone()
    assert not ready.tray.icon.isVisible()


def press(box: QMessageBox | None, text: str, click: Click) -> None:
    assert box is not None
    click(next(button for button in box.buttons() if text in button.text()))


def test_the_first_closing_asks_and_the_answer_is_kept(
    with_tray: Desktop, click: Click, until: Waiter
) -> None:
    gone = ended(with_tray)
    with_tray.window.close()
    assert with_tray.window.isVisible()
    press(with_tray.tray.box, "Stay", click)
    until(lambda: not with_tray.window.isVisible())
    assert with_tray.preferences.settings.on_close == "hide"
    assert not gone()
    with_tray.come_forward()
    with_tray.window.close()
    assert not with_tray.window.isVisible()
    assert with_tray.tray.box is None
    assert not gone()


def test_cancel_leaves_everything(with_tray: Desktop, click: Click, until: Waiter) -> None:
    with_tray.window.close()
    press(with_tray.tray.box, "Cancel", click)
    until(lambda: with_tray.tray.box is None)
    assert with_tray.window.isVisible()
    assert with_tray.preferences.settings.on_close == "ask"


def test_who_wants_to_quit_quits(with_tray: Desktop, click: Click, until: Waiter) -> None:
    gone = ended(with_tray)
    with_tray.window.close()
    press(with_tray.tray.box, "Quit", click)
    until(gone)


def test_without_the_icon_the_window_does_not_hide(with_tray: Desktop) -> None:
    with_tray.preferences.set(on_close="hide")
    with_tray.window.close()
    assert not with_tray.window.isVisible()
    with_tray.preferences.set(tray=False)
    assert with_tray.window.isVisible()
    gone = ended(with_tray)
    with_tray.window.close()
    assert gone()


def test_a_click_brings_the_window_back(with_tray: Desktop) -> None:
    with_tray.preferences.set(on_close="hide")
    with_tray.window.close()
    with_tray.tray.icon.activated.emit(Reason.Trigger)
    assert with_tray.window.isVisible()


def test_the_menu_speaks_the_language_and_acts(with_tray: Desktop) -> None:
    with_tray.preferences.set(language="zh")
    menu = with_tray.tray.menu
    menu.aboutToShow.emit()
    texts = [each.text() for each in menu.actions() if each.text()]
    assert texts[0] == tr("Hide the window") == "隐藏窗口"
    settings = next(each for each in menu.actions() if each.text() == tr("Settings"))
    settings.trigger()
    assert with_tray.settings.window.isVisible()
    with_tray.preferences.set(language="en")


def test_quit_ends_also_a_window_that_would_hide(with_tray: Desktop) -> None:
    with_tray.preferences.set(on_close="hide")
    gone = ended(with_tray)
    with_tray.tray.quit_wished.emit()
    assert gone()
    assert not with_tray.window.isVisible()
