"""Where the person writes: Enter sends, Shift+Enter breaks the line, Stop stands where Send was."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout

from desktop_app.i18n import tr
from desktop_app.presets import PresetStore
from desktop_app.theme import Theme, pixels
from desktop_app.ui.focus_order import keep_focus
from desktop_app.ui.incoming import incoming
from desktop_app.ui.parts import ENTER, IconButton, label, restyle
from desktop_app.ui.presets_page import PresetsDialog
from desktop_app.ui.presets_row import PresetsRow

MOST_LINES = 8


class QuestionEdit(QPlainTextEdit):
    """The text field; as tall as its text."""

    sent = Signal()
    pasted = Signal(object)  # Incoming
    went_up = Signal()
    focus_changed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Your question"))
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.document().setDocumentMargin(0)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.textChanged.connect(self.fit)
        self.document().documentLayout().documentSizeChanged.connect(self.fit)
        self.fit()

    @property
    def composing(self) -> bool:
        """Whether an input method has text that is not settled yet."""
        return bool(self.textCursor().block().layout().preeditAreaText())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter belongs to the input method while it composes."""
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if self.composing:
            super().keyPressEvent(event)
        elif event.key() in ENTER and plain:
            self.sent.emit()
        elif event.key() in ENTER and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.textCursor().insertBlock()
        elif event.key() == Qt.Key.Key_Up and plain and not self.toPlainText():
            self.went_up.emit()
        else:
            super().keyPressEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Pictures can be pasted as well as text."""
        return incoming(source).usable or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """A picture goes to the conversation, text stays text."""
        came = incoming(source)
        if came.usable:
            self.pasted.emit(came)
        else:
            self.insertPlainText(source.text())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The frame around shows the focus."""
        super().focusInEvent(event)
        self.focus_changed.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The frame around shows the focus."""
        super().focusOutEvent(event)
        self.focus_changed.emit(False)

    @Slot()
    def fit(self) -> None:
        """Grow with the text, up to a few lines."""
        line = self.fontMetrics().lineSpacing()
        lines = max(1, round(self.document().size().height()))
        self.setFixedHeight(min(lines, MOST_LINES) * line + 2)
        policy = Qt.ScrollBarPolicy
        shown = policy.ScrollBarAsNeeded if lines > MOST_LINES else policy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(shown)


class Composer(QFrame):
    """The question field with its buttons."""

    asked = Signal(str, int)  # text, the number of the exchange that it changes, or 0
    stop_wished = Signal()
    open_wished = Signal()
    edit_wished = Signal()
    pasted = Signal(object)  # Incoming

    def __init__(self, theme: Theme, presets: PresetStore) -> None:
        super().__init__()
        self.setObjectName("composer")
        self._theme = theme
        self._store = presets
        self.presets = PresetsRow(theme, presets)
        self._busy = False
        self.edit = QuestionEdit()
        self.attach_button = IconButton(theme, "photo-plus", tr("Open a picture"), keys="Ctrl+O")
        self.send_button = IconButton(theme, "send", tr("Send"), role="on_accent")
        self.send_button.setObjectName("send")
        self.send_button.setFixedSize(QSize(pixels(36), pixels(36)))
        self._number = 0  # of the exchange whose question is changed
        self._editing = label(tr("You change an earlier question. Esc leaves it as it was."))
        self._editing.setProperty("kind", "secondary")
        self._editing.hide()
        self._lay_out()
        self._listen()
        self.show_picture(False)
        self._refresh()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.attach_button, 0, Qt.AlignmentFlag.AlignBottom)
        row.addWidget(self.edit, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.send_button, 0, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(4)
        column.addWidget(self.presets)
        column.addWidget(self._editing)
        column.addLayout(row)
        self.attach_button.setFixedSize(QSize(pixels(36), pixels(36)))

    def _listen(self) -> None:
        self.edit.sent.connect(self._send)
        self.presets.chosen.connect(self._ask_preset)
        self.presets.edit_wished.connect(self._edit_presets)
        self.edit.went_up.connect(self.edit_wished)
        self.edit.pasted.connect(self.pasted)
        self.edit.textChanged.connect(self._refresh)
        self.edit.focus_changed.connect(self._show_focus)
        self.attach_button.clicked.connect(self.open_wished)
        self.send_button.clicked.connect(self._press)

    @property
    def editing(self) -> bool:
        """Whether the text takes the place of the last question."""
        return not self._editing.isHidden()

    def edit_question(self, number: int, text: str) -> None:
        """Change the question of an exchange."""
        self._number = number
        self._editing.show()
        self.edit.setPlainText(text)
        self.edit.moveCursor(self.edit.textCursor().MoveOperation.End)
        self.edit.setFocus()

    def show_picture(self, there: bool) -> None:
        """Say what can be asked."""
        words = tr("Ask about the picture") if there else tr("Ask something, or add a picture")
        self.edit.setPlaceholderText(words)
        self.presets.setVisible(there)

    def show_activity(self, busy: bool, stopping: bool) -> None:
        """Stop takes the place of Send while a question is being answered."""
        self._busy = busy
        self.presets.setEnabled(not busy)
        self.send_button.use_icon("stop" if busy else "send")
        if busy:
            self.send_button.say(tr("Stopping") if stopping else tr("Stop"), "Esc")
        self._refresh()
        if stopping:
            held = self.window().focusWidget()
            self.send_button.setEnabled(False)
            keep_focus(held if held is self.send_button else None, self.edit)

    @Slot()
    def cancel(self) -> None:
        """Esc stops the answer, or leaves the question that was being edited."""
        if self._busy:
            self.stop_wished.emit()
        else:
            self.leave_question()

    def leave_question(self) -> None:
        """Leave the question that was being changed; it may no longer be there."""
        if self.editing:
            self._clear()

    def _clear(self) -> None:
        self._number = 0
        self._editing.hide()
        self.edit.clear()

    @Slot()
    def _press(self) -> None:
        if self._busy:
            self.stop_wished.emit()
        else:
            self._send()

    @Slot()
    def _send(self) -> None:
        text = self.edit.toPlainText().strip()
        if self._busy or not text:
            return
        number = self._number
        self._clear()
        self.asked.emit(text, number)

    @Slot(str)
    def _ask_preset(self, prompt: str) -> None:
        """Ask at once; what is being typed stays."""
        if prompt.strip() and not self._busy:
            self.asked.emit(prompt.strip(), 0)
        self.edit.setFocus()

    @Slot()
    def _edit_presets(self) -> None:
        PresetsDialog(self._theme, self._store, self.window()).open()

    @Slot()
    def _refresh(self) -> None:
        ready = bool(self.edit.toPlainText().strip())
        self.send_button.setEnabled(self._busy or ready)
        if not self._busy:
            self.send_button.say(tr("Send"), "Return")

    @Slot(bool)
    def _show_focus(self, focused: bool) -> None:
        restyle(self, active=focused)
