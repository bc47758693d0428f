"""The settings window: pages on the left, the chosen one on the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QWidget,
)

from desktop_app.i18n import tr
from desktop_app.theme import Theme, pixels
from desktop_app.ui.focus_order import stops_in
from desktop_app.ui.in_place import DialogInPlace
from desktop_app.ui.settings.page import SettingsPage

NAVIGATION = 184  # pixels
MakePages = Callable[[], Sequence[SettingsPage]]


class SettingsWindow(DialogInPlace):
    """Made anew, with the same page open, for another language or size of text."""

    def __init__(self, theme: Theme, make_pages: MakePages, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._make_pages = make_pages
        self._row: QHBoxLayout | None = None
        self._inner: QWidget | None = None
        self.pages: list[SettingsPage] = []
        self.setObjectName("settings")
        self.resize(860, 640)
        self.setMinimumSize(640, 400)
        self.rebuild()
        theme.changed.connect(self._tint)

    @Slot()
    def rebuild(self) -> None:
        """All pages, with their words in the language in use."""
        chosen, at = (self.list.currentRow(), self._place()) if self.pages else (0, 0)
        held = self._held()
        self.setWindowTitle(tr("Settings"))
        self.setAccessibleName(tr("Settings"))
        self.pages = list(self._make_pages())
        inner = self._lay_out()
        self._tint()
        self.list.setCurrentRow(chosen)
        self.pages[chosen].verticalScrollBar().setValue(at)
        if held is not None:
            stops_in(inner)[held].setFocus()

    def _held(self) -> int | None:
        """Which of all stops has the focus: the same one of the new ones is to have it."""
        focused = self.focusWidget()
        stops = stops_in(self._inner) if self._inner is not None else []
        return stops.index(focused) if focused in stops else None

    def _place(self) -> int:
        return self.pages[self.list.currentRow()].verticalScrollBar().value()

    def _lay_out(self) -> QWidget:
        inner = QWidget()
        row = QHBoxLayout(inner)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.list = QListWidget()
        self.list.setObjectName("navigation")
        self.list.setAccessibleName(tr("Pages"))
        self.list.setIconSize(QSize(pixels(18), pixels(18)))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.stack = QStackedWidget()
        for page in self.pages:
            item = QListWidgetItem(page.title)
            item.setSizeHint(QSize(_width(self.list, page.title), pixels(36)))
            self.list.addItem(item)
            self.stack.addWidget(page)
        self.list.setFixedWidth(max(NAVIGATION, self.list.sizeHintForColumn(0) + 48))
        self.list.currentRowChanged.connect(self.stack.setCurrentIndex)
        row.addWidget(self.list)
        row.addWidget(self.stack, 1)
        self._put(inner)
        return inner

    def _put(self, inner: QWidget) -> None:
        if self._row is None:
            self._row = QHBoxLayout(self)
            self._row.setContentsMargins(0, 0, 0, 0)
        old, self._inner = self._inner, inner
        if old is not None:
            self._row.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._row.addWidget(inner)
        inner.show()  # a layout would do it later

    @Slot()
    def _tint(self) -> None:
        for number, page in enumerate(self.pages):
            self.list.item(number).setIcon(self._theme.icon(page.icon, "secondary", pixels(18)))

    def open_page(self, kind: type[SettingsPage]) -> None:
        """Show the first page of a kind."""
        for number, page in enumerate(self.pages):
            if isinstance(page, kind):
                self.list.setCurrentRow(number)
                return


def _width(navigation: QListWidget, title: str) -> int:
    """The room that an icon and a title need."""
    words = navigation.fontMetrics().horizontalAdvance(title)
    return words + navigation.iconSize().width()
