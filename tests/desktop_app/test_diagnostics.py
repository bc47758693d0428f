"""The facts for a report: what helps is there, what is nobody's business is not."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from desktop_app.app import Desktop
from desktop_app.diagnostics import diagnostics
from desktop_app.exchange import ModelChoice
from desktop_app.settings import Settings
from desktop_app.ui.help_page import HelpPage
from tests.desktop_app.conftest import Click, Waiter
from tests.fakes import FakeEngines, says


def test_the_report_is_copied_from_the_page_of_f1(
    qtbot: QtBot, ready: Desktop, engines: FakeEngines, until: Waiter, click: Click
) -> None:
    engines.answers.append(says("A secret answer."))
    assert ready.conversation.ask("A secret question")
    until(lambda: not ready.conversation.busy)
    qtbot.keyClick(ready.window.composer.edit, Qt.Key.Key_F1)
    page = ready.window.findChild(HelpPage)
    assert page is not None
    click(page.report_button)
    assert page.report_button.text() == "Copied"
    report = QGuiApplication.clipboard().text()
    for fact in ("minicpmv: ", "PySide6-Essentials: ", "Qt: 6.", "platform: offscreen"):
        assert fact in report
    assert ", scale 1, " in report
    assert "chosen: starter" in report
    assert "ocr: unsupported" in report
    assert "secret" not in report
    page.close()


def test_folders_servers_and_places_are_not_told() -> None:
    settings = Settings(
        server="https://gpu.example.org/v1",
        server_model="mine",
        model="/pictures-of/anna/models/x",
        picture_folder="/pictures-of/anna/Pictures",
        last_region="1,2,3,4 DP-1",
        theme="dark",
    )
    told = ("anna", "example.org", "mine", "DP-1")
    for choice in (
        ModelChoice("/pictures-of/anna/models/x", Path("/pictures-of/anna/models/x")),
        ModelChoice("mine", Path(), server=settings.server),
    ):
        report = diagnostics(settings, choice, None, {}, {"XDG_SESSION_TYPE": "wayland"})
        assert not [word for word in told if word in report]
        assert "theme: dark" in report
        assert "server: set" in report
        assert "XDG_SESSION_TYPE: wayland" in report
