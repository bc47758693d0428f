"""The bar on top: what one can begin, whether it is kept, which model answers, settings."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop_app.i18n import tr
from desktop_app.theme import Theme, pixels
from desktop_app.ui.capture_menu import CaptureMenu
from desktop_app.ui.model_chip import ModelChip
from desktop_app.ui.parts import IconButton, IconLabel, label, spacer


class TopBar(QWidget):
    """48 px of what is always at hand."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("top_bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(max(48, pixels(40)))
        self.history_button = IconButton(theme, "sidebar", tr("History"))
        self.history_button.setCheckable(True)
        self.new_button = IconButton(
            theme, "new", tr("New conversation"), text=tr("New"), keys="Ctrl+N"
        )
        self.open_button = IconButton(
            theme, "photo-plus", tr("Open a picture"), text=tr("Open"), keys="Ctrl+O"
        )
        self.capture_button = IconButton(
            theme, "capture", tr("Capture the screen"), text=tr("Capture"), keys="Ctrl+Shift+S"
        )
        self.capture_more = CaptureMenu(theme)
        self.not_kept = _not_kept(theme)
        self.model_chip = ModelChip(theme)
        self.settings_button = IconButton(theme, "settings", tr("Settings"))
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 12, 0)
        row.setSpacing(4)
        row.addWidget(self.history_button)
        row.addWidget(self.new_button)
        row.addWidget(self.open_button)
        row.addWidget(self.capture_button)
        row.addWidget(self.capture_more)
        row.addWidget(spacer())
        row.addWidget(self.not_kept)
        row.addWidget(self.model_chip)
        row.addWidget(self.settings_button)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the icons say it alone."""
        super().resizeEvent(event)
        self._show_words(True)
        if super().minimumSizeHint().width() > self.width():
            self._show_words(False)

    def minimumSizeHint(self) -> QSize:
        """The words give way, so the window's own least width is what counts."""
        return QSize(0, super().minimumSizeHint().height())

    def _words(self) -> tuple[IconButton, ...]:
        return (self.new_button, self.open_button, self.capture_button)

    def _show_words(self, shown: bool) -> None:
        style = Qt.ToolButtonStyle
        for button in self._words():
            wished = style.ToolButtonTextBesideIcon if shown else style.ToolButtonIconOnly
            if button.toolButtonStyle() is not wished:
                button.setToolButtonStyle(wished)


def _not_kept(theme: Theme) -> QWidget:
    """Says that nothing is written down."""
    made = QWidget()
    made.setToolTip(tr("What is said now is not written to the disk."))
    quiet = QHBoxLayout(made)
    quiet.setContentsMargins(0, 0, 8, 0)
    quiet.setSpacing(6)
    quiet.addWidget(IconLabel(theme, "eye-off", size=16))
    quiet.addWidget(label(tr("Not kept"), "secondary"))
    return made
