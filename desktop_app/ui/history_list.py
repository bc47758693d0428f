"""The list of conversations: drawn rows, keys, the title edited in place."""

from __future__ import annotations

import re

from PySide6.QtCore import QAbstractItemModel, QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPen,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop_app.history.days import Day
from desktop_app.history.records import Hit
from desktop_app.i18n import tr
from desktop_app.style_sheet import BODY, SECONDARY
from desktop_app.theme import Theme, pixels
from desktop_app.ui.history_rows import Entry, HistoryRows, Index, day_words
from desktop_app.ui.parts import ENTER

HEADING, ENTRY, THUMBNAIL = 32, 56, 40  # pixels
MARKS = re.compile(r"[*`#|]+")  # of Markdown, which a line has no use for
BEFORE_MATCH = 8  # characters: the line is short and must show the match


class HistoryDelegate(QStyledItemDelegate):
    """Draws headings and conversations, and edits a title."""

    def __init__(self, theme: Theme, rows: HistoryRows, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows = rows
        self.open_key = ""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Headings are low."""
        return QSize(0, pixels(HEADING if isinstance(self._rows.row(index), Day) else ENTRY))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row."""
        row = self._rows.row(index)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if isinstance(row, Day):
            self._paint_heading(painter, option, row)
        elif isinstance(row, Entry):
            self._paint_entry(painter, option, row)
        painter.restore()

    def _paint_heading(self, painter: QPainter, option: QStyleOptionViewItem, day: Day) -> None:
        font = _font(option, SECONDARY, QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(self._theme.colors.secondary))
        place = option.rect.adjusted(16, 0, -8, -6)
        flags = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft
        painter.drawText(place, flags, day_words(day))

    def _paint_entry(self, painter: QPainter, option: QStyleOptionViewItem, entry: Entry) -> None:
        self._paint_ground(painter, option, entry.summary.id == self.open_key)
        self._paint_thumbnail(painter, _thumbnail_place(option.rect), entry)
        title, detail = title_place(option.rect), _detail_place(option.rect)
        painter.setPen(QColor(self._theme.colors.text))
        font, small, hit = _font(option, BODY), _font(option, SECONDARY), entry.hit
        if hit is not None and hit.snippet == entry.summary.title:
            self._paint_hit(painter, font, title, hit, "text")
            hit = None
        else:
            _draw(painter, font, title, entry.summary.title)
        painter.setPen(QColor(self._theme.colors.secondary))
        if hit is not None and hit.snippet:
            self._paint_hit(painter, small, detail, hit, "secondary")
        else:
            _draw(painter, small, detail, entry.detail)

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, is_open: bool) -> None:
        colors, state = self._theme.colors, option.state
        place = QRectF(option.rect).adjusted(6.5, 1.5, -6.5, -1.5)
        painter.setPen(Qt.PenStyle.NoPen)
        if is_open:
            painter.setBrush(QColor(colors.info_card))
            painter.drawRoundedRect(place, 6, 6)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(QColor(colors.hover))
            painter.drawRoundedRect(place, 6, 6)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colors.accent), 1))
            painter.drawRoundedRect(place, 6, 6)

    def _paint_thumbnail(self, painter: QPainter, place: QRect, entry: Entry) -> None:
        pixmap = self._rows.thumbnail(entry.summary.picture) if entry.summary.picture else None
        if pixmap is None or pixmap.isNull():
            icon = self._theme.pixmap(
                "message", "secondary", pixels(20), painter.device().devicePixelRatioF()
            )
            half = pixels(20) // 2
            painter.drawPixmap(place.center() - QPoint(half - 1, half - 1), icon)
            return
        path = QPainterPath()
        path.addRoundedRect(QRectF(place), 6, 6)
        painter.setClipPath(path)
        painter.drawPixmap(place, pixmap)
        painter.setClipping(False)
        painter.setPen(QPen(QColor(self._theme.colors.line), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)

    def _paint_hit(self, painter: QPainter, font: QFont, place: QRect, hit: Hit, role: str) -> None:
        """The text around the match; the match in the accent's colour."""
        before, match, after = around(hit)
        bold = QFont(font)
        bold.setWeight(QFont.Weight.DemiBold)
        left = place.left()
        for text, how, named in ((before, font, role), (match, bold, "accent")):
            painter.setPen(QColor(getattr(self._theme.colors, named)))
            width = QFontMetrics(how).horizontalAdvance(text)
            room = QRect(left, place.top(), min(width + 2, place.right() - left), place.height())
            _draw(painter, how, room, text)
            left += width
        painter.setPen(QColor(getattr(self._theme.colors, role)))
        _draw(painter, font, QRect(QPoint(left, place.top()), place.bottomRight()), after)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """A line for the title."""
        editor = QLineEdit(parent)
        editor.setAccessibleName(tr("Title of the conversation"))
        editor.setProperty("kind", "title_editor")
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Begin with the title, selected."""
        if isinstance(editor, QLineEdit):
            editor.setText(index.data(Qt.ItemDataRole.EditRole))
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Take what was typed."""
        if isinstance(editor, QLineEdit):
            model.setData(index, editor.text(), Qt.ItemDataRole.EditRole)

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> None:
        """Where the title stands, with room for its frame."""
        place = title_place(option.rect)
        editor.setGeometry(place.adjusted(-6, -4, 4, 4))


def around(hit: Hit) -> tuple[str, str, str]:
    """A snippet's text before, in and after the match, as a short line needs it."""
    before = MARKS.sub("", hit.snippet[: hit.start])
    if len(before) > BEFORE_MATCH:
        before = "…" + before[-BEFORE_MATCH:]
    end = hit.start + hit.length
    return before, hit.snippet[hit.start : end], MARKS.sub("", hit.snippet[end:])


def title_place(row: QRect) -> QRect:
    """Where the title of a row stands."""
    left, height = row.left() + 16 + THUMBNAIL + 8, pixels(20)
    return QRect(left, row.top() + pixels(9), row.width() - THUMBNAIL - 40, height)


def _detail_place(row: QRect) -> QRect:
    return title_place(row).translated(0, pixels(20)).adjusted(0, 0, 0, -2)


def _thumbnail_place(row: QRect) -> QRect:
    top = row.top() + (row.height() - THUMBNAIL) // 2
    return QRect(row.left() + 14, top, THUMBNAIL, THUMBNAIL)


def _font(
    option: QStyleOptionViewItem, size: int, weight: QFont.Weight = QFont.Weight.Normal
) -> QFont:
    font = QFont(option.font)
    font.setPixelSize(pixels(size))
    font.setWeight(weight)
    return font


def _draw(painter: QPainter, font: QFont, place: QRect, text: str) -> None:
    painter.setFont(font)
    shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


class HistoryList(QListView):
    """Opens with a click or Enter, edits with F2, deletes with Delete."""

    open_wished = Signal(str)
    delete_wished = Signal(str)
    menu_wished = Signal(str, QPoint)  # on the screen

    def __init__(self, theme: Theme, rows: HistoryRows) -> None:
        super().__init__()
        self._rows = rows
        self.delegate = HistoryDelegate(theme, rows, self)
        self.setModel(rows)
        self.setItemDelegate(self.delegate)
        self.setAccessibleName(tr("Conversations"))
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.clicked.connect(self._open)
        theme.changed.connect(self.viewport().update)

    @property
    def editing(self) -> bool:
        """Whether a title is being edited."""
        return self.state() is QAbstractItemView.State.EditingState

    def show_open(self, key: str) -> None:
        """Mark the conversation that is open."""
        self.delegate.open_key = key
        self.viewport().update()

    def rename(self, key: str) -> None:
        """Edit a title in place."""
        index = self._rows.index_of(key)
        if index.isValid():
            self.setCurrentIndex(index)
            self.edit(index)
            for editor in self.viewport().findChildren(QLineEdit):
                editor.end(False)
                editor.home(True)  # all is selected, and the beginning in view

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter, F2 and Delete are for the current row."""
        entry = self._rows.entry(self.currentIndex())
        key = event.key()
        if entry is None or key not in KEYS or self.editing:  # the editor lets Enter through
            super().keyPressEvent(event)
        elif key in ENTER:
            self.open_wished.emit(entry.summary.id)
        elif key == Qt.Key.Key_F2:
            self.rename(entry.summary.id)
        else:
            self.delete_wished.emit(entry.summary.id)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for a menu at the pointer, or at the current row where a key asked."""
        index, place = self.indexAt(event.pos()), event.globalPos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            index = self.currentIndex()
            place = self.viewport().mapToGlobal(self.visualRect(index).center())
        entry = self._rows.entry(index)
        if entry is not None:
            self.menu_wished.emit(entry.summary.id, place)

    def viewportEvent(self, event: QEvent) -> bool:
        """Headings take no hand for a pointer."""
        if event.type() == QEvent.Type.MouseMove:
            over = self._rows.entry(self.indexAt(event.position().toPoint()))  # type: ignore[attr-defined]
            shape = Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor
            self.viewport().setCursor(shape)
        return super().viewportEvent(event)

    def _open(self, index: Index) -> None:
        entry = self._rows.entry(index)
        if entry is not None:
            self.open_wished.emit(entry.summary.id)


KEYS = (
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
    Qt.Key.Key_F2,
    Qt.Key.Key_Delete,
    Qt.Key.Key_Backspace,
)
