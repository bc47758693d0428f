"""A model on a server, from the window: found, tried, used, left; what leaves is said first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from desktop_app.app import Desktop
from desktop_app.exchange import Activity, AnswerState, ModelChoice
from desktop_app.paths import Paths
from desktop_app.remote_settings import KEY_VARIABLE, Keys
from desktop_app.server_state import ServerStage, ServerState
from desktop_app.settings import Settings
from desktop_app.ui.server_page import ServerPage
from desktop_app.ui.settings.backup import BackupPage
from desktop_app.worker import EngineLike, EngineMaker
from tests.desktop_app.conftest import Click, Waiter
from tests.desktop_app.gestures import write
from tests.desktop_app.test_remote_settings import Memory
from tests.engine.fetch.server import closed_address
from tests.engine.remote.server import Hub, Script, said, said_json, serving
from tests.fakes import FakeEngines


@pytest.fixture(autouse=True)
def own_keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    before, made = keyring.get_keyring(), Memory()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture
def elsewhere() -> Iterator[Hub]:
    with serving() as hub:
        yield hub


@pytest.fixture
def desktop(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, engines: FakeEngines
) -> Iterator[Desktop]:
    """Servers are really asked; a model here is scripted."""
    maker = EngineMaker(Keys())

    def make(choice: ModelChoice) -> EngineLike:
        return maker(choice) if choice.server else engines.make(choice)

    made = Desktop(qapp, Paths.under(tmp_path), ModelChoice("starter", tmp_path / "starter"), make)
    qtbot.addWidget(made.window)
    yield made
    engines.open_all()
    made.shutdown()


@pytest.fixture
def page(ready: Desktop, click: Click) -> ServerPage:
    """The way there: the chip's panel, the models page, its last card."""
    ready.models.show_page()
    click(ready.models.page.server_card.button)
    dialog = ready.server.dialog
    assert dialog is not None
    assert dialog.isVisible()
    return dialog.page


def state(desktop: Desktop) -> ServerState:
    return desktop.server.keeper.state


def find(desktop: Desktop, page: ServerPage, click: Click, until: Waiter, address: str) -> None:
    page.address_card.address.clear()
    page.address_card.address.insert(address)
    page.address_card.address.textEdited.emit(address)
    click(page.address_card.find_button)
    until(lambda: not state(desktop).busy)


def use(desktop: Desktop, page: ServerPage, click: Click, until: Waiter, hub: Hub) -> None:
    find(desktop, page, click, until, hub.address)
    click(page.offer.use_button)
    until(lambda: desktop.conversation.activity is Activity.IDLE)


def test_from_an_address_to_an_answer(
    qtbot: QtBot,
    ready: Desktop,
    page: ServerPage,
    elsewhere: Hub,
    click: Click,
    until: Waiter,
) -> None:
    use(ready, page, click, until, elsewhere)
    assert ready.window.top_bar.model_chip.text().startswith("tiny")
    assert "127.0.0.1" in ready.window.top_bar.model_chip.text()
    assert page.offer.use_button.text() == "In use"
    elsewhere.scripts.append(Script(said("From ", "elsewhere.")))
    write(qtbot, ready, "Where are you?")
    until(lambda: ready.conversation.exchanges[0].state is AnswerState.FINISHED)
    assert ready.conversation.exchanges[0].answer == "From elsewhere."
    settings = ready.preferences.settings
    assert (settings.server, settings.server_model) == (state(ready).address, "tiny")
    click(page.local_button)
    until(lambda: ready.conversation.activity is Activity.IDLE)
    assert ready.conversation.choice is not None
    assert ready.conversation.choice.name == "starter"
    assert ready.preferences.settings.server == ""
    assert not page.local_button.isVisible()


def bring_in(
    desktop: Desktop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Settings
) -> None:
    """Settings from a file, as a person takes them."""
    path = tmp_path / "brought.json"
    settings.save(path)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    desktop.settings.show_page(BackupPage)
    made = desktop.settings.window.findChild(BackupPage)
    assert isinstance(made, BackupPage)
    made.import_button.click()


