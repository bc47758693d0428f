"""What the tests of the window with its history do and look at."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from desktop_app.app import Desktop
from desktop_app.history.records import StoredConversation
from desktop_app.picture_reader import _as_png
from desktop_app.ui.history_panel import HistoryPanel
from desktop_app.ui.history_rows import Entry
from tests.desktop_app.conftest import Waiter
from tests.desktop_app.history.samples import conversation


def ask(desktop: Desktop, until: Waiter, text: str) -> None:
    assert desktop.conversation.ask(text)
    until(lambda: not desktop.conversation.busy)


def look_at(desktop: Desktop, until: Waiter, path: Path) -> None:
    desktop.conversation.open_pictures([path])
    until(lambda: name_of_picture(desktop) == path.name)


def name_of_picture(desktop: Desktop) -> str:
    shown = desktop.conversation.picture
    return shown.picture.name if shown else ""


def only(desktop: Desktop) -> StoredConversation:
    (kept,) = desktop.recorder.kept()
    return kept


def said(kept: StoredConversation) -> list[str]:
    return [turn.text for turn in kept.turns]


def ago(days: int) -> float:
    """A minute ago but today, or noon of an earlier day."""
    now = datetime.now().astimezone()
    if days:
        return (now.replace(hour=12) - timedelta(days=days)).timestamp()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return max(midnight, now - timedelta(minutes=1)).timestamp()


def receipt_png() -> bytes:
    image = QImage(60, 80, QImage.Format.Format_RGB888)
    image.fill(Qt.GlobalColor.white)
    return _as_png(image)


def samples() -> list[StoredConversation]:
    return [
        conversation("total", ("What is the total?", "It is 42.10."), receipt_png(), ago(0)),
        conversation("chinese", ("请读出图片里的文字", "收据:合计 42.10"), updated=ago(1)),
        conversation("sky", ("What colour is the sky?", "Orange."), updated=ago(3)),
        conversation("old", ("Translate the sign", "No entry."), updated=ago(300)),
    ]


def panel(desktop: Desktop) -> HistoryPanel:
    return desktop.window.history.panel


def shown(desktop: Desktop) -> list[str]:
    """Headings and titles as they stand in the list."""
    rows = panel(desktop).rows
    found = (rows.row(rows.index(number)) for number in range(rows.rowCount()))
    return [row.summary.title if isinstance(row, Entry) else str(row.value) for row in found if row]


def click(qtbot: QtBot, desktop: Desktop, key: str) -> None:
    listed = panel(desktop).list
    place = listed.visualRect(panel(desktop).rows.index_of(key)).center()
    qtbot.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=place)


def press(qtbot: QtBot, desktop: Desktop, key: str, pressed: Qt.Key) -> None:
    listed = panel(desktop).list
    listed.setFocus()
    listed.setCurrentIndex(panel(desktop).rows.index_of(key))
    qtbot.keyClick(listed, pressed)


def questions(desktop: Desktop) -> list[str]:
    return [exchange.question for exchange in desktop.conversation.exchanges]


def choose(menu: QMenu, text: str) -> None:
    next(action for action in menu.actions() if action.text() == text).trigger()


def rows_entry(desktop: Desktop, key: str) -> Entry:
    rows = panel(desktop).rows
    entry = rows.entry(rows.index_of(key))
    assert entry is not None
    return entry
