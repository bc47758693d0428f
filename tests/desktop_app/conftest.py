"""The real window, conversation, worker and thread; only the engine is scripted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.app import Desktop
from desktop_app.exchange import Activity, ModelChoice
from desktop_app.paths import Paths
from tests.fakes import FakeEngines

Waiter = Callable[[Callable[[], object]], None]


@pytest.fixture
def engines() -> Iterator[FakeEngines]:
    made = FakeEngines()
    yield made
    made.open_all()


@pytest.fixture
def desktop(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, engines: FakeEngines
) -> Iterator[Desktop]:
    choice = ModelChoice("starter", tmp_path / "starter")
    made = Desktop(qapp, Paths.under(tmp_path), choice, engines.make)
    qtbot.addWidget(made.window)
    yield made
    engines.open_all()
    made.shutdown()


@pytest.fixture
def until(qtbot: QtBot) -> Waiter:
    def wait(true: Callable[[], object]) -> None:
        qtbot.waitUntil(lambda: bool(true()), timeout=15_000)

    return wait


@pytest.fixture
def ready(desktop: Desktop, until: Waiter) -> Desktop:
    """A window whose model is loaded."""
    desktop.start()
    until(lambda: desktop.conversation.activity is Activity.IDLE)
    return desktop


@pytest.fixture
def picture_file(tmp_path: Path) -> Path:
    path = tmp_path / "receipt.png"
    Image.new("RGB", (900, 1200), "white").save(path)
    return path
