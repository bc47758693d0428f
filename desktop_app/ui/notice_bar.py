"""What went wrong or happened unasked, in place, with a reason and one button that helps."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from desktop_app.i18n import tr
from desktop_app.notices import Help, Notice, Tone, help_label
from desktop_app.theme import Theme
from desktop_app.ui.parts import IconButton, IconLabel, label, push_button, restyle


class NoticeBar(QFrame):
    """Shows the latest notice until it is closed or has helped."""

    help_wished = Signal(object)  # Help

    def __init__(self, theme: Theme, *, stacked: bool = False) -> None:
        """``stacked`` puts the buttons below the text, for narrow places."""
        super().__init__()
        self._notice: Notice | None = None
        self._icon = IconLabel(theme, "info")
        self.title = label(kind="strong", wrap=True)
        self.body = label(wrap=True)
        self.help_button = push_button(tr("Help"))
        self.copy_button = IconButton(theme, "copy", tr("Copy details"), role="secondary")
        self.close_button = IconButton(theme, "close", tr("Close this notice"), role="secondary")
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self.title)
        texts.addWidget(self.body)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(12)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop if stacked else Qt.AlignmentFlag(0))
        row.addLayout(texts, 1)
        buttons = QHBoxLayout() if stacked else row
        buttons.addWidget(self.help_button)
        if stacked:
            buttons.addStretch(1)
            texts.addSpacing(4)
            texts.addLayout(buttons)
        buttons.addWidget(self.copy_button)
        buttons.addWidget(self.close_button)
        self.help_button.clicked.connect(self._help)
        self.copy_button.clicked.connect(self._copy_details)
        self.close_button.clicked.connect(self.clear)
        self.hide()

    @property
    def notice(self) -> Notice | None:
        """What is shown."""
        return self._notice

    @Slot(object)
    def show_notice(self, notice: Notice) -> None:
        """Show a notice in place of the one before."""
        self._notice = notice
        wrong = notice.tone is Tone.ERROR
        self._icon.use_icon("error" if wrong else "info", "danger" if wrong else "accent")
        self.title.setText(notice.title)
        self.body.setText(notice.body)
        self.body.setVisible(bool(notice.body))
        words = help_label(notice.help)
        self.help_button.setText(words)
        self.help_button.setAccessibleName(words)
        self.help_button.setVisible(bool(words))
        self.copy_button.setVisible(bool(notice.details) and notice.help is not Help.COPY_DETAILS)
        self.setAccessibleName(notice.title)
        self.setAccessibleDescription(notice.body)
        restyle(self, kind="error" if wrong else "info")
        self.show()

    def pass_by(self) -> None:
        """Show nothing, now that something else is done; but what can be undone stays."""
        if self._notice is not None and self._notice.help is not Help.UNDO:
            self.clear()

    @Slot()
    def clear(self) -> None:
        """Show nothing."""
        self._notice = None
        self.hide()

    @Slot()
    def _help(self) -> None:
        notice = self._notice
        if notice is None:
            return
        if notice.help is Help.COPY_DETAILS:
            self._copy_details()
            return
        self.clear()
        self.help_wished.emit(notice.help)

    @Slot()
    def _copy_details(self) -> None:
        if self._notice is not None:
            details = f"{self._notice.title}\n{self._notice.body}\n\n{self._notice.details}"
            QGuiApplication.clipboard().setText(details)
