"""The real window, conversation, worker and thread; only the engine is scripted."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QAbstractButton, QApplication, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.app import Desktop
from desktop_app.exchange import Activity, ModelChoice
from desktop_app.paths import FULL, Paths
from desktop_app.theme import Theme
from desktop_app.ui.growing_text import GrowingText
from engine.fetch.manifest import Licence
from tests.desktop_app.gestures import LEFT
from tests.engine.fetch.server import Hub, serving
from tests.engine.fetch.small import Small, small_model
from tests.fakes import FakeEngines

Waiter = Callable[[Callable[[], object]], None]
Click = Callable[[QAbstractButton], None]


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


@pytest.fixture
def click(qtbot: QtBot) -> Click:
    """Press a button that a person could press."""

    def press(button: QAbstractButton) -> None:
        assert button.isVisible(), button.text()
        assert button.isEnabled(), button.text()
        if button.hitButton(button.rect().center()):
            qtbot.mouseClick(button, LEFT)
        else:  # of a box that is wider than its text
            qtbot.mouseClick(button, LEFT, pos=QPoint(10, button.height() // 2))

    return press


@pytest.fixture(scope="module")
def small() -> Small:
    """A small model that goes by the full one's name."""
    made = small_model(Licence("Some Licence", "https://licence.test"))
    return Small(replace(made.manifest, name=FULL), made.files)


@pytest.fixture
def hub(small: Small, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A server that has the small model, in the place of both public hubs."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    with serving(small.files) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        monkeypatch.setenv("MODELSCOPE_DOMAIN", hub.address)
        yield hub


@pytest.fixture
def growing(qtbot: QtBot, qapp: QApplication) -> Iterator[GrowingText]:
    """An answer that is being written, in a page that scrolls."""
    area = QScrollArea()
    qtbot.addWidget(area)
    made = GrowingText(Theme(qapp, "light"), "Answer")
    area.setWidgetResizable(True)
    page = QWidget()
    QVBoxLayout(page).addWidget(made)
    area.setWidget(page)
    area.resize(700, 400)
    area.show()
    yield made
    area.hide()
