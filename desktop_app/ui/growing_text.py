"""An answer that grows: what is final is drawn once, only the end is drawn anew."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import (
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocumentFragment,
    QTextFrame,
    QTextTable,
)

from desktop_app.theme import Theme
from desktop_app.ui import long_tables, markdown
from desktop_app.ui.code_buttons import CodeButtons
from desktop_app.ui.cuts import Cuts, Piece
from desktop_app.ui.link_question import ask_about_link
from desktop_app.ui.text_block import TextBlock

INTERVAL = 33  # milliseconds: about thirty repaints a second at most
SHARE = 3  # after drawing, so many times as long is left to the rest of the window


class GrowingText(TextBlock):
    """Keeps the text as the model wrote it, and shows it as it reads."""

    drawn = Signal()

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__(name)
        self._theme = theme
        self._raw = ""
        self._cuts = Cuts()
        self._tail_at = 0  # where in the document the part begins that may still change
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(INTERVAL)
        self._timer.timeout.connect(self.draw_now)
        theme.changed.connect(self.redraw)
        links = Qt.TextInteractionFlag.LinksAccessibleByMouse
        links |= Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        self.setTextInteractionFlags(self.textInteractionFlags() | links)
        self.anchorClicked.connect(self._ask_about_link)
        self.code = CodeButtons(theme, self)
        self.drawn.connect(self.code.place)
        self.document().documentLayout().documentSizeChanged.connect(self.code.place)

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
        """Show a whole text; what is drawn of it already is left alone."""
        goes_on = text.startswith(self._raw)
        self._raw = text
        if goes_on:
            self._timer.stop()
            self.draw_now()
        else:
            self.redraw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The parts of a long table share their columns in every width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            long_tables.fit_all(self.document(), event.size().width())

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Links are stops while the text has the focus, not while one of its buttons has it."""
        page = self.parentWidget()
        if self.hasFocus() or page is None:
            return super().focusNextPrevChild(forward)
        return page.focusNextPrevChild(forward)

    @Slot(QUrl)
    def _ask_about_link(self, link: QUrl) -> None:
        ask_about_link(self, link)

    @Slot()
    def redraw(self) -> None:
        """Draw everything anew, in the colours of now."""
        self._timer.stop()
        self.document().clear()
        self._cuts, self._tail_at = Cuts(), 0
        self.draw_now()

    @Slot()
    def draw_now(self) -> None:
        """Draw what has come since the last time."""
        clock = QElapsedTimer()
        clock.start()
        self._remove_tail()
        for piece in self._cuts.advance(self._raw):
            self._commit(piece)
        self._draw_tail(self._raw[self._cuts.safe :])
        self._timer.setInterval(max(INTERVAL, SHARE * clock.elapsed()))
        self.drawn.emit()

    def _commit(self, piece: Piece) -> None:
        frame = self._last_frame() if piece.code else None
        if frame is not None:
            frame.lastCursorPosition().insertText("\n" + piece.text.rstrip("\n"))
        else:
            self._insert(piece.text, piece.continues, piece.head)

    def _draw_tail(self, tail: str) -> None:
        frame = self._last_frame() if self._cuts.in_code else None
        self._tail_at = self._end() if frame is None else frame.lastPosition()
        if frame is not None:
            if tail and not self._cuts.may_close(tail):
                frame.lastCursorPosition().insertText("\n" + tail)
        elif tail.strip():
            self._insert(tail, head=self._cuts.head)

    def _remove_tail(self) -> None:
        cursor = QTextCursor(self.document())
        cursor.setPosition(min(self._tail_at, self._end()))
        frame = self._last_frame() if self._cuts.in_code else None
        end = frame.lastPosition() if frame is not None else self._end()
        rule = cursor.blockFormat() if markdown.is_rule(cursor.block()) else None
        cursor.setPosition(max(end, cursor.position()), QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        if rule is not None and self._tail_at:
            cursor.setBlockFormat(rule)  # Qt gives an empty line the format of what was removed

    def _end(self) -> int:
        return self.document().characterCount() - 1

    def _last_frame(self) -> QTextFrame | None:
        """The card of the program that comes last."""
        frames = self.document().rootFrame().childFrames()
        return frames[-1] if frames and not isinstance(frames[-1], QTextTable) else None

    def _insert(self, text: str, continues: bool = False, head: str = "") -> None:
        if head and text.splitlines()[0].strip() and self._insert_rows(head + text):
            return
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        begun = cursor.position() > 0
        part = markdown.render(
            text, self._theme.colors, self.document().defaultFont(), first=not begun or continues
        )
        if continues:
            _close_up(cursor)
        if begun:
            cursor.insertBlock(QTextBlockFormat(), QTextCharFormat())
        start = cursor.position()
        cursor.insertFragment(QTextDocumentFragment(part))
        first = part.begin()
        cursor.setPosition(start)
        if first.textList() is not None and not cursor.block().text():
            cursor.deleteChar()  # Qt puts an empty line before a list
        elif first.textList() is None and cursor.block().text() == first.text():
            cursor.setBlockFormat(first.blockFormat())  # Qt drops that of the first block

    def _insert_rows(self, text: str) -> bool:
        """Rows below those that were drawn; False where Qt makes no table of the text."""
        document = self.document()
        before = long_tables.last_table(document)
        part = markdown.render(text, self._theme.colors, document.defaultFont())
        if before is None or not long_tables.join(part, before, document.textWidth()):
            return False
        cursor = QTextCursor(document)
        cursor.movePosition(QTextCursor.MoveOperation.End)
        start = cursor.position()
        cursor.insertFragment(QTextDocumentFragment(part))
        cursor.setPosition(start)
        long_tables.close_gap(cursor)
        return True


def _close_up(cursor: QTextCursor) -> None:
    """No room below what goes on."""
    shape = QTextBlockFormat()
    shape.setBottomMargin(0)
    cursor.mergeBlockFormat(shape)
