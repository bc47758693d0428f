"""Text as tall as it is: it is scrolled by the page it stands on, and it never fetches anything."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QSizeF, Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import (
    QFont,
    QImage,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocumentFragment,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser

from desktop_app.style_sheet import BODY
from desktop_app.theme import Theme, pixels
from desktop_app.ui import markdown


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
        """A new width makes a new height."""
        super().resizeEvent(event)
        self._fit(self.document().size())

    @Slot(QSizeF)
    def _fit(self, size: QSizeF) -> None:
        height = math.ceil(self.document().size().height())
        if height != self.height():
            self.setFixedHeight(max(height, 1))


class GrowingText(TextBlock):
    """An answer: raw text is kept, and the part that may still change is drawn anew as it grows."""

    drawn = Signal()
    INTERVAL = 33  # milliseconds: about thirty repaints a second at most

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__(name)
        self._theme = theme
        self._raw = ""
        self._safe = 0  # characters that are drawn for good
        self._tail_at = 0  # where the tail begins in the document
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(self.INTERVAL)
        self._timer.timeout.connect(self.draw_now)
        theme.changed.connect(self.redraw)

    @property
    def raw(self) -> str:
        """The text as the model wrote it."""
        return self._raw

    def append_text(self, piece: str) -> None:
        """Take more text; it is drawn a moment later."""
        self._raw += piece
        if not self._timer.isActive():
            self._timer.start()

    def set_text(self, text: str) -> None:
        """Draw a whole text at once."""
        self._raw = text
        self.redraw()

    @Slot()
    def redraw(self) -> None:
        """Parse everything once, as at the end of an answer."""
        self._timer.stop()
        self.document().setMarkdown(self._raw, markdown.FEATURES)
        markdown.style(self.document(), self._theme.colors)
        self._safe = self._tail_at = 0  # what is added later may belong to the last block

    @Slot()
    def draw_now(self) -> None:
        """Draw what has come since the last time."""
        start, self._safe = self._safe, markdown.safe_end(self._raw, self._safe)
        self._remove_tail()
        if self._safe > start:
            self._insert(self._raw[start : self._safe])
            self._tail_at = self.document().characterCount() - 1
        if self._safe < len(self._raw):
            self._insert(self._raw[self._safe :])
        self.drawn.emit()

    def _remove_tail(self) -> None:
        cursor = QTextCursor(self.document())
        cursor.setPosition(min(self._tail_at, self.document().characterCount() - 1))
        cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()

    def _insert(self, text: str) -> None:
        part = markdown.render(text, self._theme.colors, self.document().defaultFont())
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        if cursor.position() > 0:
            cursor.insertBlock(QTextBlockFormat(), QTextCharFormat())
        start = cursor.position()
        cursor.insertFragment(QTextDocumentFragment(part))
        first = part.begin()
        cursor.setPosition(start)
        if first.textList() is not None and not cursor.block().text():
            cursor.deleteChar()  # Qt puts an empty line before a list
        elif first.textList() is None and cursor.block().text() == first.text():
            cursor.setBlockFormat(first.blockFormat())  # Qt drops that of the first block
