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
        self._framed = False  # whether a frame was ever seen

    def setVisible(self, visible: bool) -> None:
        """The place is kept while there still is a frame."""
        comes, goes = visible and not self.isVisible(), not visible and self.isVisible()
        if goes:
            self._leave()
        elif comes and self._left_at is not None and not self.windowState() & FILLED:
            self.move(self._left_at)
        super().setVisible(visible)

    def _leave(self) -> None:
        """Closed so soon that its frame is not there yet, it stands where it stood before."""
        framed = self.frameGeometry() != self.geometry()
        self._framed = self._framed or framed
        if framed or not self._framed:
            self._left_at = self.pos()
