"""Copying: the answer as text and as Markdown, a program, the whole conversation."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QTextCursor, QTextDocument
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from desktop_app.app import Desktop
from desktop_app.theme import LIGHT
from desktop_app.ui.exchange_view import ExchangeView
from desktop_app.ui.markdown import render
from desktop_app.ui.plain_text import plain_text
from tests.desktop_app.conftest import Click, Waiter
from tests.desktop_app.history.desk import ask, choose
from tests.fakes import FakeEngines, finished

ANSWER = """# Receipt

The **total** is 42.10,
as it says.

- one
  - inner
- two
- [ ] open
- [x] done

1. first
2. second

| Item | Price |
|---|---|
| Atlas | 31.40 |
| Pen |  |

```python
x = 1

y = 2
```

End.

```
z
```"""
TEXT = """Receipt

The total is 42.10,
as it says.

- one
  - inner
- two
- [ ] open
- [x] done
1. first
2. second

Item\tPrice
Atlas\t31.40
Pen\t

x = 1

y = 2

End.

z"""


def copied() -> str:
    return QGuiApplication.clipboard().text()


@pytest.fixture
def view(ready: Desktop, engines: FakeEngines, until: Waiter) -> ExchangeView:
    engines.answers.append([finished(ANSWER)])
    ask(ready, until, "What is it?")
    return ready.window.chat.view(1)


def test_an_answer_is_copied_as_one_reads_it(qapp: QApplication) -> None:
    made: QTextDocument = render(ANSWER, LIGHT, qapp.font())
    assert plain_text(made) == TEXT


def test_the_menu_copies_in_every_way(view: ExchangeView) -> None:
    choose(view.menu(), "Copy as text")
    assert copied() == TEXT
    choose(view.menu(), "Copy as Markdown")
    assert copied() == ANSWER
    choose(view.menu(), "Copy the whole conversation")
    assert copied() == f"You:\nWhat is it?\n\nAnswer:\n{ANSWER}\n"


def test_what_is_selected_can_be_copied(view: ExchangeView) -> None:
    cursor = QTextCursor(view.answer.document())
    cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
    view.answer.setTextCursor(cursor)
    choose(view.menu(), "Copy what is selected")
    assert copied() == "Receipt"


def test_each_program_has_its_button(qtbot: QtBot, view: ExchangeView, click: Click) -> None:
    first, second = view.answer.code.buttons
    click(first)
    assert copied() == "x = 1\n\ny = 2"
    assert first.accessibleName() == "Copied"
    click(second)
    assert copied() == "z"
    view.answer.set_text("no program")
    assert not first.isVisible()


def test_the_menu_key_opens_the_menu(qtbot: QtBot, view: ExchangeView) -> None:
    view.answer.setFocus()
    reason = QContextMenuEvent.Reason.Keyboard
    event = QContextMenuEvent(reason, QPoint(5, 5), view.mapToGlobal(QPoint(5, 5)))
    QApplication.sendEvent(view.answer.viewport(), event)
    (menu,) = [child for child in view.findChildren(QMenu) if child.isVisible()]
    menu.close()
    view.menu_button.click()
    assert any(child.isVisible() for child in view.findChildren(QMenu))
