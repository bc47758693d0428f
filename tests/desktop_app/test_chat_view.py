"""The page follows the end of an answer only while the person is at the end."""

from __future__ import annotations

import pytest

from desktop_app.app import Desktop
from desktop_app.ui.chat_view import ChatView
from engine.messages import TextDelta
from tests.desktop_app.conftest import Waiter
from tests.fakes import FakeEngines, Gate, finished

PARAGRAPHS = "".join(f"Paragraph {number} of many.\n\n" for number in range(60))


@pytest.fixture
def halfway(ready: Desktop, engines: FakeEngines, until: Waiter) -> tuple[Desktop, Gate]:
    """An answer of several pages, with more to come after the gate."""
    gate = Gate()
    engines.answers.append(
        [TextDelta(PARAGRAPHS), gate, TextDelta(PARAGRAPHS), finished(2 * PARAGRAPHS)]
    )
    ready.conversation.ask("Go on")
    until(lambda: ready.window.chat.verticalScrollBar().maximum() > 500)
    return ready, gate


def at_end(chat: ChatView) -> bool:
    return chat.verticalScrollBar().value() == chat.verticalScrollBar().maximum()


def test_at_the_end_the_page_follows(halfway: tuple[Desktop, Gate], until: Waiter) -> None:
    desktop, gate = halfway
    chat = desktop.window.chat
    until(lambda: at_end(chat))
    before = chat.verticalScrollBar().maximum()
    gate.open()
    until(lambda: not desktop.conversation.busy)
    until(lambda: chat.verticalScrollBar().maximum() > before + 500)
    assert at_end(chat)
    assert not chat.to_end.isVisible()


def test_what_is_being_read_stays_where_it_is(halfway: tuple[Desktop, Gate], until: Waiter) -> None:
    desktop, gate = halfway
    chat = desktop.window.chat
    before = chat.verticalScrollBar().maximum()
    chat.verticalScrollBar().setValue(100)
    assert chat.to_end.isVisible()
    gate.open()
    until(lambda: not desktop.conversation.busy)
    until(lambda: chat.verticalScrollBar().maximum() > before + 500)
    assert chat.verticalScrollBar().value() == 100
    chat.to_end.click()
    assert at_end(chat)
    assert not chat.to_end.isVisible()
