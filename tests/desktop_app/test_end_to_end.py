"""The real window, the real worker, the starter model: drop a picture, ask, read the answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.app import Desktop
from desktop_app.exchange import Activity, AnswerState, ModelChoice
from desktop_app.paths import STARTER, Paths, resource
from engine.folder import missing_files
from engine.messages import StopReason
from tests.desktop_app.gestures import drop, mime_of, write

SAMPLE = resource("samples/line.png")
TRUTH = "The quick brown fox"  # what is drawn on it
LONGEST = 300_000  # milliseconds; a loaded machine imports torch slowly

pytestmark = [
    pytest.mark.skipif(
        not resource(STARTER).is_dir() or bool(missing_files(resource(STARTER))),
        reason="resources/starter holds no model yet",
    ),
    pytest.mark.skipif(not SAMPLE.is_file(), reason="resources/samples holds no picture yet"),
]


@pytest.fixture
def desktop(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Desktop]:
    choice = ModelChoice(STARTER, resource(STARTER), "cpu", "auto")
    made = Desktop(qapp, Paths.under(tmp_path), choice)
    qtbot.addWidget(made.window)
    made.start()
    yield made
    made.shutdown()


def test_drop_a_picture_ask_and_read_the_answer(qtbot: QtBot, desktop: Desktop) -> None:
    drop(desktop.window, mime_of(SAMPLE))
    qtbot.waitUntil(lambda: desktop.conversation.picture is not None, timeout=LONGEST)
    write(qtbot, desktop, "Read the text.")  # while the model is still being loaded
    qtbot.waitUntil(lambda: not desktop.conversation.busy, timeout=LONGEST)
    first = desktop.conversation.exchanges[0]
    assert first.state is AnswerState.FINISHED
    assert first.answer == TRUTH
    assert desktop.window.chat.view(1).answer.raw == first.answer
    write(qtbot, desktop, "Read the text.")
    qtbot.waitUntil(lambda: len(desktop.conversation.exchanges) == 2)
    qtbot.waitUntil(lambda: not desktop.conversation.busy, timeout=LONGEST)
    assert desktop.conversation.exchanges[1].answer == TRUTH
    statistics = desktop.conversation.exchanges[1].statistics
    assert statistics is not None
    assert statistics.views_encoded == 0
    assert statistics.views_reused > 0
    assert statistics.prompt_tokens_reused > 0


def test_stop_and_ask_again(qtbot: QtBot, desktop: Desktop) -> None:
    drop(desktop.window, mime_of(SAMPLE))
    qtbot.waitUntil(lambda: desktop.conversation.activity is Activity.IDLE, timeout=LONGEST)
    qtbot.waitUntil(lambda: desktop.conversation.picture is not None, timeout=LONGEST)
    write(qtbot, desktop, "Read the text.")
    desktop.conversation.stop()
    qtbot.waitUntil(lambda: not desktop.conversation.busy, timeout=LONGEST)
    assert desktop.conversation.exchanges[0].state is AnswerState.STOPPED
    write(qtbot, desktop, "Read the text.")
    qtbot.waitUntil(lambda: len(desktop.conversation.exchanges) == 2)
    qtbot.waitUntil(lambda: not desktop.conversation.busy, timeout=LONGEST)
    assert desktop.conversation.exchanges[1].state is AnswerState.FINISHED


def test_an_answer_at_the_limit_goes_on_where_it_ended(qtbot: QtBot, desktop: Desktop) -> None:
    talk = desktop.conversation
    drop(desktop.window, mime_of(SAMPLE))
    qtbot.waitUntil(lambda: talk.picture is not None, timeout=LONGEST)
    talk.use_sampling(lambda sampling: replace(sampling, max_new_tokens=3))
    write(qtbot, desktop, "Read the text.")
    qtbot.waitUntil(lambda: not talk.busy, timeout=LONGEST)
    first = talk.exchanges[0]
    assert first.reason is StopReason.LENGTH
    talk.use_sampling(None)
    assert talk.continue_answer()
    qtbot.waitUntil(lambda: not talk.busy, timeout=LONGEST)
    whole = talk.exchanges[0]
    assert whole.answer.startswith(first.answer)
    assert len(whole.answer) > len(first.answer)
    assert whole.statistics is not None
    assert whole.statistics.views_encoded == 0
    assert whole.statistics.prompt_tokens_reused > whole.statistics.prompt_tokens_computed
