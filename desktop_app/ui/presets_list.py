"""The list of presets: each with its name, and at the end of its line the key that asks it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFontMetrics, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop_app.i18n import tr
from desktop_app.presets import Preset
from desktop_app.theme import Theme, pixels
from desktop_app.ui.presets_row import keys_of

Index = QModelIndex | QPersistentModelIndex
KEYS = Qt.ItemDataRole.UserRole
APART = 12  # pixels between the edge, the keys and the name


class KeysAtTheEnd(QStyledItemDelegate):
    """Draws the keys in a column of their own; a long name gives way to them."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """The name in the room that the keys leave."""
        super().initStyleOption(option, index)
        metrics = QFontMetrics(option.font)
        room = option.rect.width() - metrics.horizontalAdvance(index.data(KEYS)) - pixels(3 * APART)
        option.text = metrics.elidedText(option.text, Qt.TextElideMode.ElideRight, room)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The name as always, the keys at the end."""
        super().paint(painter, option, index)
        painter.save()
        painter.setFont(option.font)
        painter.setPen(QColor(self._theme.colors.secondary))
        place = option.rect.adjusted(0, 0, -pixels(APART), 0)
        end = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(place, end, index.data(KEYS))
        painter.restore()


class PresetsList(QListWidget):
    """All presets in their order."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("prompts")
        self.setAccessibleName(tr("Prompts"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(KeysAtTheEnd(theme, self))

    def fill(self, presets: Sequence[Preset]) -> None:
        """Show these."""
        self.clear()
        for place, preset in enumerate(presets):
            self.addItem(QListWidgetItem())
            self.show_at(place, preset)

    def show_at(self, place: int, preset: Preset) -> None:
        """Show another preset in a line."""
        keys = QKeySequence(keys_of(place)).toString(QKeySequence.SequenceFormat.NativeText)
        item = self.item(place)
        item.setText(preset.title or "…")
        item.setData(KEYS, keys)
        spoken = f"{item.text()}, {keys}" if keys else item.text()
        item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
