"""The models page by its real widgets: a real thread, a real server that misbehaves, a small model.

Only waiting between two tries is not real: the clock moves instead.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.fetch_worker import FetchWorker
from desktop_app.model_keeper import ModelKeeper
from desktop_app.model_state import ModelState, Stage
from desktop_app.notices import Help
from desktop_app.paths import FULL
from desktop_app.theme import Theme
from desktop_app.ui.models_page import ModelsPage
from engine.fetch.library import Library
from tests.desktop_app.conftest import Click, Waiter
from tests.desktop_app.gestures import COPY, LEFT, get_model, mime_of, stage_of
from tests.desktop_app.test_accessible_names import unnamed
from tests.engine.fetch.server import Fault, Hub, closed_address
from tests.engine.fetch.small import HASTY, Small, Waits

SHARD = "one.safetensors"
OWN = 3  # the place of "Own address" in the list


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "data" / "models")


@pytest.fixture
def keeper(qapp: QApplication, library: Library, small: Small, hub: Hub) -> Iterator[ModelKeeper]:
    """One source: a race between two would take a fault that is meant for the download."""
    worker = FetchWorker(HASTY, Waits().clock())
    made = ModelKeeper(worker, library, small.manifest, "hugging-face")
    yield made
    made.shutdown()


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication, keeper: ModelKeeper) -> ModelsPage:
    made = ModelsPage(Theme(qapp), keeper)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def seen(keeper: ModelKeeper) -> list[ModelState]:
    """Every state the keeper went through."""
    states: list[ModelState] = []
    keeper.changed.connect(states.append)
    return states


def choose_source(page: ModelsPage, place: int) -> None:
    page.place.sources.setCurrentIndex(place)
    page.place.sources.activated.emit(place)  # which only a person's choice does


def drop(page: ModelsPage, path: Path) -> bool:
    mime, none = mime_of(path), Qt.KeyboardModifier.NoModifier
    entered = QDragEnterEvent(QPoint(300, 300), COPY, mime, LEFT, none)
    QApplication.sendEvent(page, entered)
    if entered.isAccepted():
        QApplication.sendEvent(page, QDropEvent(QPointF(300, 300), COPY, mime, LEFT, none))
    return entered.isAccepted()


def test_no_byte_before_the_licence_is_accepted(
    page: ModelsPage, keeper: ModelKeeper, hub: Hub, click: Click, until: Waiter
) -> None:
    assert page.licence is not None
    assert page.get_button.isVisible()
    assert not page.get_button.isEnabled()
    assert unnamed(page) == []
    click(page.licence.box)
    assert page.get_button.isEnabled()
    click(page.licence.box)
    assert not page.get_button.isEnabled()
    keeper.get(accepted=False)  # even if the button were pressed somehow
    until(lambda: keeper.state.stage is Stage.FAILED)
    assert hub.asked == []
    assert page.notice.notice is not None
    assert page.notice.notice.help is Help.MODELS


def test_from_nothing_to_a_model_that_is_used(
    page: ModelsPage,
    keeper: ModelKeeper,
    small: Small,
    seen: list[ModelState],
    library: Library,
    click: Click,
    until: Waiter,
) -> None:
    used: list[str] = []
    page.use_wished.connect(used.append)
    choose_source(page, 0)
    get_model(page, click)
    until(lambda: stage_of(page) is Stage.COMPLETE)
    assert small.is_whole(library.home(small.manifest))
    shares = [state.share for state in seen if state.stage is Stage.FETCHING]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    lines = {state.line for state in seen if state.stage is Stage.FETCHING}
    assert any("137 KB" in line and "B/s" in line for line in lines), lines
    assert any(state.note == "one.safetensors from Hugging Face" for state in seen) or any(
        state.note == "one.safetensors from ModelScope" for state in seen
    )
    assert page.complete.isVisible()
    assert not page.place.isVisible()
    assert str(library.home(small.manifest)) in page.complete.facts.text()
    click(page.complete.use_button)
    assert used == [FULL]
    page.show_in_use(FULL)
    assert not page.complete.use_button.isEnabled()
    click(page.starter_card.button)
    assert used == [FULL, "starter"]
    assert unnamed(page) == []


def test_pause_keeps_what_has_arrived(
    page: ModelsPage, hub: Hub, small: Small, library: Library, click: Click, until: Waiter
) -> None:
    hub.faults = [Fault(SHARD, stall_after=30_000)]
    get_model(page, click)
    until(lambda: page.progress.percent.text() == "24 %")
    click(page.progress.stop_button)
    assert page.progress.title.text() == "Pausing…"
    assert not page.progress.stop_button.isEnabled()
    until(lambda: stage_of(page) is Stage.PAUSED)
    assert page.progress.percent.text() == "24 %"
    assert page.focusWidget() is page.progress.go_on_button
    click(page.progress.go_on_button)
    until(lambda: stage_of(page) is Stage.COMPLETE)
    assert [asked.start for asked in hub.asked_for(SHARD)][-1] == 30_000
    assert small.is_whole(library.home(small.manifest))


def test_a_second_start_finds_what_the_first_left(
    page: ModelsPage, hub: Hub, small: Small, library: Library, keeper: ModelKeeper, click: Click
) -> None:
    hub.faults = [Fault(SHARD, stall_after=30_000)]
    get_model(page, click)
    assert hub.stalling.wait(15)
    keeper.shutdown()
    worker = FetchWorker(HASTY, Waits().clock())
    later = ModelKeeper(worker, library, small.manifest)
    later.shutdown()
    assert later.state.stage is Stage.PAUSED
    assert later.state.done > 30_000
    assert later.licence_accepted


def test_an_interruption_is_said_and_waited_for(
    page: ModelsPage, hub: Hub, keeper: ModelKeeper, click: Click, until: Waiter
) -> None:
    hub.faults = [Fault(SHARD, cut_after=20_000), Fault(SHARD, status=503)]
    shown: list[tuple[str, str]] = []

    def look(state: ModelState) -> None:
        if state.stage is Stage.WAITING:
            shown.append((page.progress.title.text(), page.progress.line.text()))

    keeper.changed.connect(look)
    get_model(page, click)
    until(lambda: stage_of(page) is Stage.COMPLETE)
    assert {title for title, _ in shown} == {"Interrupted, trying again"}
    assert all("Next try in" in line for _, line in shown)
    assert any("line broke off" in line for _, line in shown)


def test_nobody_answers(page: ModelsPage, click: Click, until: Waiter, qtbot: QtBot) -> None:
    choose_source(page, OWN)
    assert page.place.address.isVisible()
    qtbot.keyClicks(page.place.address, closed_address())
    get_model(page, click)
    until(lambda: stage_of(page) is Stage.FAILED)
    assert page.notice.notice is not None
    assert "cannot be reached" in page.notice.body.text()
    assert page.notice.help_button.text() == "Try again"
    choose_source(page, 1)
    click(page.notice.help_button)
    until(lambda: stage_of(page) is Stage.COMPLETE)


def test_an_address_that_is_none(
    page: ModelsPage, hub: Hub, click: Click, until: Waiter, qtbot: QtBot
) -> None:
    choose_source(page, OWN)
    qtbot.keyClicks(page.place.address, "my server")
    get_model(page, click)
    until(lambda: stage_of(page) is Stage.FAILED)
    assert "my server is not the address" in page.notice.body.text()
    assert hub.asked == []


def test_wrong_bytes_are_refused_and_a_repair_gets_the_right_ones(
    page: ModelsPage, hub: Hub, small: Small, library: Library, click: Click, until: Waiter
) -> None:
    good = small.files[SHARD]
    hub.files[SHARD] = good[:-1] + bytes([good[-1] ^ 1])
    get_model(page, click)
    until(lambda: stage_of(page) is Stage.FAILED)
    assert f"{SHARD} is not what the authors published" in page.notice.body.text()
    assert page.notice.help_button.text() == "Repair"
    hub.files[SHARD] = good
    hub.asked.clear()
    click(page.notice.help_button)
    until(lambda: stage_of(page) is Stage.COMPLETE)
    assert small.is_whole(library.home(small.manifest))
    assert hub.asked_for("tokenizer.model") == []


def test_a_check_finds_the_damage_and_a_repair_fetches_only_that(
    page: ModelsPage, hub: Hub, small: Small, library: Library, click: Click, until: Waiter
) -> None:
    get_model(page, click)
    until(lambda: stage_of(page) is Stage.COMPLETE)
    click(page.complete.verify_button)
    until(lambda: "published" in page.complete.note.text())
    victim = library.home(small.manifest) / SHARD
    victim.write_bytes(bytes(len(small.files[SHARD])))
    hub.asked.clear()
    click(page.complete.verify_button)
    until(lambda: stage_of(page) is Stage.FAILED)
    assert f"{SHARD}: damaged" in page.notice.body.text()
    click(page.notice.help_button)
    until(lambda: stage_of(page) is Stage.COMPLETE)
    assert {asked.path.rsplit("/", 1)[-1] for asked in hub.asked} == {SHARD}
    assert small.is_whole(library.home(small.manifest))


def test_what_nobody_has_checked_is_said_to_be_so(
    page: ModelsPage,
    keeper: ModelKeeper,
    small: Small,
    library: Library,
    click: Click,
    until: Waiter,
) -> None:
    home = small.write(library.home(small.manifest))
    keeper.look()
    assert stage_of(page) is Stage.COMPLETE
    assert page.complete.note.text().startswith("Not checked yet")
    click(page.complete.verify_button)
    until(lambda: "published" in page.complete.note.text())
    keeper.look()
    assert page.complete.note.text() == ""
    when = (home / SHARD).stat()
    (home / SHARD).write_bytes(bytes(len(small.files[SHARD])))
    os.utime(home / SHARD, ns=(when.st_atime_ns, when.st_mtime_ns))  # as a failing disk does
    click(page.complete.verify_button)
    until(lambda: stage_of(page) is Stage.FAILED)
    keeper.look()
    assert page.complete.note.text().startswith("Not checked yet")


def test_too_little_room_asks_for_another_folder(
    page: ModelsPage,
    keeper: ModelKeeper,
    tmp_path: Path,
    click: Click,
    until: Waiter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shutil.disk_usage", _little)
    keeper.look()
    until(lambda: page.place.room.text() == "5 KB free on this disk, 137 KB are needed")
    get_model(page, click)
    until(lambda: stage_of(page) is Stage.FAILED)
    assert page.notice.help_button.text() == "Choose another folder"
    monkeypatch.undo()
    roomy = tmp_path / "roomy"
    roomy.mkdir()
    (roomy / "letter.txt").write_text("mine")
    keeper.choose_folder(roomy)
    assert page.place.folder.text() == str(roomy / "Small")


def _little(_: object) -> object:
    return SimpleNamespace(total=10_000, used=5_000, free=5_000)


def test_a_dropped_folder_is_checked_and_used_where_it_is(
    page: ModelsPage, hub: Hub, small: Small, tmp_path: Path, library: Library, until: Waiter
) -> None:
    elsewhere = small.write(tmp_path / "stick" / "MiniCPM")
    assert drop(page, elsewhere)
    until(lambda: stage_of(page) is Stage.COMPLETE)
    assert page.complete.facts.text() == str(elsewhere)
    assert library.imported(small.manifest)
    assert hub.asked == []


def test_a_dropped_folder_that_lacks_something_is_not_used(
    page: ModelsPage, small: Small, tmp_path: Path, library: Library, until: Waiter
) -> None:
    elsewhere = small.write(tmp_path / "stick", without=["tokenizer.model"])
    assert drop(page, elsewhere / "config.json")
    until(page.notice.isVisible)
    assert stage_of(page) is Stage.ABSENT
    assert "tokenizer.model: missing" in page.notice.body.text()
    assert page.notice.help_button.text() == "Choose another folder"
    assert not library.imported(small.manifest)


def test_nothing_is_taken_in_while_something_goes_on(
    page: ModelsPage, hub: Hub, small: Small, tmp_path: Path, click: Click, until: Waiter
) -> None:
    hub.faults = [Fault(SHARD, stall_after=10)]
    get_model(page, click)
    until(hub.stalling.is_set)
    assert not drop(page, small.write(tmp_path / "stick"))


def test_removal_asks_first(
    page: ModelsPage, small: Small, library: Library, click: Click, until: Waiter
) -> None:
    get_model(page, click)
    until(lambda: stage_of(page) is Stage.COMPLETE)
    home = library.home(small.manifest)
    click(page.complete.remove_button)
    assert str(home) in page.ask_card.words.text()
    click(page.ask_card.no_button)
    assert not page.ask_card.isVisible()
    assert small.is_whole(home)
    click(page.complete.remove_button)
    click(page.ask_card.yes_button)
    until(lambda: stage_of(page) is Stage.ABSENT)
    assert not home.exists()
    assert page.get_button.isEnabled()  # the licence needs no second yes


def test_an_imported_folder_is_only_forgotten(
    page: ModelsPage, small: Small, tmp_path: Path, click: Click, until: Waiter
) -> None:
    elsewhere = small.write(tmp_path / "stick")
    drop(page, elsewhere)
    until(lambda: stage_of(page) is Stage.COMPLETE)
    click(page.complete.remove_button)
    assert "stay" in page.ask_card.words.text()
    click(page.ask_card.yes_button)
    until(lambda: stage_of(page) is Stage.ABSENT)
    assert small.is_whole(elsewhere)
