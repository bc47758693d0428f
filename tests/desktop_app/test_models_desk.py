"""The full model in the window: got, paused by closing, gone on with, and used."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.app import Desktop
from desktop_app.commands.session import chosen_model
from desktop_app.exchange import Activity, ModelChoice
from desktop_app.model_state import Stage
from desktop_app.paths import FULL, Paths
from engine.fetch import manifest as manifests
from tests.desktop_app.conftest import Click, Waiter
from tests.desktop_app.gestures import get_model, stage_of
from tests.engine.fetch.server import Fault, Hub
from tests.engine.fetch.small import Small
from tests.fakes import FakeEngines

SHARD = "one.safetensors"


@pytest.fixture
def small_is_full(small: Small, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program takes the small model for the full one."""
    monkeypatch.setattr(manifests, "MINICPM_V_2", small.manifest)
    monkeypatch.setattr(Paths, "for_user", classmethod(lambda cls: cls.under(tmp_path)))


def test_from_the_line_under_the_question_to_the_full_model(
    small_is_full: None, ready: Desktop, engines: FakeEngines, click: Click, until: Waiter
) -> None:
    assert chosen_model("auto") == "starter"
    click(ready.window.limits.button)
    page = ready.models.page
    assert page.isVisible()
    get_model(page, click)
    until(lambda: stage_of(page) is Stage.COMPLETE)
    click(page.complete.use_button)
    until(lambda: ready.conversation.activity is Activity.IDLE)
    assert ready.conversation.choice is not None
    assert ready.conversation.choice.name == FULL
    assert engines.made[-1][0] == Path(page.complete.facts.text())
    assert not ready.window.limits.isVisible()
    assert page.complete.use_button.text() == "In use"
    assert chosen_model("auto") == FULL


def test_the_chip_leads_to_the_page(ready: Desktop, click: Click) -> None:
    chip = ready.window.top_bar.model_chip
    click(chip)
    click(chip.panel.models_button)
    assert not chip.panel.isVisible()
    assert ready.models.page.isVisible()


def test_closing_pauses_and_the_next_start_goes_on(
    small_is_full: None,
    qtbot: QtBot,
    qapp: QApplication,
    hub: Hub,
    small: Small,
    ready: Desktop,
    tmp_path: Path,
    click: Click,
    until: Waiter,
) -> None:
    hub.faults = [Fault(SHARD, stall_after=30_000)]
    ready.keeper.use_source("modelscope")
    click(ready.window.limits.button)
    get_model(ready.models.page, click)
    until(hub.stalling.is_set)
    ready.models.page.close()
    ready.window.close()
    choice = ModelChoice("starter", tmp_path / "starter")
    again = Desktop(qapp, Paths.under(tmp_path), choice, FakeEngines().make)
    qtbot.addWidget(again.window)
    try:
        again.start()
        notice = again.window.notice
        assert "is not finished" in notice.title.text()
        click(notice.help_button)
        until(lambda: again.keeper.state.stage is Stage.COMPLETE)
        assert "is complete" in notice.title.text()
        click(notice.help_button)
        assert again.conversation.choice is not None
        assert again.conversation.choice.name == FULL
    finally:
        again.shutdown()
    asked = hub.asked_for(SHARD)
    assert [request.start for request in asked] == [0, 30_000]
    assert {request.path.split("/")[1] for request in asked} == {"models"}
