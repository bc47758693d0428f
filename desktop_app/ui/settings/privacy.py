"""What is kept, how long, and where."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl, Signal, Slot
from PySide6.QtWidgets import QWidget

from desktop_app.i18n import tr
from desktop_app.paths import Paths
from desktop_app.preferences import Preferences
from desktop_app.settings import values_of
from desktop_app.theme import Theme
from desktop_app.ui.outside import open_outside
from desktop_app.ui.parts import dialog_button
from desktop_app.ui.settings.fields import ChoiceField, SwitchField
from desktop_app.ui.settings.page import SettingsPage


class PrivacyPage(SettingsPage):
    """The history and the files."""

    icon = "shield"
    delete_wished = Signal()

    def __init__(self, theme: Theme, preferences: Preferences, paths: Paths) -> None:
        words = tr("Pictures, questions and answers stay on this machine, unless you set a server.")
        super().__init__(tr("Privacy"), words)
        card = self.add_card(tr("History"))
        title = tr("Keep conversations")
        self.keep = SwitchField(theme, preferences, "history", title, ("off", "keep"))
        card.add_row(title, self.keep)
        days = {
            value: tr("After {days} days").format(days=value) if value != "0" else tr("Never")
            for value in values_of("history_days")
        }
        title = tr("Delete conversations by themselves")
        self.days = ChoiceField(theme, preferences, "history_days", title, days)
        card.add_row(title, self.days, tr("Pinned ones stay."))
        self.delete_button = dialog_button(tr("Delete all…"), "danger")
        self.delete_button.clicked.connect(self.delete_wished)
        card.add_row(tr("Delete all conversations now"), self.delete_button)
        files = self.add_card(tr("Where the files are"))
        for title, folder in (
            (tr("Conversations and models"), paths.data),
            (tr("Settings"), paths.config),
            (tr("Logs"), paths.logs),
        ):
            files.add_row(title, self._opener(title, folder), str(folder))

    def _opener(self, title: str, folder: Path) -> QWidget:
        button = dialog_button(tr("Show folder"))
        button.setAccessibleName(tr("Show the folder: {name}").format(name=title))
        button.setProperty("folder", str(folder))
        button.clicked.connect(self._open_folder)
        return button

    @Slot()
    def _open_folder(self) -> None:
        folder = Path(self.sender().property("folder"))
        while not folder.exists():  # nothing may have been written to it yet
            folder = folder.parent
        open_outside(self, QUrl.fromLocalFile(str(folder)))
