"""The presets above the question: one press asks, Ctrl and a digit does too."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from desktop_app.i18n import tr
from desktop_app.presets import KEYS, Preset, PresetStore
from desktop_app.theme import Theme, pixels
from desktop_app.ui.focus_order import in_order
from desktop_app.ui.parts import IconButton, ToolButton, literal, tip

SPACING = 6
WIDEST = 160  # a name, in pixels


def keys_of(place: int) -> str:
    """The key of the preset at a place, or nothing."""
    return f"Ctrl+{place + 1}" if place < KEYS else ""


class PresetsRow(QWidget):
    """As many as there is room for; the menu has all of them."""

    chosen = Signal(str)  # the prompt
    edit_wished = Signal()

    def __init__(self, theme: Theme, store: PresetStore) -> None:
        super().__init__()
        self._store = store
        self.chips: list[ToolButton] = []
        self.menu_button = IconButton(theme, "list", tr("All prompts"), role="secondary")
        self.menu_button.setIconSize(QSize(pixels(16), pixels(16)))
        self.menu_button.clicked.connect(self.open_menu)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(SPACING)
        self._row.addWidget(self.menu_button)
        self._row.addStretch(1)
        for place in range(KEYS):
            shortcut = QShortcut(QKeySequence(keys_of(place)), self)
            shortcut.activated.connect(lambda place=place: self._press(place))
        store.changed.connect(self._fill)
        self._fill()

    @Slot()
    def _fill(self) -> None:
        for chip in self.chips:
            self._row.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        presets = enumerate(self._store.presets)  # half-made ones keep their key, and wait
        self.chips = [self._chip(preset, place) for place, preset in presets if preset.asks]
        for place, chip in enumerate(self.chips):
            self._row.insertWidget(place, chip)
        in_order([*self.chips, self.menu_button])
        self._show_what_fits()

    def _chip(self, preset: Preset, place: int) -> ToolButton:
        chip = ToolButton(self)
        chip.setProperty("kind", "chip")
        metrics, most = chip.fontMetrics(), pixels(WIDEST)
        chip.setText(literal(metrics.elidedText(preset.title, Qt.TextElideMode.ElideRight, most)))
        chip.setAccessibleName(preset.title)
        chip.setAccessibleDescription(preset.prompt)
        keys = QKeySequence(keys_of(place)).toString(QKeySequence.SequenceFormat.NativeText)
        chip.setToolTip(tip(f"{preset.prompt}  {keys}".rstrip()))
        chip.setCursor(Qt.CursorShape.PointingHandCursor)
        chip.clicked.connect(lambda: self.chosen.emit(preset.prompt))
        return chip

    @Slot()
    def open_menu(self) -> None:
        """Show all presets, and the way to change them."""
        menu = self.menu()
        above = QPoint(0, -menu.sizeHint().height())
        menu.popup(self.menu_button.mapToGlobal(above))

    def menu(self) -> QMenu:
        """All presets, and the way to change them."""
        made = QMenu(self)
        made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for place, preset in enumerate(self._store.presets):
            if not preset.asks:
                continue
            action = made.addAction(literal(preset.title))
            action.triggered.connect(lambda _=False, text=preset.prompt: self.chosen.emit(text))
            if keys_of(place):
                action.setShortcut(keys_of(place))
                action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)  # shown only
        made.addSeparator()
        made.addAction(tr("Change the prompts…"), self.edit_wished.emit)
        return made

    def _press(self, place: int) -> None:
        presets = self._store.presets
        if place < len(presets) and self.isEnabled():
            self.chosen.emit(presets[place].prompt)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width has room for others."""
        super().resizeEvent(event)
        self._show_what_fits()

    def showEvent(self, event: QShowEvent) -> None:
        """Tab goes from left to right; Qt forgets it when the row comes into a window."""
        super().showEvent(event)
        in_order([*self.chips, self.menu_button])

    def minimumSizeHint(self) -> QSize:
        """The chips give way."""
        return self.menu_button.minimumSizeHint()

    def _show_what_fits(self) -> None:
        left = self.width() - self.menu_button.sizeHint().width() - SPACING
        for chip in self.chips:
            left -= chip.sizeHint().width() + SPACING
            chip.setVisible(left >= 0)
