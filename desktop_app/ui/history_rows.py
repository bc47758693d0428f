"""What the list of conversations shows: headings by day, and the conversations between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QDateTime,
    QLocale,
    QModelIndex,
    QObject,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtCore import QPersistentModelIndex as Persistent
from PySide6.QtGui import QPixmap

from desktop_app.history.days import Day, by_day
from desktop_app.history.records import Hit, Summary
from desktop_app.i18n import tr
from desktop_app.recorder import Recorder
from desktop_app.ui.thumbnail_square import telling_square

Index = QModelIndex | Persistent
NO_PARENT = QModelIndex()


@dataclass(frozen=True, slots=True)
class Entry:
    """A conversation in the list; ``hit`` says where a search found it."""

    summary: Summary
    detail: str
    hit: Hit | None = None


Row = Day | Entry


def day_words(day: Day) -> str:
    """The heading of a group."""
    return {
        Day.PINNED: tr("Pinned"),
        Day.TODAY: tr("Today"),
        Day.YESTERDAY: tr("Yesterday"),
        Day.WEEK: tr("Previous 7 days"),
        Day.EARLIER: tr("Earlier"),
    }[day]


def rows_of(found: Sequence[Summary] | Sequence[Hit], now: datetime) -> list[Row]:
    """Headings and conversations in the order of the list."""
    hits = {each.summary.id: each for each in found if isinstance(each, Hit)}
    summaries = [each.summary if isinstance(each, Hit) else each for each in found]
    rows: list[Row] = []
    for day, group in by_day(summaries, now).items():
        rows.append(day)
        rows += [Entry(each, _detail(each, day), hits.get(each.id)) for each in group]
    return rows


def _detail(summary: Summary, day: Day) -> str:
    """The picture's name and when it was, as short as the group allows."""
    moment = QDateTime.fromSecsSinceEpoch(int(summary.updated))
    short = QLocale.FormatType.ShortFormat
    locale = QLocale()
    if day in (Day.TODAY, Day.YESTERDAY):
        when = locale.toString(moment.time(), short)
    else:
        when = locale.toString(moment.date(), short)
    return "  ·  ".join(part for part in (when, summary.picture_name) if part)


class HistoryRows(QAbstractListModel):
    """The rows for Qt; an edited title leaves as a signal."""

    renamed = Signal(str, str)  # id, title
    more_wished = Signal()

    def __init__(self, recorder: Recorder, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._recorder = recorder
        self._rows: list[Row] = []
        self._more = False
        self._thumbnails: dict[str, QPixmap] = {}

    def show_rows(self, rows: list[Row], more: bool) -> None:
        """Show other rows; ``more`` says that the history goes on."""
        self._more = more
        if rows == self._rows:
            return
        shown = len(self._rows)
        if shown and rows[:shown] == self._rows:
            self.beginInsertRows(NO_PARENT, shown, len(rows) - 1)
            self._rows = rows
            self.endInsertRows()
        else:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()

    def row(self, index: Index) -> Row | None:
        """The row at an index."""
        return self._rows[index.row()] if index.isValid() else None

    def entry(self, index: Index) -> Entry | None:
        """The conversation at an index; None at a heading."""
        row = self.row(index)
        return row if isinstance(row, Entry) else None

    def index_of(self, key: str) -> QModelIndex:
        """Where a conversation stands; invalid where it is not shown."""
        for number, row in enumerate(self._rows):
            if isinstance(row, Entry) and row.summary.id == key:
                return self.index(number)
        return QModelIndex()

    def thumbnail(self, key: str) -> QPixmap:
        """The small, square picture of a conversation, read when it is first drawn."""
        if key not in self._thumbnails:
            pixmap = QPixmap()
            pixmap.loadFromData(self._recorder.thumbnail(key))
            square = QRect() if pixmap.isNull() else telling_square(pixmap)
            self._thumbnails[key] = pixmap.copy(square)
        return self._thumbnails[key]

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        """How many rows there are."""
        return 0 if parent.isValid() else len(self._rows)

    def canFetchMore(self, parent: Index) -> bool:
        """Whether the history goes on below."""
        return self._more

    def fetchMore(self, parent: Index) -> None:
        """Qt came near the end of the rows."""
        self._more = False
        self.more_wished.emit()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts for screen readers and for the editor; the painter takes the row itself."""
        row = self.row(index)
        if isinstance(row, Day):
            return day_words(row) if role == Qt.ItemDataRole.DisplayRole else None
        if row is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return row.summary.title
            case Qt.ItemDataRole.ToolTipRole:
                return row.summary.title
            case Qt.ItemDataRole.AccessibleDescriptionRole:
                return row.hit.snippet if row.hit and row.hit.snippet else row.detail
            case _:
                return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take an edited title."""
        entry = self.entry(index)
        title = str(value).strip()
        if entry is None or not title or title == entry.summary.title:
            return False
        self.renamed.emit(entry.summary.id, title)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Headings cannot be chosen."""
        if self.entry(index) is None:
            return Qt.ItemFlag.ItemNeverHasChildren
        return (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsEditable
            | Qt.ItemFlag.ItemNeverHasChildren
        )
