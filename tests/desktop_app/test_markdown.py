"""Growing markdown: what is drawn for good, and that it ends as if drawn at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import (
    QColor,
    QDesktopServices,
    QGuiApplication,
    QImage,
    QPainter,
    QTextDocument,
)
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from desktop_app.theme import Colors, Theme
from desktop_app.ui import markdown
from desktop_app.ui.growing_text import GrowingText

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


def test_text_that_grew_reads_like_text_drawn_at_once(growing: GrowingText) -> None:
    whole = markdown.render(LONG, Theme(QApplication.instance(), "light").colors, growing.font())  # type: ignore[arg-type]
    for start in range(0, len(LONG), 7):
        growing.append_text(LONG[start : start + 7])
        growing.draw_now()
    assert _lines(growing.document()) == _lines(whole)
    growing.redraw()
    assert _lines(growing.document()) == _lines(whole)


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


def test_a_fence_that_is_still_open_is_a_program_already(growing: GrowingText) -> None:
    growing.append_text("So:\n```python\nx = 1\ny =")
    growing.draw_now()
    assert _lines(growing.document()) == ["So:", "x = 1", "y ="]
    assert growing.document().rootFrame().childFrames()
    growing.append_text(" 2\n``")
    growing.draw_now()
    assert _lines(growing.document())[1:] == ["x = 1", "y = 2"]
    growing.append_text("`\nDone.")
    growing.draw_now()
    assert _lines(growing.document())[1:] == ["x = 1", "y = 2", "Done."]


def test_lines_stay_lines(growing: GrowingText) -> None:
    growing.set_text("12 Quay Street\n14 May 2024\n\n```\na\nb\n```")
    assert _lines(growing.document()) == ["12 Quay Street", "14 May 2024", "a", "b"]


def test_another_text_takes_the_place_of_the_one_before(growing: GrowingText) -> None:
    growing.set_text("One.\n\nTwo.")
    growing.set_text("Three.")
    assert growing.toPlainText() == "Three."
    growing.set_text("")
    assert growing.toPlainText() == ""


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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"is \(x_{1} \cdot *y*\), *so*", r"is \(x_{1} \cdot *y*\), so"),
        (r"$a*b*c$ and $$x_{i}*y*$$", r"$a*b*c$ and $$x_{i}*y*$$"),
        ("\\[\n\\frac{1}{2} * x_1 = *y*\n\\]\n\n*so*", "\\[\n\\frac{1}{2} * x_1 = *y*\n\\]\nso"),
        ("costs $5, or $10 *each*", "costs $5, or $10 each"),
        (r"`\(a\)` and \*", r"\(a\) and *"),
        ("```\n\\(a\\) *b*\n```", "\\(a\\) *b*"),
        ("| a |\n|---|\n| $x_1*y*z$ |", "a\n$x_1*y*z$"),
    ],
)
def test_formulas_are_shown_as_they_were_written(
    growing: GrowingText, text: str, shown: str
) -> None:
    growing.set_text(text)
    assert _lines(growing.document()) == shown.splitlines()


def test_where_nothing_opens_it_the_address_is_offered(
    growing: GrowingText, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: False)
    answered_question(growing, "https://example.org/a", "Open")
    box = next(each for each in growing.findChildren(QMessageBox) if each.isVisible())
    assert box.informativeText() == "https://example.org/a"
    assert "No program" in box.text()
    next(each for each in box.buttons() if each.text() == "Copy the address").click()
    assert QGuiApplication.clipboard().text() == "https://example.org/a"


def test_tab_stops_at_a_link_and_then_at_the_program(qtbot: QtBot, growing: GrowingText) -> None:
    growing.set_text("See [the page](https://example.org/a).\n\n```\ncode\n```\n")
    growing.activateWindow()
    growing.setFocus()
    qtbot.keyClick(growing, Qt.Key.Key_Tab)
    assert growing.textCursor().selectedText() == "the page"
    qtbot.keyClick(growing, Qt.Key.Key_Tab)
    (button,) = growing.code.buttons
    assert QApplication.focusWidget() is button
    qtbot.keyClick(button, Qt.Key.Key_Backtab)
    assert QApplication.focusWidget() is growing


def opens_in(opened: list[QUrl]) -> Callable[[QUrl], bool]:
    """A desktop that opens everything."""

    def open_url(url: QUrl) -> bool:
        opened.append(url)
        return True

    return open_url


def answered_question(growing: GrowingText, link: str, button: str) -> list[str]:
    """Follow a link, press a button of the question; what the question said."""
    growing.anchorClicked.emit(QUrl(link))
    box = next(each for each in growing.findChildren(QMessageBox) if each.isVisible())
    said = [box.text(), box.informativeText()]
    next(each for each in box.buttons() if each.text() == button).click()
    return said


def test_a_link_is_opened_only_after_a_question(
    growing: GrowingText, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opens_in(opened))
    growing.set_text("See [the page](https://example.org/a?b=c).")
    assert "page" in growing.toHtml()
    said = answered_question(growing, "https://example.org/a?b=c", "Cancel")
    assert "https://example.org/a?b=c" in said
    assert opened == []
    answered_question(growing, "https://example.org/a?b=c", "Copy the address")
    assert QGuiApplication.clipboard().text() == "https://example.org/a?b=c"
    assert opened == []
    answered_question(growing, "https://example.org/a?b=c", "Open")
    assert opened == [QUrl("https://example.org/a?b=c")]
    assert growing.toPlainText() == "See the page."


@pytest.mark.parametrize("link", ["file:///etc/passwd", "javascript:alert(1)", "smb://x/y"])
def test_what_is_no_page_of_the_web_is_never_opened(growing: GrowingText, link: str) -> None:
    growing.anchorClicked.emit(QUrl(link))
    box = next(each for each in growing.findChildren(QMessageBox) if each.isVisible())
    assert "Open" not in {each.text() for each in box.buttons()}
    assert link in box.informativeText()
    box.close()


def test_an_address_that_looks_like_another_is_shown_in_its_own_letters(
    growing: GrowingText,
) -> None:
    said = answered_question(growing, "https://ex\u0430mple.org/", "Cancel")  # a Cyrillic a
    assert said[1].startswith("https://xn--")


def test_a_rule_is_drawn_and_a_quotation_looks_like_one(growing: GrowingText) -> None:
    colors = Theme(QApplication.instance(), "light").colors  # type: ignore[arg-type]
    text = "One.\n\n- a\n\n> quoted\n\n---\n\nTwo.\n"
    whole = markdown.render(text, colors, growing.font())
    for piece in text:
        growing.append_text(piece)
        growing.draw_now()
    for document in (whole, growing.document()):
        quoted = document.find("quoted").block().begin().fragment().charFormat()
        assert quoted.foreground().color().name() == colors.secondary
        after = document.find("Two").block().begin().fragment().charFormat()
        assert after.foreground().style() == Qt.BrushStyle.NoBrush
        assert _lines_across(document, colors) == 1


def _lines_across(document: QTextDocument, colors: Colors) -> int:
    """Rows of pixels in the colour of a quiet line, from side to side."""
    document.setTextWidth(300)
    page = QImage(300, round(document.size().height()), QImage.Format.Format_RGB32)
    page.fill(QColor(colors.window))
    painter = QPainter(page)
    document.drawContents(painter)
    painter.end()
    row = {colors.line}
    return sum(
        {page.pixelColor(x, y).name() for x in range(20, 280)} == row for y in range(page.height())
    )


def test_headings_are_larger_than_the_text_below(growing: GrowingText) -> None:
    text = "# One `code`\n\nText\n\n## Two\n\n### Three\n"
    for piece in text:
        growing.append_text(piece)
        growing.draw_now()
    found = [
        growing.document().find(word).charFormat().font().pixelSize()
        for word in ("One", "Two", "Three", "Text")
    ]
    assert found == [20, 17, 15, 14]