def test_a_server_that_is_imported_answers_at_once_and_a_reset_leaves_it(
    qtbot: QtBot,
    ready: Desktop,
    elsewhere: Hub,
    until: Waiter,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loads: list[object] = []
    ready.conversation.model_changed.connect(loads.append)
    address = f"{elsewhere.address}/v1"
    brought = Settings(server=address, server_model="tiny", model="starter", theme="dark")
    bring_in(ready, monkeypatch, tmp_path, brought)
    until(lambda: ready.conversation.activity is Activity.IDLE)
    assert ready.conversation.choice == ModelChoice("tiny", Path(), server=address)
    assert (state(ready).address, state(ready).in_use) == (address, "tiny")
    assert len(loads) == 2  # let go, and there
    elsewhere.scripts.append(Script(said("From elsewhere.")))
    write(qtbot, ready, "Where are you?")
    until(lambda: ready.conversation.exchanges[0].state is AnswerState.FINISHED)
    assert ready.preferences.settings.server == address
    ready.preferences.use(ready.preferences.settings.reset())
    until(lambda: ready.conversation.activity is Activity.IDLE)
    assert not ready.conversation.choice.server
    assert ready.conversation.choice.name == "starter"
    assert state(ready).in_use == ""
    assert len(loads) == 4


def test_a_key_is_kept_in_the_keyring_and_can_be_forgotten(
    ready: Desktop,
    page: ServerPage,
    elsewhere: Hub,
    own_keyring: Memory,
    click: Click,
    until: Waiter,
) -> None:
    page.address_card.key.setText("sk-secret")
    find(ready, page, click, until, elsewhere.address)
    assert elsewhere.asked[-1].headers["authorization"] == "Bearer sk-secret"
    assert list(own_keyring.held.values()) == ["sk-secret"]
    assert page.address_card.key.text() == ""
    assert "keyring" in page.address_card.key_note.text()
    assert "sk-secret" not in repr(state(ready))
    click(page.address_card.find_button)
    until(lambda: not state(ready).busy)
    assert elsewhere.asked[-1].headers["authorization"] == "Bearer sk-secret"
    click(page.address_card.forget_button)
    until(lambda: not state(ready).key_kept)
    assert own_keyring.held == {}
    assert not page.address_card.forget_button.isVisible()


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (said_json({"error": "no"}, 401), "does not accept the key"),
        (said_json({"error": "no"}, 404), "not as a server of models"),
        (Script((b"<html>",), kind="text/html"), "not as a server of models"),
    ],
    ids=["401", "404", "page"],
)
def test_what_goes_wrong_is_said(
    ready: Desktop,
    page: ServerPage,
    elsewhere: Hub,
    click: Click,
    until: Waiter,
    script: Script,
    words: str,
) -> None:
    elsewhere.models = script
    find(ready, page, click, until, elsewhere.address)
    assert state(ready).stage is ServerStage.FAILED
    assert page.notice.isVisible()
    assert words in page.notice.body.text()
    assert not page.offer.isVisible()


def test_nobody_listens_and_one_can_try_again(
    ready: Desktop, page: ServerPage, click: Click, until: Waiter
) -> None:
    find(ready, page, click, until, closed_address())
    assert "does not take the connection" in page.notice.body.text()
    click(page.notice.help_button)
    until(lambda: not state(ready).busy)
    assert state(ready).stage is ServerStage.FAILED


def test_a_model_without_eyes_is_found_out(
    ready: Desktop, page: ServerPage, elsewhere: Hub, click: Click, until: Waiter
) -> None:
    find(ready, page, click, until, elsewhere.address)
    elsewhere.scripts.append(said_json({"error": {"message": "image input is not supported"}}, 400))
    click(page.offer.try_button)
    until(lambda: not state(ready).busy)
    assert "cannot look at pictures" in page.notice.body.text()
    elsewhere.scripts.append(Script(said("A line.")))
    click(page.offer.try_button)
    until(lambda: not state(ready).busy)
    assert page.offer.line.text().startswith("It answers and sees pictures")
    assert not page.notice.isVisible()


def test_what_would_leave_is_said_while_one_types(ready: Desktop, page: ServerPage) -> None:
    edit = page.address_card.address.textEdited.emit
    edit("127.0.0.1:8000")
    assert not page.privacy.isVisible()
    edit("http://gpu.example.org:8000")
    assert page.privacy.isVisible()
    assert "gpu.example.org" in page.privacy.words.text()
    assert "not encrypted" in page.privacy.words.text()
    edit("https://gpu.example.org")
    assert "not encrypted" not in page.privacy.words.text()


def test_the_first_page_does_not_promise_what_is_not_so(ready: Desktop) -> None:
    from desktop_app.server_desk import _leaves

    away = ModelChoice("m", Path(), server="https://gpu.example.org/v1")
    here = ModelChoice("m", Path(), server="http://127.0.0.1:8000/v1")
    assert "gpu.example.org" in _leaves(away)
    assert _leaves(here) == _leaves(None) == ""
    ready.window.empty.say_what_leaves(_leaves(away))
    assert "Nothing leaves" not in ready.window.empty.words.text()
    ready.window.empty.say_what_leaves("")
    assert "Nothing leaves this machine" in ready.window.empty.words.text()


def test_asking_can_be_stopped(
    ready: Desktop, page: ServerPage, elsewhere: Hub, click: Click, until: Waiter
) -> None:
    elsewhere.models = Script(pause_head=True)
    page.address_card.address.setText(elsewhere.address)
    page.address_card.address.textEdited.emit(elsewhere.address)
    click(page.address_card.find_button)
    until(lambda: page.address_card.stop_button.isVisible())
    click(page.address_card.stop_button)
    until(lambda: not state(ready).busy)
    assert state(ready).problem is None
