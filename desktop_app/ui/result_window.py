"""The small window beside a region: its text as it is read, to edit, reshape, copy or ask on."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import (
    QCloseEvent,
    QGuiApplication,
    QKeySequence,
    QShortcut,
    QTextCursor,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from desktop_app import wording
from desktop_app.capture.geometry import Rect, beside
from desktop_app.i18n import tr
from desktop_app.notices import Notice, Tone
from desktop_app.text_shapes import joined, single_line, table_in
from desktop_app.theme import Theme
from desktop_app.ui.notice_bar import NoticeBar
from desktop_app.ui.parts import IconButton, confirmation, label, push_button, spacer
from engine.messages import Progress

SIZE, TITLE_BAR = (560, 400), 32


class ResultWindow(QWidget):
    """Shows one reading; the text on the clipboard follows what the buttons do to it."""

    swap_wished = Signal()
    question_wished = Signal(str)
    chat_wished = Signal()
    copied = Signal(str)
    left = Signal()  # closed by the person

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self.setWindowFlags(Qt.WindowType.Window | Qt.WindowType.WindowStaysOnTopHint)
        self.setWindowTitle(tr("Text from the screen"))
        self.resize(*SIZE)
        self._as_read = ""
        self._confirm = confirmation(self, self._copy_confirmed)
        self._make_parts(theme)
        self._lay_out()
        self._listen()

    def _make_parts(self, theme: Theme) -> None:
        self.reader = label(kind="strong")
        self.about = label(kind="secondary")
        self.bar = QProgressBar()
        self.bar.setAccessibleName(tr("Progress of the reading"))
        self.bar.setTextVisible(False)
        self.edit = QPlainTextEdit()
        self.edit.setAccessibleName(tr("The text that was read"))
        self.edit.setFrameShape(QFrame.Shape.NoFrame)
        self.edit.setTabChangesFocus(True)
        self.notice = NoticeBar(theme)
        self.copy_button = push_button(tr("Copy"), "main")
        self.join_button = push_button(tr("Join lines"))
        self.join_button.setToolTip(tr("One line for each paragraph"))
        self.shape_button = push_button(tr("Shape"))
        self.shape_button.setAccessibleName(tr("Other shapes of the text"))
        self.swap_button = push_button(tr("Other reader"))
        self.swap_button.setToolTip(_with_keys(tr("Read it with the other reader"), "Ctrl+R"))
        self.chat_button = IconButton(theme, "message", tr("Open in the window"), keys="Ctrl+O")
        self.question = QLineEdit()
        self.question.setProperty("kind", "field")
        self.question.setAccessibleName(tr("Ask about this region"))
        self.question.setPlaceholderText(tr("Ask the model about this region"))
        self.ask_button = IconButton(theme, "send", tr("Ask"), role="accent")

    def _lay_out(self) -> None:
        head, card, foot, ask = QHBoxLayout(), QFrame(), QHBoxLayout(), QHBoxLayout()
        head.addWidget(self.reader)
        head.addWidget(self.about, 1)
        head.addWidget(self.swap_button)
        head.addWidget(self.chat_button)
        card.setProperty("kind", "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(12, 8, 8, 8)
        inside.addWidget(self.edit)
        foot.addWidget(self.copy_button)
        foot.addWidget(self.join_button)
        foot.addWidget(self.shape_button)
        foot.addWidget(spacer())
        ask.addWidget(self.question, 1)
        ask.addWidget(self.ask_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.bar)
        column.addWidget(card, 1)
        column.addWidget(self.notice)
        column.addLayout(foot)
        column.addLayout(ask)

    def _listen(self) -> None:
        self.copy_button.clicked.connect(self.copy)
        self.join_button.clicked.connect(self.join_lines)
        self.swap_button.clicked.connect(self.swap_wished)
        self.chat_button.clicked.connect(self.chat_wished)
        self.question.returnPressed.connect(self._ask)
        self.ask_button.clicked.connect(self._ask)
        self.shape_button.setMenu(self._shapes())
        for keys, slot in (
            ("Ctrl+R", self.swap_wished),
            ("Ctrl+O", self.chat_wished),
            ("Ctrl+J", self.join_lines),
            ("Ctrl+Return", self.copy),
            ("Esc", self.close),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(slot)

    def _shapes(self) -> QMenu:
        menu = QMenu(self)
        menu.setAccessibleName(tr("Other shapes of the text"))
        menu.addAction(tr("As it was read")).triggered.connect(self.as_read)
        menu.addAction(tr("All on one line")).triggered.connect(self.one_line)
        menu.addSeparator()
        menu.addAction(tr("Table for a spreadsheet (TSV)")).triggered.connect(self.as_tsv)
        menu.addAction(tr("Table as CSV")).triggered.connect(self.as_csv)
        menu.addAction(tr("Table as markdown")).triggered.connect(self.as_markdown)
        return menu

    @property
    def text(self) -> str:
        """What is shown, with the person's changes."""
        return self.edit.toPlainText()

    # What the reader does

    def show_beside(self, region: Rect, room: Rect) -> None:
        """Appear next to a region of a monitor, both as Qt counts."""
        if not self.isVisible():
            place = beside(region, (SIZE[0], SIZE[1] + TITLE_BAR), room)
            self.move(place.x, place.y)
        self.show()
        self.raise_()
        self.activateWindow()

    def begin(self, reader: str, about: str, other: str) -> None:
        """A reading begins; ``other`` is who would read after a swap."""
        self._as_read = ""
        self.notice.clear()
        self.reader.setText(reader)
        self.about.setText(about)
        self.swap_button.setText(other)
        self.swap_button.setAccessibleName(_with_keys(other, "Ctrl+R"))
        self.edit.clear()
        self.edit.setReadOnly(True)
        self.edit.setPlaceholderText(tr("Reading the text…"))
        self.bar.setRange(0, 0)
        self.bar.show()
        self._enable(False)

    @Slot(object)
    def show_progress(self, progress: Progress | None) -> None:
        """How far the reader is, in words and as a bar."""
        if progress is None:
            self.bar.hide()
            return
        self.bar.setRange(0, progress.total)
        self.bar.setValue(progress.done)
        if not self.text:
            self.edit.setPlaceholderText(wording.phase(progress))

    @Slot(str)
    def grow(self, piece: str) -> None:
        """More text came; what is being read does not move."""
        cursor = QTextCursor(self.edit.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(piece)

    def finish(self, text: str, about: str) -> None:
        """All of it is there."""
        self._as_read = text
        if text != self.text:
            self.edit.setPlainText(text)
        self.about.setText(about)
        self._settle(tr("No text was found here."))
        self.edit.document().clearUndoRedoStacks()
        self._enable(bool(text))
        self.edit.setFocus()

    def offer_table(self, copy: bool = True) -> None:
        """The region was read as a table: show it as one, where it is."""
        table = table_in(self.text)
        if table is not None:
            self._reshape(table.as_tsv(), copy)

    def fail(self, notice: Notice) -> None:
        """The reader could not; what came stays, and the other reader is one key away."""
        self._as_read = self.text
        self._settle("")
        self._enable(bool(self.text))
        self.notice.show_notice(notice)

    def _settle(self, placeholder: str) -> None:
        self.bar.hide()
        self.edit.setReadOnly(False)
        self.edit.setPlaceholderText(placeholder)

    def _enable(self, there: bool) -> None:
        for button in (self.copy_button, self.join_button, self.shape_button):
            button.setEnabled(there)

    # What the person does

    @Slot()
    def copy(self) -> None:
        """The text as it is now, or the part that is marked."""
        marked = self.edit.textCursor().selectedText().replace("\u2029", "\n")
        text = marked or self.text
        if text:
            QGuiApplication.clipboard().setText(text)
            self.copied.emit(text)
            self.copy_button.setMinimumWidth(self.copy_button.width())
            self.copy_button.setText(tr("Copied"))
            self._confirm.start()

    @Slot()
    def _copy_confirmed(self) -> None:
        self.copy_button.setText(tr("Copy"))

    @Slot()
    def join_lines(self) -> None:
        """One line for each paragraph."""
        self._reshape(joined(self.text))

    @Slot()
    def one_line(self) -> None:
        """Everything on one line."""
        self._reshape(single_line(self.text))

    @Slot()
    def as_read(self) -> None:
        """Undo all shapes and changes."""
        self._reshape(self._as_read)

    @Slot()
    def as_tsv(self) -> None:
        """The table in the text, with tabs."""
        self._reshape_table("as_tsv")

    @Slot()
    def as_csv(self) -> None:
        """The table in the text, with commas."""
        self._reshape_table("as_csv")

    @Slot()
    def as_markdown(self) -> None:
        """The table in the text, with pipes."""
        self._reshape_table("as_markdown")

    def _reshape_table(self, shape: str) -> None:
        table = table_in(self.text) or table_in(self._as_read)
        if table is None:
            self.notice.show_notice(_no_table())
        else:
            self._reshape(
                {"as_tsv": table.as_tsv, "as_csv": table.as_csv}.get(shape, table.as_markdown)()
            )

    def _reshape(self, text: str, copy: bool = True) -> None:
        """One step that Ctrl+Z takes back; the clipboard follows."""
        self.notice.clear()
        cursor = QTextCursor(self.edit.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)
        if copy:
            self.copy()

    @Slot()
    def _ask(self) -> None:
        words = self.question.text().strip()
        if words:
            self.question.clear()
            self.question_wished.emit(words)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Nobody waits for the text any more."""
        self.left.emit()
        super().closeEvent(event)


def _no_table() -> Notice:
    return Notice(
        tr("There is no table in this text"),
        tr("Columns are known by tabs, pipes or wide gaps."),
        tr("Read the region as a table, or with the other reader."),
        tone=Tone.INFO,
    )


def _with_keys(words: str, keys: str) -> str:
    shown = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
    return f"{words}  {shown}"
