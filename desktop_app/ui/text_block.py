"""Text as tall as it is: it is scrolled by the page it stands on, and it never fetches anything."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QSizeF, Qt, QUrl, Slot
from PySide6.QtGui import QFont, QImage, QResizeEvent, QTextOption, QWheelEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser

from desktop_app.style_sheet import BODY
from desktop_app.theme import pixels


class TextBlock(QTextBrowser):
    """Text that can be selected, with the height of its document."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)  # its page has one
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        font = QFont(self.font())
        font.setPixelSize(pixels(BODY))
        self.document().setDefaultFont(font)
        self.document().setDocumentMargin(0)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """Nothing that an answer names is ever loaded; on None Qt would read local files itself."""
        nothing = QImage(1, 1, QImage.Format.Format_ARGB32)
        nothing.fill(Qt.GlobalColor.transparent)
        return nothing

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The page scrolls, not its parts."""
        event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A new width makes a new height; at a new height alone Qt would lay everything out."""
        if event.size().width() != event.oldSize().width():
            super().resizeEvent(event)
            self._fit(self.document().size())

    @Slot(QSizeF)
    def _fit(self, size: QSizeF) -> None:
        height = math.ceil(self.document().size().height())
        if height != self.height():
            self.setFixedHeight(max(height, 1))
