"""One line under the question field: what the starter model cannot do, and the way to more."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop_app import wording
from desktop_app.i18n import tr
from desktop_app.ui.parts import label, push_button


class LimitsLine(QWidget):
    """Shown while the starter model answers."""

    def __init__(self) -> None:
        super().__init__()
        self.words = label(wording.starter_limits(), "secondary", wrap=True)
        self.button = push_button(tr("Get the full model"), "link")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(12)
        row.addWidget(self.words, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)

    def say(self, words: str) -> None:
        """Name the way to the full model, or how far its download is."""
        self.button.setText(words)
        self.button.setAccessibleName(words)
