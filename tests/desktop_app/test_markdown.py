"""Growing markdown: what is drawn for good, and that it ends as if drawn at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtWidgets import QApplication, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.theme import Theme
from desktop_app.ui import markdown
from desktop_app.ui.text_block import GrowingText

LONG = """# Receipt

The shop is **Harbour Books**, the date is 14 May.

- one
- two

  still two

1. first

2. second

| Item | Price |
|---|---|
| Atlas | 31.40 |

```python
x = 1

y = 2
```

> quoted

图片里是一张收据。

The end.
"""


@pytest.fixture
def growing(qtbot: QtBot, qapp: QApplication) -> Iterator[GrowingText]:
    area = QScrollArea()
    qtbot.addWidget(area)
    made = GrowingText(Theme(qapp, "light"), "Answer")
    area.setWidgetResizable(True)
    page = QWidget()
    QVBoxLayout(page).addWidget(made)
    area.setWidget(page)
    area.resize(600, 400)
    area.show()
    yield made
    area.hide()


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("", ""),
        ("one line", ""),
        ("one\n\n", ""),
        ("one\n\ntwo", "one\n\n"),
        ("one\n\n- two\n\n- three", ""),
        ("- two\n\nplain", "- two\n\n"),
        ("- two\n\n  still two", ""),
        ("```\na\n\nb", ""),
        ("```\na\n\nb\n```\n\nc", "```\na\n\nb\n```\n\n"),
        ("~~~\n```\n\nb\n~~~\n\nc", "~~~\n```\n\nb\n~~~\n\n"),
        ("````\n```\n\nb", ""),
        ("1. a\n\n2. b", ""),
        ("| a |\n|---|\n| 1 |\n\nend", "| a |\n|---|\n| 1 |\n\n"),
        ("# a\n\n# b", "# a\n\n"),
    ],
)
def test_a_cut_is_made_only_where_a_block_has_ended(text: str, safe: str) -> None:
    assert text[: markdown.safe_end(text)] == safe


def test_cuts_can_be_found_step_by_step() -> None:
    position = 0
    for end in range(len(LONG) + 1):
        position = markdown.safe_end(LONG[:end], position)
    assert position == markdown.safe_end(LONG)


def test_text_that_grew_reads_like_text_drawn_at_once(growing: GrowingText) -> None:
    whole = markdown.render(LONG, Theme(QApplication.instance(), "light").colors, growing.font())  # type: ignore[arg-type]
    for start in range(0, len(LONG), 7):
        growing.append_text(LONG[start : start + 7])
        growing.draw_now()
    assert _lines(growing.document()) == _lines(whole)
    growing.redraw()
    assert growing.toPlainText() == whole.toPlainText()


def _lines(document: QTextDocument) -> list[str]:
    return [line for line in document.toPlainText().splitlines() if line.strip()]


def test_what_came_is_drawn_a_moment_later_and_once(qtbot: QtBot, growing: GrowingText) -> None:
    with qtbot.waitSignal(growing.drawn):
        for piece in ("The ", "**total**", " is"):
            growing.append_text(piece)
        assert growing.toPlainText() == ""
    assert growing.toPlainText() == "The total is"
    assert growing.raw == "The **total** is"


def test_text_can_go_on_after_it_was_drawn_as_a_whole(growing: GrowingText) -> None:
    growing.set_text("It is *hal")
    growing.append_text("f* done")
    growing.draw_now()
    assert growing.toPlainText() == "It is half done"


def test_html_stays_text(growing: GrowingText) -> None:
    growing.set_text("a <b>bold</b> <script>x</script>")
    assert growing.toPlainText() == "a <b>bold</b> <script>x</script>"


def test_nothing_that_an_answer_names_is_loaded(growing: GrowingText, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    assert QImage(40, 40, QImage.Format.Format_RGB32).save(str(secret))
    local = QUrl.fromLocalFile(str(secret))
    growing.set_text(f"![a cat](https://example.org/cat.png) and ![mine]({local.toString()})")
    growing.grab()
    assert growing.toPlainText() == "[a cat] and [mine]"
    for name in (local, QUrl("https://example.org/cat.png")):
        for kind in (1, 2, 3):
            found = growing.document().resource(kind, name)
            assert isinstance(found, QImage)
            assert (found.width(), found.height()) == (1, 1)
    assert not growing.openLinks()
    assert not growing.openExternalLinks()


def test_the_height_is_that_of_the_text(growing: GrowingText) -> None:
    growing.set_text("one")
    one = growing.height()
    growing.set_text("one\n\ntwo\n\nthree")
    assert growing.height() > 2 * one
