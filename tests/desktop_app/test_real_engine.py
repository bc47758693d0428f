"""The real window, thread and engine, with a tiny model that writes nonsense without an end."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.app import Desktop
from desktop_app.exchange import Activity, AnswerState, ModelChoice
from desktop_app.jobs import Unloaded
from desktop_app.paths import Paths
from engine.messages import Phase, Progress
from tests.desktop_app.conftest import Waiter
from tests.desktop_app.gestures import drop, mime_of, write


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.tiny import tiny_folder

    made = tmp_path_factory.mktemp("tiny")
    tiny_folder(made)
    return made


@pytest.fixture
def real(qtbot: QtBot, qapp: QApplication, tmp_path: Path, folder: Path) -> Iterator[Desktop]:
    choice = ModelChoice("starter", folder, "cpu", "float32")
    made = Desktop(qapp, Paths.under(tmp_path), choice)
    qtbot.addWidget(made.window)
    made.start()
    yield made
    made.shutdown()


def test_drop_ask_stop_and_ask_again(
    qtbot: QtBot, real: Desktop, picture_file: Path, until: Waiter
) -> None:
    phases: list[Phase] = []

    def hear(progress: Progress | None) -> None:
        if progress is not None and progress.phase not in phases:
            phases.append(progress.phase)

    real.conversation.progressed.connect(hear)
    drop(real.window, mime_of(picture_file))
    until(lambda: real.conversation.picture is not None)
    write(qtbot, real, "What is this?")  # the model is still being loaded
    until(lambda: real.conversation.exchanges[0].state is AnswerState.GROWING)
    until(lambda: len(real.window.chat.view(1).answer.raw) > 20)
    qtbot.keyClick(real.window.composer.edit, Qt.Key.Key_Escape)
    assert real.conversation.activity is Activity.STOPPING
    until(lambda: not real.conversation.busy)
    first = real.conversation.exchanges[0]
    assert first.state is AnswerState.STOPPED
    assert first.answer
    assert phases == [Phase.LOADING, Phase.SEEING, Phase.READING, Phase.WRITING]
    seen = real.conversation.picture
    assert seen is not None
    assert seen.seen is not None
    assert seen.seen.downscaled
    phases.clear()
    write(qtbot, real, "And what else?")
    until(lambda: len(real.window.chat.view(2).answer.raw) > 20)
    real.conversation.stop()
    until(lambda: not real.conversation.busy)
    assert Phase.SEEING not in phases  # the picture is remembered


def test_closing_the_window_ends_the_engine(
    qtbot: QtBot, real: Desktop, picture_file: Path, until: Waiter
) -> None:
    until(lambda: real.conversation.activity is Activity.IDLE)
    write(qtbot, real, "What is this?")
    until(lambda: real.conversation.exchanges[0].state is AnswerState.GROWING)
    real.window.close()
    assert not real.window.isVisible()


def test_a_folder_without_a_model_is_explained(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, until: Waiter
) -> None:
    choice = ModelChoice("gone", tmp_path / "gone", "cpu", "auto")
    made = Desktop(qapp, Paths.under(tmp_path), choice)
    qtbot.addWidget(made.window)
    made.start()
    until(lambda: made.window.notice.isVisible())
    assert "gone" in made.window.notice.body.text()
    made.shutdown()


def threads_of_the_engine(desktop: Desktop, until: Waiter) -> int:
    """What torch says on the thread on which the engine calculates."""
    seen: list[int] = []

    def look() -> Generator[Unloaded, None, None]:
        import torch

        seen.append(torch.get_num_threads())
        yield Unloaded()

    desktop.worker.give(look)
    until(lambda: seen)
    return seen[0]


def test_the_engine_calculates_on_as_many_threads_as_are_set(real: Desktop, until: Waiter) -> None:
    until(lambda: real.conversation.activity is Activity.IDLE)
    usual = threads_of_the_engine(real, until)
    for wished, threads in ((usual + 1, usual + 1), (0, usual)):
        real.preferences.set(threads=wished)
        assert real.conversation.activity is Activity.LOADING
        until(lambda: real.conversation.activity is Activity.IDLE)
        assert threads_of_the_engine(real, until) == threads
