"""Where presets are added, renamed, put in order, removed and reset."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from desktop_app.i18n import tr
from desktop_app.presets import MOST, Preset, PresetStore
from desktop_app.theme import Theme, pixels
from desktop_app.ui.in_place import DialogInPlace
from desktop_app.ui.parts import IconButton, dialog_button, label, push_button
from desktop_app.ui.presets_list import PresetsList


class PresetsPage(QWidget):
    """A list on the left, the chosen preset on the right; what is changed counts at once."""

    def __init__(self, theme: Theme, store: PresetStore) -> None:
        super().__init__()
        self._store = store
        self._filling = False
        self._before: tuple[Preset, ...] = ()  # what Undo brings back
        self.list = PresetsList(theme)
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
        self.undo_button = dialog_button(tr("Undo"), "link")
        self.reset_button = dialog_button(tr("Back to the program's own"), "link")
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
        back = QHBoxLayout()
        back.setSpacing(4)
        back.addStretch(1)
        back.addWidget(self.undo_button)
        back.addWidget(self.reset_button)
        right.addLayout(back)
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
        self.undo_button.clicked.connect(self._undo)
        self.reset_button.clicked.connect(self._reset)

    def _fill(self, row: int, before: tuple[Preset, ...] = ()) -> None:
        """Show the presets as they are now, one of them chosen, and what Undo would bring back."""
        self._filling = True
        self._before = before
        self.list.fill(self._store.presets)
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
        nothing = tr("There is no prompt. Add one with the plus.")
        self.prompt.setPlaceholderText("" if there else nothing)
        for part in (self.name, self.prompt, self.remove_button):
            part.setEnabled(there)
        self.up_button.setEnabled(row > 0)
        self.down_button.setEnabled(there and row < len(presets) - 1)
        self.add_button.setEnabled(len(presets) < MOST)
        self._show_ways_back()

    def _show_ways_back(self) -> None:
        self.undo_button.setVisible(bool(self._before))
        self.reset_button.setEnabled(self._store.changed_by_hand)

    @Slot()
    def _changed(self) -> None:
        row = self.list.currentRow()
        if self._filling or row < 0:
            return
        presets = list(self._store.presets)
        presets[row] = Preset(self.name.text(), self.prompt.toPlainText())
        self._store.use(presets)
        self.list.show_at(row, presets[row])
        self._before = ()  # Undo would lose what was written since
        self._show_ways_back()

    @Slot()
    def _add(self) -> None:
        presets = self._store.presets
        self._store.use((*presets, Preset(tr("New prompt"), "")))
        self._fill(len(presets))
        self.name.setFocus()
        self.name.selectAll()

    @Slot()
    def _remove(self) -> None:
        row, before = self.list.currentRow(), self._store.presets
        self._store.use((*before[:row], *before[row + 1 :]))
        self._fill(row, before)

    def _move(self, by: int) -> None:
        row, presets = self.list.currentRow(), list(self._store.presets)
        presets.insert(row + by, presets.pop(row))
        self._store.use(presets)
        self._fill(row + by)

    @Slot()
    def _reset(self) -> None:
        before = self._store.presets
        self._store.reset()
        self._fill(0, before)

    @Slot()
    def _undo(self) -> None:
        """Bring back what was removed, and show it."""
        now = self._store.presets
        again = (
            place for place, each in enumerate(self._before) if now[place : place + 1] != (each,)
        )
        row = next(again, 0)
        self._store.use(self._before)
        self._fill(row)
        self.list.setFocus()


class PresetsDialog(DialogInPlace):
    """The page in a window of its own."""

    def __init__(self, theme: Theme, store: PresetStore, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Prompts"))
        self.setAccessibleName(tr("Prompts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(min(pixels(640), max(640, parent.width() - 64)), pixels(420))
        self.page = PresetsPage(theme, store)
        done = push_button(tr("Done"), "main")
        done.clicked.connect(self.accept)
        done.setDefault(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(16)
        column.addWidget(self.page, 1)
        column.addWidget(done, 0, Qt.AlignmentFlag.AlignRight)
