"""Pages through the versions of an answer: an arrow, "2/3", an arrow."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop_app.i18n import tr
from desktop_app.theme import Theme
from desktop_app.ui.parts import IconButton, label


class VersionPager(QWidget):
    """Is there only where there is more than one version."""

    wished = Signal(int)  # which version to show

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._shown = 0
        self.back = IconButton(theme, "chevron-left", tr("Earlier version"), role="secondary")
        self.on = IconButton(theme, "chevron-right", tr("Later version"), role="secondary")
        self.words = label(kind="secondary")
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for part in (self.back, self.words, self.on):
            row.addWidget(part)
        for button in (self.back, self.on):
            button.setIconSize(button.iconSize() * 0.8)
        self.back.clicked.connect(lambda: self.wished.emit(self._shown - 1))
        self.on.clicked.connect(lambda: self.wished.emit(self._shown + 1))

    def show_versions(self, shown: int, count: int, enabled: bool) -> None:
        """Say which of how many is shown; the arrows rest while an answer is written."""
        self._shown = shown
        self.words.setText(f"{shown + 1}/{count}")
        words = tr("Version {number} of {count}").format(number=shown + 1, count=count)
        self.words.setAccessibleName(words)
        self.words.setToolTip(words)
        self.back.setEnabled(enabled and shown > 0)
        self.on.setEnabled(enabled and shown < count - 1)
        self.setVisible(count > 1)
