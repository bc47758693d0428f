"""The small button beside Capture: what else a capture can be."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton

from desktop_app.i18n import tr
from desktop_app.theme import Theme
from desktop_app.ui.parts import IconButton

DELAYS = (3, 5)


class CaptureMenu(IconButton):
    """Later, read at once, or the same region again."""

    delay_wished = Signal(int)  # seconds
    reading_wished = Signal()
    repeat_wished = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "chevron-down", tr("More ways to capture"), size=16)
        self.setProperty("kind", "icon")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        menu.setAccessibleName(tr("More ways to capture"))
        menu.addAction(tr("Read text from the screen")).triggered.connect(self.reading_wished)
        menu.addAction(tr("Read the same region again")).triggered.connect(self.repeat_wished)
        menu.addSeparator()
        for seconds in DELAYS:
            action = menu.addAction(tr("Capture in {seconds} s").format(seconds=seconds))
            action.setData(seconds)
        menu.triggered.connect(self._wish_later)
        self.setMenu(menu)

    @Slot(QAction)
    def _wish_later(self, action: QAction) -> None:
        if action.data():
            self.delay_wished.emit(action.data())
