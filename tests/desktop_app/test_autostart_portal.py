"""From inside a sandbox: what the desktop's portal is asked over a real bus, and what follows."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.autostart import AutostartError, AutostartFile
from desktop_app.autostart_desk import AutostartDesk
from desktop_app.autostart_portal import AutostartPortal
from desktop_app.preferences import Preferences
from desktop_app.theme import Theme
from desktop_app.ui.settings.general import GeneralPage
from tests.desktop_app.capture.bus import StartPortal, asked, portals
from tests.desktop_app.conftest import Click, Waiter

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="portals are Linux's")
WORDS = ["minicpmv", "--background"]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StartPortal]:
    with portals(tmp_path, monkeypatch) as start:
        yield start


def says(allowed: bool) -> dict[str, object]:
    results = {"background": ["b", True], "autostart": ["b", allowed]}
    return {"Get": "version", "RequestBackground": [0, results]}


@pytest.fixture
def switch(tmp_path: Path) -> AutostartPortal:
    return AutostartPortal(WORDS, tmp_path / "config" / "noted")


def test_the_desktop_is_told_which_command_to_start(
    start: StartPortal, switch: AutostartPortal
) -> None:
    log = start(says(True))
    assert not switch.is_on()
    switch.switch(True)
    assert switch.is_on()
    method, (parent, options) = asked(log)[-1]
    assert (method, parent) == ("RequestBackground", "")
    assert options["autostart"] == ["b", True]
    assert options["commandline"] == ["as", WORDS]
    assert options["reason"][1]


def test_it_is_taken_back(start: StartPortal, switch: AutostartPortal, tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "noted").touch()
    log = start(says(False))
    assert switch.is_on()
    switch.switch(False)
    assert not switch.is_on()
    assert asked(log)[-1][1][1]["autostart"] == ["b", False]


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (says(False), "did not allow"),
        ({"Get": "version", "RequestBackground": [1, {}]}, "did not allow"),
        ({"Get": "version", "RequestBackground": [2, {}]}, "refused"),
        ({}, "settings of the desktop"),
    ],
    ids=["not allowed", "cancelled", "refused", "no such portal"],
)
def test_a_no_is_told(
    start: StartPortal, switch: AutostartPortal, plan: dict[str, object], words: str
) -> None:
    start(plan)
    with pytest.raises(AutostartError, match=words):
        switch.switch(True)
    assert not switch.is_on()


def test_without_a_bus_it_is_told(
    switch: AutostartPortal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'none'}")
    with pytest.raises(AutostartError):
        switch.switch(True)


def page_of(qtbot: QtBot, qapp: QApplication, desk: AutostartDesk, folder: Path) -> GeneralPage:
    made = GeneralPage(Theme(qapp, "light"), Preferences(folder / "settings.json"), desk, True)
    qtbot.addWidget(made)
    made.resize(700, 900)
    made.show()
    return made


Flip = Callable[[bool], tuple[AutostartDesk, GeneralPage]]


@pytest.fixture
def flip(
    qtbot: QtBot,
    qapp: QApplication,
    start: StartPortal,
    switch: AutostartPortal,
    tmp_path: Path,
    click: Click,
) -> Flip:
    """Press the switch on the page, on a desktop that allows it or not."""

    def flipped(allowed: bool) -> tuple[AutostartDesk, GeneralPage]:
        start(says(allowed))
        desk = AutostartDesk(switch)
        page = page_of(qtbot, qapp, desk, tmp_path)
        click(page.start_switch)
        return desk, page

    return flipped


def test_the_page_waits_without_standing_still(
    qtbot: QtBot, qapp: QApplication, flip: Flip, tmp_path: Path, until: Waiter
) -> None:
    desk, page = flip(True)
    assert desk.busy
    assert not page.start_switch.isEnabled()
    assert "may ask you" in page.start_problem.text()
    later = page_of(qtbot, qapp, desk, tmp_path)  # as after a change of the language
    assert not later.start_switch.isEnabled()
    until(lambda: not desk.busy)
    for each in (page, later):
        assert each.start_switch.isChecked()
        assert each.start_switch.isEnabled()
        assert not each.start_problem.isVisible()


def test_a_refusal_puts_the_switch_back(flip: Flip, until: Waiter) -> None:
    desk, page = flip(False)
    until(lambda: not desk.busy)
    assert not page.start_switch.isChecked()
    assert "did not allow" in page.start_problem.text()
    assert page.start_problem.isVisible()


def test_the_end_of_the_program_does_not_wait_for_a_person(
    start: StartPortal, switch: AutostartPortal, until: Waiter, qapp: QApplication
) -> None:
    log = start({"Get": "version", "RequestBackground": "nothing"})
    desk = AutostartDesk(switch)
    desk.switch(True)
    until(lambda: log.exists() and asked(log)[-1][0] == "RequestBackground")
    desk.shutdown()
    assert not desk.busy
    assert not switch.is_on()


def test_a_file_is_written_at_once(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, click: Click
) -> None:
    desk = AutostartDesk(AutostartFile(tmp_path / "autostart" / "it.desktop", b"[Desktop Entry]"))
    page = page_of(qtbot, qapp, desk, tmp_path)
    click(page.start_switch)
    assert desk.on
    assert page.start_switch.isChecked()
    click(page.start_switch)
    assert not desk.on
    (tmp_path / "autostart").rmdir()
    (tmp_path / "autostart").write_text("in the way")
    click(page.start_switch)
    assert not page.start_switch.isChecked()
    assert "The system does not take it" in page.start_problem.text()
