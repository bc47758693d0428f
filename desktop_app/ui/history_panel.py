"""The panel beside the conversation: search, the list, and whether anything is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.i18n import tr
from desktop_app.recorder import Recorder
from desktop_app.theme import Theme, pixels
from desktop_app.ui.history_list import HistoryList
from desktop_app.ui.history_rows import HistoryRows, Row, rows_of
from desktop_app.ui.parts import ENTER, IconButton, IconLabel, label
from desktop_app.ui.switch import Switch

WIDTH = 260  # pixels
PAGE = 300  # conversations that are listed at first, and more each time the end comes near
SEARCH_MS = 120  # after the last key


def _now() -> datetime:
    return datetime.now().astimezone()


class HistoryPanel(QFrame):
    """Shows the history; what is to be done with it leaves as wishes."""

    opened = Signal()  # a conversation was taken up
    export_wished = Signal(object, str)  # ids or None for all, the format
    import_wished = Signal()
    delete_all_wished = Signal()
    left = Signal()  # Esc: back to the conversation

    def __init__(
        self, theme: Theme, recorder: Recorder, now: Callable[[], datetime] = _now
    ) -> None:
        super().__init__()
        self._recorder = recorder
        self._now = now
        self._most = PAGE
        self.setObjectName("history")
        self.setFixedWidth(WIDTH)
        self.rows = HistoryRows(recorder, self)
        self.list = HistoryList(theme, self.rows)
        self.search = QLineEdit()
        self.search.setAccessibleName(tr("Search the history"))
        self.search.setPlaceholderText(tr("Search"))
        self.search.setClearButtonEnabled(True)
        self.search.installEventFilter(self)
        self.search.setTextMargins(pixels(16) + 10, 0, 0, 0)
        glass = IconLabel(theme, "search", size=16)
        glass.setParent(self.search)
        glass.move(10, (pixels(34) - glass.height()) // 2)
        for button in self.search.findChildren(QToolButton):
            button.setAccessibleName(tr("Clear the search"))
        self.nothing = label(kind="secondary", wrap=True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.private = Switch(theme, tr("Do not keep"))
        self.menu_button = IconButton(theme, "dots", tr("More about the history"), role="secondary")
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(SEARCH_MS)
        self._lay_out()
        self._listen()
        self.refresh()

    def _lay_out(self) -> None:
        self.private.setAccessibleName(tr("Do not keep conversations"))
        self.private.setToolTip(
            tr("What is said from now on is not written to the disk. What was kept stays.")
        )
        self.search.setFixedHeight(pixels(34))
        top = QHBoxLayout()
        top.setContentsMargins(12, 12, 12, 4)
        top.addWidget(self.search)
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 6, 8, 6)
        foot.addWidget(self.private)
        foot.addStretch(1)
        foot.addWidget(self.menu_button)
        self._foot = QFrame()
        self._foot.setObjectName("history_foot")
        self._foot.setLayout(foot)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 1, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.list, 1)
        column.addWidget(self.nothing, 1)
        column.addWidget(self._foot)
        self.nothing.setContentsMargins(24, 0, 24, 0)

    def _listen(self) -> None:
        self._recorder.changed.connect(self.refresh)
        self._recorder.current_changed.connect(self.list.show_open)
        self._recorder.keeping_changed.connect(self._show_keeping)
        self.search.textChanged.connect(self._search_changed)
        self._wait.timeout.connect(self.refresh)
        self.rows.renamed.connect(self._recorder.rename, Qt.ConnectionType.QueuedConnection)
        self.rows.more_wished.connect(self._show_more, Qt.ConnectionType.QueuedConnection)
        self.list.open_wished.connect(self._open)
        self.list.delete_wished.connect(self.delete)
        self.list.menu_wished.connect(self._show_menu)
        self.list.delegate.closeEditor.connect(self.refresh, Qt.ConnectionType.QueuedConnection)
        self.private.toggled.connect(self._private_toggled)
        self.menu_button.clicked.connect(self._show_more_menu)
        self._show_keeping(self._recorder.keeping)

    # What is

    @Slot()
    def refresh(self) -> None:
        """Read the list again, or search again."""
        if self.list.editing:
            return  # it is done when the editor closes
        query = self.search.text().strip()
        found = self._recorder.search(query) if query else self._recorder.summaries(self._most)
        more = not query and len(found) == self._most
        self._show(rows_of(found, self._now()), more)
        self.nothing.setText(self._why_nothing(query))
        self.nothing.setVisible(not found)
        self.list.setVisible(bool(found))

    def _show(self, rows: list[Row], more: bool) -> None:
        """Other rows, with the same one current and the same part in view."""
        current = self.rows.entry(self.list.currentIndex())
        place = self.list.verticalScrollBar().value()
        self.rows.show_rows(rows, more)
        if current is not None and not self.list.currentIndex().isValid():
            self.list.setCurrentIndex(self.rows.index_of(current.summary.id))
            self.list.verticalScrollBar().setValue(place)

    def _why_nothing(self, query: str) -> str:
        if query:
            return tr("Nothing found for “{query}”").format(query=query)
        if not self._recorder.available and self._recorder.keeping:
            return tr("The history cannot be used")
        if not self._recorder.keeping:
            return tr("Conversations are not kept.")
        return tr("No conversations yet. They are kept here, on this machine only.")

    @Slot()
    def _show_more(self) -> None:
        self._most += PAGE
        self.refresh()

    @Slot(bool)
    def _show_keeping(self, keeping: bool) -> None:
        self.private.setChecked(not keeping)
        self.refresh()

    # What the person wishes

    def begin_search(self) -> None:
        """Put the cursor into the search field."""
        self.search.setFocus()
        self.search.selectAll()

    def escape(self) -> bool:
        """Leave the editor, the search or the list; False where none has the focus."""
        focused = self.focusWidget()
        if focused is None or not focused.hasFocus():
            return False
        if focused is self.search and self.search.text():
            self.search.clear()
        else:
            self.left.emit()
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """From the search field, Down and Enter lead into the list."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Down:
                self._into_list()
                return True
            if event.key() in ENTER:
                self._wait.stop()
                self.refresh()
                self._into_list()
                return True
        return super().eventFilter(watched, event)

    def _into_list(self) -> None:
        if self.rows.rowCount() > 1:
            self.list.setFocus()
            if self.rows.entry(self.list.currentIndex()) is None:
                self.list.setCurrentIndex(self.rows.index(1))  # the row 0 is a heading

    @Slot()
    def _search_changed(self) -> None:
        self._wait.start()

    @Slot(str)
    def _open(self, key: str) -> None:
        self._recorder.take_up(key)
        self.opened.emit()

    @Slot(str)
    def delete(self, key: str) -> None:
        """Delete a conversation; the row below becomes the current one."""
        row = self.rows.index_of(key).row()
        self._recorder.delete(key)
        for number in (row, row - 1, row - 2):
            if self.rows.entry(self.rows.index(number)) is not None:
                self.list.setCurrentIndex(self.rows.index(number))
                break

    @Slot(bool)
    def _private_toggled(self, private: bool) -> None:
        if private == self._recorder.keeping:
            self._recorder.keep(not private)

    @Slot(str, QPoint)
    def _show_menu(self, key: str, place: QPoint) -> None:
        self.menu_for(key).popup(place)

    def menu_for(self, key: str) -> QMenu:
        """What can be done with one conversation."""
        entry = self.rows.entry(self.rows.index_of(key))
        pinned = entry is not None and entry.summary.pinned
        menu = _menu(self)
        _add(menu, tr("Rename"), lambda: self.list.rename(key), "F2")
        pin = tr("Unpin") if pinned else tr("Pin")
        _add(menu, pin, lambda: self._recorder.pin(key, not pinned))
        formats = menu.addMenu(tr("Export as"))
        for name, ending in (("Markdown", "md"), (tr("Text"), "txt"), ("JSON", "json")):
            _add(formats, name, partial(self.export_wished.emit, [key], ending))
        menu.addSeparator()
        _add(menu, tr("Delete"), lambda: self.delete(key), "Del")
        return menu

    @Slot()
    def _show_more_menu(self) -> None:
        menu = self.more_menu()
        button = self.menu_button
        above = QPoint(button.width() - menu.sizeHint().width(), -menu.sizeHint().height())
        menu.popup(button.mapToGlobal(above))

    def more_menu(self) -> QMenu:
        """What can be done with the whole history."""
        menu = _menu(self)
        some = bool(self._recorder.summaries(1))
        export = _add(menu, tr("Export all…"), lambda: self.export_wished.emit(None, "json"))
        bring = _add(menu, tr("Import…"), self.import_wished.emit)
        menu.addSeparator()
        remove = _add(menu, tr("Delete all…"), self.delete_all_wished.emit)
        export.setEnabled(some)
        remove.setEnabled(some)
        bring.setEnabled(self._recorder.available)
        return menu


def _menu(parent: QWidget) -> QMenu:
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return menu


def _add(menu: QMenu, text: str, action: Callable[[], object], keys: str = "") -> QAction:
    made = menu.addAction(text)
    if keys:
        made.setShortcut(keys)  # shown only: the list itself takes the key
        made.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
    made.triggered.connect(lambda: action())
    return made
