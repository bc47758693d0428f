"""The language changes while the program runs, and every text has a translation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from PySide6.QtWidgets import QApplication, QDialogButtonBox
from pytestqt.qtbot import QtBot

from desktop_app.app import Desktop
from desktop_app.i18n import CATALOG, sentences, tr
from desktop_app.language import Language
from desktop_app.paths import resource
from engine.messages import TextDelta
from tests.desktop_app.conftest import Waiter
from tests.fakes import FakeEngines, Gate, finished

PACKAGE = Path(__file__).resolve().parents[2] / "desktop_app"
FIELD = re.compile(r"{(\w*)}")


@pytest.fixture(autouse=True)
def english_again(qapp: QApplication) -> Iterator[None]:
    yield
    Language(qapp, "en")


def sources() -> Iterator[tuple[str, str]]:
    """Every text that is given to ``tr``, and where."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                place = f"{path.relative_to(PACKAGE)}:{node.lineno}"
                if node.func.id == "noted" or (
                    node.func.id == "tr" and isinstance(node.args[0], ast.Constant)
                ):
                    yield ast.literal_eval(node.args[0]), place


def catalogue() -> dict[str, str]:
    entries = polib.pofile(str(resource("i18n") / "zh.po"), encoding="utf-8")
    assert not entries.fuzzy_entries()
    return {entry.msgid: entry.msgstr for entry in entries if not entry.obsolete}


def test_every_text_has_a_chinese_translation() -> None:
    known = catalogue()
    assert {text: place for text, place in sources() if not known.get(text)} == {}


def test_no_translation_is_left_over() -> None:
    assert set(catalogue()) - {text for text, _ in sources()} == set()


def test_placeholders_are_the_same() -> None:
    wrong = {
        text: made
        for text, made in catalogue().items()
        if sorted(FIELD.findall(text)) != sorted(FIELD.findall(made))
    }
    assert wrong == {}


def test_chinese_is_written_as_chinese() -> None:
    """Chinese has marks of its own where English has a comma, a full stop, and so on."""
    halves = re.compile(r"[\u4e00-\u9fff][,;:!?.](?:\s|$|[\u4e00-\u9fff])|[!！]")
    assert {text: made for text, made in catalogue().items() if halves.search(made)} == {}


def words_of(desktop: Desktop) -> set[str]:
    bar = desktop.window.top_bar
    return {bar.new_button.accessibleName(), desktop.window.composer.edit.placeholderText()}


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        (("It broke.", "Try again."), "It broke. Try again."),
        (("拒绝连接。", "请检查地址。"), "拒绝连接。请检查地址。"),
        (("", "It broke.", ""), "It broke."),
        ((), ""),
    ],
)
def test_sentences_follow_each_other_as_their_language_has_it(
    parts: tuple[str, ...], whole: str
) -> None:
    assert sentences(*parts) == whole


def test_the_language_changes_without_a_restart(ready: Desktop, qtbot: QtBot) -> None:
    english = words_of(ready)
    ready.preferences.set(language="zh")
    assert words_of(ready) == {tr(words) for words in english}
    assert words_of(ready).isdisjoint(english)
    ready.preferences.set(language="en")
    assert words_of(ready) == english


def test_what_was_typed_and_asked_stays(
    ready: Desktop, engines: FakeEngines, picture_file: Path, until: Waiter
) -> None:
    gate = Gate()
    engines.answers.append([TextDelta("One"), gate, TextDelta(" two."), finished("One two.")])
    ready.conversation.open_pictures([picture_file])
    until(lambda: ready.conversation.picture is not None)
    ready.conversation.ask("What?")
    until(gate.reached.is_set)
    ready.window.composer.edit.setPlainText("draft")
    ready.preferences.set(language="zh")
    window = ready.window
    assert window.composer.edit.toPlainText() == "draft"
    assert window.windowTitle() == "receipt.png"
    assert window.composer.send_button.accessibleName() == tr("Stop")
    gate.open()
    until(lambda: not ready.conversation.busy)
    view = window.chat.view(ready.conversation.exchanges[-1].number)
    assert view.answer.toPlainText() == "One two."
    assert view.question.toPlainText() == "What?"


def test_a_notice_is_shown_once_in_the_new_window(ready: Desktop, until: Waiter) -> None:
    for language in ("zh", "en", "zh"):
        ready.preferences.set(language=language)
    shown: list[object] = []
    bar = ready.window.notice
    original = bar.show_notice
    bar.show_notice = lambda notice: (shown.append(notice), original(notice))  # type: ignore[method-assign, func-returns-value, assignment]
    ready.conversation.failed.emit(ValueError("x"))
    assert len(shown) == 1


def test_qt_speaks_chinese_too(qtbot: QtBot, qapp: QApplication) -> None:
    language = Language(qapp, "zh")
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    qtbot.addWidget(box)
    assert box.buttons()[0].text() == "取消"
    language.use("en")
    assert CATALOG.language == "en"
    other = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    qtbot.addWidget(other)
    assert "Cancel" in other.buttons()[0].text()
