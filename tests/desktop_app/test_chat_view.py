"""The page follows the end of an answer only while the person is at the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QWidget

from desktop_app.app import Desktop
from desktop_app.language import Language
from desktop_app.theme import Theme
from desktop_app.ui.chat_view import ChatView
from engine.messages import TextDelta
from tests.desktop_app.conftest import Waiter
from tests.fakes import FakeEngines, Gate, finished

PARAGRAPHS = "".join(f"Paragraph {number} of many.\n\n" for number in range(60))


@pytest.fixture(autouse=True)
def usual_again(qapp: QApplication) -> Iterator[None]:
    yield
    Language(qapp, "en")
    Theme(qapp, "light", 100)


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


def test_the_scroll_bar_does_not_push_the_page_out_of_line(
    halfway: tuple[Desktop, Gate], until: Waiter
) -> None:
    desktop, gate = halfway
    chat, composer = desktop.window.chat, desktop.window.composer

    def left(part: QWidget) -> int:
        return part.mapTo(desktop.window, QPoint(0, 0)).x()

    until(lambda: abs(left(chat.views[0]) - left(composer)) <= 1)
    assert chat.verticalScrollBar().isVisible()
    assert chat.views[0].width() == composer.width()
    gate.open()
    until(lambda: not desktop.conversation.busy)


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


def first_words(chat: ChatView) -> str:
    """What stands at the upper edge of the page."""
    answer = chat.views[-1].answer
    edge = answer.mapFrom(chat.viewport(), QPoint(0, 2))
    return answer.cursorForPosition(edge).block().text()


@pytest.mark.parametrize("change", [{"language": "zh"}, {"font_scale": 150}])
def test_another_language_or_size_leaves_the_reader_at_the_same_words(
    halfway: tuple[Desktop, Gate], until: Waiter, change: dict[str, object]
) -> None:
    desktop, gate = halfway
    before = desktop.window.chat
    before.verticalScrollBar().setValue(700)
    words = first_words(before)
    assert words.startswith("Paragraph")
    desktop.preferences.set(**change)
    chat = desktop.window.chat
    assert chat is not before
    until(lambda: chat.isVisible() and chat.verticalScrollBar().maximum() > 700)
    until(lambda: first_words(chat) == words)
    assert chat.to_end.isVisible()
    gate.open()
    until(lambda: not desktop.conversation.busy)
    until(lambda: desktop.conversation.exchanges[-1].answer.count("Paragraph") == 120)
    assert first_words(chat) == words
    chat.verticalScrollBar().setValue(0)  # the person goes elsewhere, and stays there
    desktop.window.resize(desktop.window.width() - 200, desktop.window.height())
    chat.grab()
    assert chat.verticalScrollBar().value() == 0


def test_who_reads_at_the_end_stays_there_in_another_language(
    halfway: tuple[Desktop, Gate], until: Waiter
) -> None:
    desktop, gate = halfway
    gate.open()
    until(lambda: not desktop.conversation.busy)
    desktop.preferences.set(language="zh")
    until(lambda: desktop.window.chat.verticalScrollBar().maximum() > 500)
    until(lambda: at_end(desktop.window.chat))


def test_a_narrower_window_leaves_the_reader_at_the_same_words(
    ready: Desktop, engines: FakeEngines, until: Waiter
) -> None:
    long = "".join(f"Number {number}. {'word ' * 60}\n\n" for number in range(40))
    engines.answers.append([finished(long)])
    ready.conversation.ask("Go on")
    chat = ready.window.chat
    until(lambda: chat.verticalScrollBar().maximum() > 2000)
    chat.verticalScrollBar().setValue(1500)
    words, height = first_words(chat), chat.verticalScrollBar().maximum()
    ready.window.resize(640, 600)
    until(lambda: chat.verticalScrollBar().maximum() > height + 300)
    assert first_words(chat) == words
