"""Tables of many rows, drawn in parts that look like one: each has the columns of the first."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextLength,
    QTextTable,
)

WISHES = QTextFormat.Property.UserProperty.value + 1  # of a part: the widths its columns wish for
AROUND = 13  # pixels of padding and border that a cell adds
SPARE = 24  # pixels for words of later rows that are a little longer
FIXED, PERCENT = QTextLength.Type.FixedLength, QTextLength.Type.PercentageLength
OVERLAP = -4  # pixels: one border instead of two, and no gap


def last_table(document: QTextDocument) -> QTextTable | None:
    """The table that was drawn last."""
    tables = [each for each in document.rootFrame().childFrames() if isinstance(each, QTextTable)]
    return tables[-1] if tables else None


def join(part: QTextDocument, before: QTextTable, room: float) -> bool:
    """Make the table in ``part`` one that goes on below another; False where there is none.

    Its first row, the head, is dropped, since the table before shows it.
    """
    table = last_table(part)
    if table is None or table.columns() != before.columns():
        return False
    table.removeRows(0, 1)
    wishes = _wishes(before)
    for each, top, bottom in ((before, before.format().topMargin(), 0), (table, OVERLAP, 4)):
        shape = each.format()
        if each is table or not shape.hasProperty(WISHES) or shape.bottomMargin():
            shape.setTopMargin(top)
            shape.setBottomMargin(bottom)
            shape.setProperty(WISHES, [QTextLength(FIXED, width) for width in wishes])
            each.setFormat(shape)
            _fit(each, room)
    return True


def fit_all(document: QTextDocument, room: float) -> None:
    """Give the parts of long tables their columns in another width of the page."""
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable) and frame.format().hasProperty(WISHES):
            _fit(frame, room)


def close_gap(cursor: QTextCursor) -> None:
    """Qt needs a line between two tables; here it takes no room."""
    flat = QTextBlockFormat()
    flat.setLineHeight(1, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
    cursor.setBlockFormat(flat)


def share_out(wishes: Sequence[float], room: float) -> list[float]:
    """To each what it wishes; where there is too little room, only the widest give way."""
    given, left = [0.0] * len(wishes), room
    by_size = sorted(range(len(wishes)), key=lambda column: wishes[column])
    for number, column in enumerate(by_size):
        given[column] = min(wishes[column], left / (len(wishes) - number))
        left -= given[column]
    return given


def _wishes(table: QTextTable) -> list[float]:
    kept = table.format().lengthVectorProperty(WISHES)
    return [each.rawValue() for each in kept] or [
        _longest(table, column) + AROUND + SPARE for column in range(table.columns())
    ]


def _longest(table: QTextTable, column: int) -> float:
    font = QFont(table.document().defaultFont())
    font.setWeight(QFont.Weight.DemiBold)
    measure = QFontMetricsF(font)
    cells = (table.cellAt(row, column) for row in range(table.rows()))
    return max(
        measure.horizontalAdvance(cell.firstCursorPosition().block().text()) for cell in cells
    )


def _fit(table: QTextTable, room: float) -> None:
    widths = share_out(_wishes(table), max(room, 1.0))
    shape = table.format()
    shape.setWidth(QTextLength(PERCENT, min(100.0, 100 * sum(widths) / max(room, 1.0))))
    shares = [QTextLength(PERCENT, 100 * width / sum(widths)) for width in widths]
    shape.setColumnWidthConstraints(shares)
    table.setFormat(shape)
