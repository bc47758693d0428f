"""A history in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.app import Desktop
from desktop_app.exchange import Activity, ModelChoice
from desktop_app.history.store import HistoryStore
from desktop_app.paths import Paths
from tests.desktop_app.conftest import Waiter
from tests.desktop_app.history.desk import samples
from tests.desktop_app.history.samples import Clock
from tests.fakes import FakeEngines

Opener = Callable[..., HistoryStore]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "history.sqlite"


@pytest.fixture
def opened(path: Path) -> Iterator[Opener]:
    """Opens the history, once or several times; all are closed at the end."""
    stores = []

    def open_store(trigrams: bool | None = None) -> HistoryStore:
        stores.append(HistoryStore(path, Clock(), trigrams))
        return stores[-1]

    yield open_store
    for store in stores:
        store.abandon()


@pytest.fixture
def store(opened: Opener) -> HistoryStore:
    return opened()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return Paths.under(tmp_path).data / "history.sqlite"


@pytest.fixture
def again(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, engines: FakeEngines
) -> Iterator[Desktop]:
    """The program, started once more on the same folders."""
    made = Desktop(
        qapp, Paths.under(tmp_path), ModelChoice("starter", tmp_path / "starter"), engines.make
    )
    qtbot.addWidget(made.window)
    yield made
    made.shutdown()


@pytest.fixture
def filled(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, engines: FakeEngines, until: Waiter
) -> Iterator[Desktop]:
    """A window over a history of four conversations."""
    paths = Paths.under(tmp_path)
    store = HistoryStore(paths.data / "history.sqlite")
    store.add(samples())
    store.close()
    made = Desktop(qapp, paths, ModelChoice("starter", tmp_path / "starter"), engines.make)
    qtbot.addWidget(made.window)
    made.start()
    made.window.activateWindow()
    until(lambda: made.conversation.activity is Activity.IDLE)
    yield made
    engines.open_all()
    made.shutdown()
