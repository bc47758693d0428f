"""Where presets are added, renamed, put in order, removed and reset."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from desktop_app.i18n import tr
from desktop_app.presets import MOST, Preset, PresetStore
from desktop_app.theme import Theme
from desktop_app.ui.in_place import DialogInPlace
from desktop_app.ui.parts import IconButton, label, push_button
from desktop_app.ui.presets_row import keys_of


class PresetsPage(QWidget):
    """A list on the left, the chosen preset on the right; what is changed counts at once."""

    def __init__(self, theme: Theme, store: PresetStore) -> None:
        super().__init__()
        self._store = store
        self._filling = False
        self.list = QListWidget()
        self.list.setObjectName("prompts")
        self.list.setAccessibleName(tr("Prompts"))
        self.name = QLineEdit()
        self.name.setAccessibleName(tr("Name"))
        self.prompt = QPlainTextEdit()
        self.prompt.setObjectName("prompt")
        self.prompt.setAccessibleName(tr("What is asked"))
        self.prompt.setTabChangesFocus(True)
        self.add_button = IconButton(theme, "plus", tr("Add a prompt"))
        self.remove_button = IconButton(theme, "trash", tr("Remove the prompt"))
        self.up_button = IconButton(theme, "chevron-up", tr("Move up"))
        self.down_button = IconButton(theme, "chevron-down", tr("Move down"))
        self.reset_button = push_button(tr("Back to the program's own"), "link")
        self._lay_out()
        self._listen()
        self._fill(0)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for button in (self.add_button, self.remove_button, self.up_button, self.down_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.list, 1)
        left.addLayout(buttons)
        right = QVBoxLayout()
        right.setSpacing(4)
        right.addWidget(label(tr("Name"), "secondary"))
        right.addWidget(self.name)
        right.addSpacing(8)
        right.addWidget(label(tr("What is asked"), "secondary"))
        right.addWidget(self.prompt, 1)
        right.addWidget(self.reset_button, 0, Qt.AlignmentFlag.AlignRight)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addLayout(left, 2)
        row.addLayout(right, 3)

    def _listen(self) -> None:
        self.list.currentRowChanged.connect(self._show)
        self.name.textEdited.connect(self._changed)
        self.prompt.textChanged.connect(self._changed)
        self.add_button.clicked.connect(self._add)
        self.remove_button.clicked.connect(self._remove)
        self.up_button.clicked.connect(lambda: self._move(-1))
        self.down_button.clicked.connect(lambda: self._move(1))
        self.reset_button.clicked.connect(self._reset)

    def _fill(self, row: int) -> None:
        """Show the presets as they are now, one of them chosen."""
        self._filling = True
        self.list.clear()
        for place, preset in enumerate(self._store.presets):
            self.list.addItem(_line(preset, place))
        row = min(row, self.list.count() - 1)
        self.list.setCurrentRow(row)
        self._filling = False
        self._show(row)

    @Slot(int)
    def _show(self, row: int) -> None:
        if self._filling:
            return
        presets = self._store.presets
        there = 0 <= row < len(presets)
        shown = presets[row] if there else Preset("", "")
        self._filling = True
        self.name.setText(shown.name)
        self.prompt.setPlainText(shown.prompt)
        self._filling = False
        for part in (self.name, self.prompt, self.remove_button):
            part.setEnabled(there)
        self.up_button.setEnabled(row > 0)
        self.down_button.setEnabled(there and row < len(presets) - 1)
        self.add_button.setEnabled(len(presets) < MOST)
        self.reset_button.setEnabled(self._store.changed_by_hand)

    @Slot()
    def _changed(self) -> None:
        row = self.list.currentRow()
        if self._filling or row < 0:
            return
        presets = list(self._store.presets)
        presets[row] = Preset(self.name.text(), self.prompt.toPlainText())
        self._store.use(presets)
        self.list.item(row).setText(_line(presets[row], row))
        self.reset_button.setEnabled(self._store.changed_by_hand)

    @Slot()
    def _add(self) -> None:
        presets = self._store.presets
        self._store.use((*presets, Preset(tr("New prompt"), "")))
        self._fill(len(presets))
        self.name.setFocus()
        self.name.selectAll()

    @Slot()
    def _remove(self) -> None:
        row, presets = self.list.currentRow(), list(self._store.presets)
        del presets[row]
        self._store.use(presets)
        self._fill(row)

    def _move(self, by: int) -> None:
        row, presets = self.list.currentRow(), list(self._store.presets)
        presets.insert(row + by, presets.pop(row))
        self._store.use(presets)
        self._fill(row + by)

    @Slot()
    def _reset(self) -> None:
        self._store.reset()
        self._fill(0)


class PresetsDialog(DialogInPlace):
    """The page in a window of its own."""

    def __init__(self, theme: Theme, store: PresetStore, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Prompts"))
        self.setAccessibleName(tr("Prompts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(640, 420)
        self.page = PresetsPage(theme, store)
        done = push_button(tr("Done"), "main")
        done.clicked.connect(self.accept)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(16)
        column.addWidget(self.page, 1)
        column.addWidget(done, 0, Qt.AlignmentFlag.AlignRight)


def _line(preset: Preset, place: int) -> str:
    keys = QKeySequence(keys_of(place)).toString(QKeySequence.SequenceFormat.NativeText)
    return f"{preset.name or '…'}   {keys}".rstrip()
