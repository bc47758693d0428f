"""An answer as one reads it: no marks, lists with their bullets, tables with tabs."""

from __future__ import annotations

from PySide6.QtGui import (
    QTextBlock,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextList,
    QTextTable,
)

PARAGRAPH, LINE = "\u2029", "\u2028"


def plain_text(document: QTextDocument) -> str:
    """The text of a document that was made from Markdown."""
    parts: list[str] = []
    block = document.begin()
    kind = ""
    while block.isValid():
        table = QTextCursor(block).currentTable()
        text, now = (_table(table), "table") if table is not None else _line(block)
        if text or now == "code":
            apart = "\n" if now == kind and now != "text" else "\n\n"
            parts.append((apart if parts else "") + text)
            kind = now
        block = _after(document, table) if table is not None else block.next()
    return "".join(parts)


def _after(document: QTextDocument, table: QTextTable) -> QTextBlock:
    return document.findBlock(table.lastPosition() + 1)


def _line(block: QTextBlock) -> tuple[str, str]:
    """A line and what it is part of."""
    text = block.text().replace(LINE, "\n")
    listed: QTextList | None = block.textList()
    if listed is not None:
        bullet = listed.itemText(block)
        numbered = bullet[:1].isalnum()
        indent = "  " * (listed.format().indent() - 1)
        return f"{indent}{bullet if numbered else '-'} {_box(block)}{text}", "list"
    frame = QTextCursor(block).currentFrame()
    inside = frame != block.document().rootFrame()
    return text, "code" if inside else "text"


def _box(block: QTextBlock) -> str:
    """What is to be done, and what is done."""
    kinds = QTextBlockFormat.MarkerType
    marks = {kinds.Unchecked: "[ ] ", kinds.Checked: "[x] "}
    return marks.get(block.blockFormat().marker(), "")


def _table(table: QTextTable) -> str:
    rows = (
        "\t".join(_cell(table, row, column) for column in range(table.columns()))
        for row in range(table.rows())
    )
    return "\n".join(rows)


def _cell(table: QTextTable, row: int, column: int) -> str:
    cell = table.cellAt(row, column)
    cursor = cell.firstCursorPosition()
    cursor.setPosition(cell.lastPosition(), QTextCursor.MoveMode.KeepAnchor)
    return " ".join(cursor.selectedText().replace(PARAGRAPH, " ").replace(LINE, " ").split())
