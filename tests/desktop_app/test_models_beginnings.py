"""The first steps of a download in the window: the licence's text, a race that is paused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.fetch_worker import FetchWorker
from desktop_app.model_keeper import ModelKeeper
from desktop_app.model_state import Stage
from desktop_app.theme import Theme
from desktop_app.ui.models_page import ModelsPage
from engine.fetch.library import Library
from engine.fetch.manifest import Licence
from tests.desktop_app.conftest import Click, Waiter
from tests.engine.fetch.server import Fault, Hub
from tests.engine.fetch.small import HASTY, Small, Waits

SLOW = replace(HASTY, race_seconds=120.0, stall_seconds=120.0)


@pytest.fixture
def keeper(qapp: QApplication, tmp_path: Path, small: Small, hub: Hub) -> Iterator[ModelKeeper]:
    """Both hubs are asked, and the licence has a text."""
    licence = Licence("Some Licence", "https://licence.test", f"{hub.address}/licence.md")
    model = replace(small.manifest, licence=licence)
    made = ModelKeeper(FetchWorker(SLOW, Waits().clock()), Library(tmp_path), model)
    yield made
    made.shutdown()


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication, keeper: ModelKeeper) -> ModelsPage:
    made = ModelsPage(Theme(qapp), keeper)
    qtbot.addWidget(made)
    made.show()
    return made


def test_the_licence_is_shown_before_anything_is_fetched(
    page: ModelsPage, keeper: ModelKeeper, hub: Hub, tmp_path: Path, click: Click, until: Waiter
) -> None:
    hub.files["licence.md"] = "# Some Licence\n\n用途：研究。".encode()
    assert page.licence is not None
    assert hub.asked == []  # nothing before a person wishes it
    click(page.licence.read_button)
    until(lambda: page.licence is not None and page.licence.text.isVisible())
    assert "研究" in page.licence.text.toPlainText()
    assert page.licence.text_note.text() == "What you accept is the text above."
    assert [asked.path for asked in hub.asked] == ["/licence.md"]
    click(page.licence.box)
    click(page.get_button)
    until(lambda: keeper.state.stage is Stage.COMPLETE)
    kept = json.loads((tmp_path / "registry.json").read_text())["licences"]["Some Licence"]
    assert len(kept["text_sha256"]) == 64


def test_a_text_that_cannot_be_had_is_opened_elsewhere(
    page: ModelsPage, click: Click, until: Waiter, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def open_url(url: QUrl) -> bool:
        opened.append(url.toString())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    assert page.licence is not None
    click(page.licence.read_button)
    until(lambda: opened)
    assert opened == ["https://licence.test"]
    assert not page.licence.text.isVisible()
    assert page.licence.read_button.isEnabled()


def test_a_pause_need_not_wait_for_silent_sources(
    page: ModelsPage, keeper: ModelKeeper, hub: Hub, click: Click, until: Waiter
) -> None:
    """Both sources would be waited for two minutes."""
    hub.faults.append(Fault(mute=True, repeat=True))
    assert page.licence is not None
    click(page.licence.box)
    click(page.get_button)
    until(lambda: len(hub.asked) == 2)
    assert page.progress.line.text() == "Connecting…"
    click(page.progress.stop_button)
    until(lambda: not keeper.state.busy)
    assert keeper.state.problem is None


def test_what_memory_it_needs_is_said_beforehand(page: ModelsPage, until: Waiter) -> None:
    until(page.memory.isVisible)
    places = [place.text() for place, _, _ in page.memory.rows]
    assert places[:2] == ["CPU float32", "CPU bfloat16"]
    assert page.memory.rows[0][1].text() == "about 17.0 GB"
    assert page.memory.free.text().startswith("CPU: ")


def test_another_device_is_judged_when_it_is_known(
    page: ModelsPage, keeper: ModelKeeper, until: Waiter
) -> None:
    keeper.use_devices((("cuda", 6_000_000_000), ("cpu", 1)))
    until(lambda: page.memory.rows and page.memory.rows[0][0].text() == "GPU float32")
    verdicts = {place.text(): verdict.text() for place, _, verdict in page.memory.rows}
    assert verdicts["GPU float32"] == "does not fit"
    assert "GPU: 6.0 GB free" in page.memory.free.text()
