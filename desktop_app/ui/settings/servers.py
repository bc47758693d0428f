"""The page of a model on a server, among the settings."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop_app.i18n import tr
from desktop_app.ui.settings.page import SettingsPage


class ServersPage(SettingsPage):
    """The server desk's own page in the frame of the settings."""

    icon = "server"

    def __init__(self, part: QWidget) -> None:
        super().__init__(tr("Server"))
        self.part = part
        self.add_below(part)
