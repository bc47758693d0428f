"""The bar on top: new, open, and which model answers."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop_app.i18n import tr
from desktop_app.theme import Theme
from desktop_app.ui.model_chip import ModelChip
from desktop_app.ui.parts import IconButton, spacer


class TopBar(QWidget):
    """48 px of what is always at hand."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("top_bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(48)
        self.new_button = IconButton(
            theme, "new", tr("New conversation"), text=tr("New"), keys="Ctrl+N"
        )
        self.open_button = IconButton(
            theme, "photo-plus", tr("Open a picture"), text=tr("Open"), keys="Ctrl+O"
        )
        self.model_chip = ModelChip(theme)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 12, 0)
        row.setSpacing(4)
        row.addWidget(self.new_button)
        row.addWidget(self.open_button)
        row.addWidget(spacer())
        row.addWidget(self.model_chip)
