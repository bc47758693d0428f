"""How the screen is captured and who reads its text."""

from __future__ import annotations

from desktop_app.i18n import tr
from desktop_app.preferences import Preferences
from desktop_app.settings import values_of
from desktop_app.theme import Theme
from desktop_app.ui.settings.fields import ChoiceField, SwitchField
from desktop_app.ui.settings.page import SettingsPage


class CapturePage(SettingsPage):
    """Delay, confirmation, reader, clipboard."""

    icon = "capture"

    def __init__(self, theme: Theme, preferences: Preferences) -> None:
        super().__init__(tr("Capture"))
        card = self.add_card()
        delays = {
            seconds: tr("{seconds} seconds").format(seconds=seconds) if seconds else tr("At once")
            for seconds in values_of("capture_delay")
        }
        title = tr("When the screen is captured")
        self.delay = ChoiceField(theme, preferences, "capture_delay", title, delays)
        card.add_row(title, self.delay, tr("Later leaves time to open a menu."))
        title = tr("Wait for Enter after a region is drawn")
        self.confirm = SwitchField(theme, preferences, "capture_confirm", title)
        card.add_row(title, self.confirm, tr("So that it can be moved and resized first."))
        readers: dict[str, str] = {
            "auto": tr("Automatic"),
            "quick": tr("Quick reader"),
            "model": tr("Model"),
        }
        self.reader = ChoiceField(theme, preferences, "reader", tr("Who reads text"), readers)
        note = tr("The quick reader reads plain text in a second; the model reads everything else.")
        card.add_row(tr("Who reads text"), self.reader, note)
        title = tr("Copy the text as soon as it is read")
        self.copy = SwitchField(theme, preferences, "copy_text", title)
        card.add_row(title, self.copy, tr("Else the window beside the region copies it."))
