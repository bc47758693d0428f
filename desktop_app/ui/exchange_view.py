"""One question and its answer."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QFont, QGuiApplication, QTextCursor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from desktop_app import wording
from desktop_app.exchange import AnswerState, Exchange
from desktop_app.i18n import tr
from desktop_app.theme import Theme
from desktop_app.ui import markdown
from desktop_app.ui.focus_order import keep_focus
from desktop_app.ui.growing_text import GrowingText
from desktop_app.ui.parts import IconButton, confirmation, label, push_button, spacer
from desktop_app.ui.plain_text import plain_text
from desktop_app.ui.text_block import TextBlock
from desktop_app.ui.version_pager import VersionPager

LONGEST_SPOKEN = 4000  # characters; the rest is there to be read
OPEN_STATES = (AnswerState.WAITING, AnswerState.GROWING)


class ExchangeView(QWidget):
    """Shows an exchange; the answer grows in place."""

    regenerate_wished = Signal(int)  # the exchange's number
    edit_wished = Signal(int)
    continue_wished = Signal()
    version_wished = Signal(int, int)  # number, version
    copy_all_wished = Signal()

    def __init__(self, theme: Theme, exchange: Exchange) -> None:
        super().__init__()
        self._theme = theme
        self._exchange = exchange
        self._free = self._last = False
        self.question = TextBlock(tr("Your question"))
        self.answer = GrowingText(theme, tr("Answer"))
        self._state = label(kind="secondary")
        self._state.setContentsMargins(4, 0, 0, 0)
        self._speed = label(kind="secondary")
        self.pager = VersionPager(theme)
        self.edit_button = _quiet(theme, "pencil", tr("Change the question"))
        self.again_button = _quiet(theme, "refresh", tr("Answer again"))
        self.copy_button = _quiet(theme, "copy", tr("Copy the answer"))
        self.menu_button = _quiet(theme, "dots", tr("More about this answer"))
        self.continue_button = push_button(tr("Continue"), "edged")
        self._confirm = confirmation(self, self._copy_confirmed)
        self.speaker = label(kind="speaker")
        self._lay_out()
        self._listen()
        self.show_exchange(exchange)

    def _lay_out(self) -> None:
        said = QFrame()
        said.setProperty("kind", "said")
        inner = QVBoxLayout(said)
        inner.setContentsMargins(16, 8, 8, 12)
        inner.setSpacing(0)
        inner.addLayout(_row([label(tr("You"), "speaker"), spacer(), self.edit_button]))
        inner.addWidget(self.question)
        buttons = [self.pager, self.again_button, self.copy_button, self.menu_button]
        head = [self.speaker, self._state, spacer(), self._speed, *buttons]
        reply = QVBoxLayout()
        reply.setContentsMargins(16, 4, 8, 8)
        reply.setSpacing(0)
        reply.addLayout(_row(head))
        reply.addWidget(self.answer)
        reply.addSpacing(8)
        reply.addWidget(self.continue_button, 0, Qt.AlignmentFlag.AlignLeft)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(said)
        column.addLayout(reply)
        for button in (self.again_button, self.copy_button, self.menu_button):
            policy = button.sizePolicy()
            policy.setRetainSizeWhenHidden(True)  # the answer must not move when it appears
            button.setSizePolicy(policy)

    def _listen(self) -> None:
        self.edit_button.clicked.connect(lambda: self.edit_wished.emit(self._exchange.number))
        self.again_button.clicked.connect(self._regenerate)
        self.continue_button.clicked.connect(self.continue_wished)
        self.copy_button.clicked.connect(self.copy_markdown)
        self.menu_button.clicked.connect(self._open_menu)
        self.pager.wished.connect(self._turn)

    @property
    def exchange(self) -> Exchange:
        """What is shown."""
        return self._exchange

    def grow(self, piece: str) -> None:
        """Add what the model wrote."""
        self.answer.append_text(piece)

    def show_exchange(self, exchange: Exchange) -> None:
        """Follow the exchange's state; a closed answer is drawn once more as a whole."""
        self._exchange = exchange
        if self.question.toPlainText() != exchange.question:
            self.question.setPlainText(exchange.question)
        if exchange.state is not AnswerState.GROWING:
            self.answer.set_text(exchange.answer)
        self.speaker.setText(wording.model_name(exchange.version.model))
        self._state.setText(_state_words(exchange))
        speed = exchange.statistics.tokens_per_second if exchange.statistics else 0.0
        self._speed.setText(wording.speed(speed) if speed else "")
        self._show_actions()

    def character_at(self, height: int) -> int:
        """The character of the answer that stands so far below the upper edge, -1 above all."""
        inside = self.answer.mapFrom(self, QPoint(0, height))
        return self.answer.cursorForPosition(inside).position() if inside.y() >= 0 else -1

    def height_at(self, character: int) -> int:
        """How far below the upper edge a character of the answer stands."""
        if character < 0:
            return 0
        cursor = QTextCursor(self.answer.document())
        cursor.setPosition(min(character, self.answer.document().characterCount() - 1))
        return self.answer.mapTo(self, self.answer.cursorRect(cursor).topLeft()).y()

    def show_place(self, free: bool, last: bool) -> None:
        """Whether nothing is being answered, and whether this is the end of the conversation."""
        self._free, self._last = free, last
        self._show_actions()

    def _show_actions(self) -> None:
        exchange = self._exchange
        held = self.window().focusWidget()
        closed = exchange.state not in OPEN_STATES
        self.copy_button.setVisible(closed and bool(exchange.answer))
        self.menu_button.setVisible(closed and bool(exchange.answer))
        self.again_button.setVisible(closed)
        self.again_button.setEnabled(self._free)
        self.edit_button.setEnabled(self._free)
        self.pager.show_versions(exchange.shown, len(exchange.versions), self._free)
        unfinished = closed and exchange.version.unfinished
        self.continue_button.setVisible(self._free and self._last and unfinished)
        if held is not None and self.isAncestorOf(held):
            arrows = (self.pager.back, self.pager.on)
            keep_focus(held, *(arrows if held in arrows else ()), self.answer)

    # Copying

    @Slot()
    def copy_markdown(self) -> None:
        """Copy the answer as the model wrote it."""
        self._copy(self._exchange.answer)

    @Slot()
    def copy_text(self) -> None:
        """Copy the answer as one reads it."""
        self._copy(self._as_read())

    def spoken(self) -> str:
        """What a screen reader is to say when the answer has ended."""
        state = self._state.text()
        return ". ".join(part for part in (state, self._as_read()[:LONGEST_SPOKEN]) if part)

    def _as_read(self) -> str:
        return plain_text(markdown.render(self._exchange.answer, self._theme.colors, QFont()))

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.copy_button.use_icon("check")
        self.copy_button.say(tr("Copied"))
        self._confirm.start()

    @Slot()
    def _copy_confirmed(self) -> None:
        self.copy_button.use_icon("copy")
        self.copy_button.say(tr("Copy the answer"))

    # The menu

    def menu(self) -> QMenu:
        """All that can be done with this question and answer."""
        made = QMenu(self)
        made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        closed = self._exchange.state not in OPEN_STATES and bool(self._exchange.answer)
        selected = self._selected()
        if selected:
            made.addAction(tr("Copy what is selected"), lambda: self._copy(selected))
        for words, slot in (
            (tr("Copy as text"), self.copy_text),
            (tr("Copy as Markdown"), self.copy_markdown),
        ):
            made.addAction(words, slot).setEnabled(closed)
        made.addAction(tr("Copy the whole conversation"), self.copy_all_wished.emit)
        made.addSeparator()
        made.addAction(tr("Answer again"), self._regenerate).setEnabled(self._free)
        change = made.addAction(tr("Change the question"), self.edit_button.click)
        change.setEnabled(self._free)
        return made

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """By mouse, or by the menu key."""
        self.menu().popup(event.globalPos())
        event.accept()

    @Slot()
    def _open_menu(self) -> None:
        button = self.menu_button
        self.menu().popup(button.mapToGlobal(QPoint(0, button.height())))

    def _selected(self) -> str:
        for part in (self.question, self.answer):
            if part.textCursor().hasSelection():
                return part.textCursor().selection().toPlainText()
        return ""

    @Slot()
    def _regenerate(self) -> None:
        self.regenerate_wished.emit(self._exchange.number)

    @Slot(int)
    def _turn(self, version: int) -> None:
        self.version_wished.emit(self._exchange.number, version)


def _quiet(theme: Theme, icon: str, name: str) -> IconButton:
    button = IconButton(theme, icon, name, role="secondary")
    button.setIconSize(button.iconSize() * 0.8)
    return button


def _row(parts: list[QWidget]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(4)
    for part in parts:
        row.addWidget(part)
    return row


def _state_words(exchange: Exchange) -> str:
    match exchange.state:
        case AnswerState.STOPPED:
            return tr("Stopped")
        case AnswerState.FAILED:
            return tr("Not answered")
        case AnswerState.FINISHED if exchange.reason is not None:
            words = wording.ended(exchange.reason)
            return words or ("" if exchange.answer else tr("Empty answer"))
        case _:
            return ""
