"""A dialog that comes again where it was."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QDialog, QWidget

FILLED = Qt.WindowState.WindowMaximized | Qt.WindowState.WindowFullScreen


class DialogInPlace(QDialog):
    """Qt alone would put one that nobody moved off by its frame, each time that it is shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._left_at: QPoint | None = None

    def setVisible(self, visible: bool) -> None:
        """The place is kept while there still is a frame."""
        if not visible and self.isVisible():
            self._left_at = self.pos()
        elif visible and self._left_at is not None and not self.windowState() & FILLED:
            self.move(self._left_at)
            self._left_at = None
        super().setVisible(visible)
