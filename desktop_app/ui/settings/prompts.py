"""The page of the prompts, among the settings."""

from __future__ import annotations

from desktop_app.i18n import tr
from desktop_app.presets import PresetStore
from desktop_app.theme import Theme, pixels
from desktop_app.ui.presets_page import PresetsPage
from desktop_app.ui.settings.page import SettingsPage

LEAST = 360  # pixels


class PromptsPage(SettingsPage):
    """The same list as under “Change the prompts”, in the frame of the settings."""

    icon = "list"

    def __init__(self, theme: Theme, store: PresetStore) -> None:
        super().__init__(
            tr("Prompts"), tr("One press asks the question; the first nine have keys.")
        )
        self.part = PresetsPage(theme, store)
        self.part.setMinimumHeight(pixels(LEAST))
        self.add_below(self.part)
