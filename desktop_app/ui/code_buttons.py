"""A button on each program in an answer that copies it."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSize, QTimer, Slot
from PySide6.QtGui import QGuiApplication, QTextCursor, QTextFrame, QTextTable
from PySide6.QtWidgets import QTextBrowser, QWidget

from desktop_app.i18n import tr
from desktop_app.theme import Theme, pixels
from desktop_app.ui.parts import CONFIRMED_MS, IconButton

PARAGRAPH = "\u2029"


class CodeButtons(QObject):
    """Follows the cards of programs as the text grows."""

    def __init__(self, theme: Theme, text: QTextBrowser) -> None:
        super().__init__(text)
        self._theme = theme
        self._text = text
        self.buttons: list[IconButton] = []

    @Slot()
    def place(self) -> None:
        """Put a button on the upper right corner of every card."""
        frames = self._frames()
        while len(self.buttons) < len(frames):
            self.buttons.append(self._make(len(self.buttons)))
        layout = self._text.document().documentLayout()
        for button, frame in zip(self.buttons, frames, strict=False):
            rect = layout.frameBoundingRect(frame)
            button.move(int(rect.right()) - button.width() - 4, int(rect.top()) + 8)
        for number, button in enumerate(self.buttons):
            button.setVisible(number < len(frames))

    def _frames(self) -> list[QTextFrame]:
        frames = self._text.document().rootFrame().childFrames()
        return [frame for frame in frames if not isinstance(frame, QTextTable)]

    def _make(self, number: int) -> IconButton:
        button = IconButton(self._theme, "copy", tr("Copy this code"), role="secondary")
        button.setParent(self._text.viewport())
        button.setObjectName("copy_code")
        button.setIconSize(QSize(pixels(16), pixels(16)))
        button.setFixedSize(pixels(24), pixels(24))
        button.clicked.connect(lambda: self._copy(number))
        before: QWidget = self.buttons[-1] if self.buttons else self._text
        QWidget.setTabOrder(before, button)
        return button

    def _copy(self, number: int) -> None:
        frame, button = self._frames()[number], self.buttons[number]
        cursor = frame.firstCursorPosition()
        cursor.setPosition(frame.lastPosition(), QTextCursor.MoveMode.KeepAnchor)
        QGuiApplication.clipboard().setText(cursor.selectedText().replace(PARAGRAPH, "\n"))
        button.use_icon("check")
        button.say(tr("Copied"))
        QTimer.singleShot(CONFIRMED_MS, button, lambda: _confirmed(button))


def _confirmed(button: IconButton) -> None:
    button.use_icon("copy")
    button.say(tr("Copy this code"))
