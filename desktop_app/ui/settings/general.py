"""Language, looks, and how the program lives on the desktop."""

from __future__ import annotations

from PySide6.QtCore import Slot

from desktop_app.autostart_desk import AutostartDesk
from desktop_app.i18n import tr
from desktop_app.preferences import Preferences
from desktop_app.theme import Theme
from desktop_app.ui.parts import label, restyle
from desktop_app.ui.settings.fields import ChoiceField, SwitchField
from desktop_app.ui.settings.page import SettingsPage
from desktop_app.ui.switch import Switch

SCALES = (90, 100, 110, 125, 150, 175, 200)


class GeneralPage(SettingsPage):
    """The first page."""

    def __init__(
        self, theme: Theme, preferences: Preferences, autostart: AutostartDesk, tray_there: bool
    ) -> None:
        super().__init__(tr("General"))
        self._autostart = autostart
        looks = self.add_card(tr("Appearance"))
        # each language goes by its own name, whichever is in use
        languages = {"system": tr("As the system"), "en": "English", "zh": "简体中文"}
        self.language = ChoiceField(theme, preferences, "language", tr("Language"), languages)
        looks.add_row(tr("Language"), self.language)
        themes = {"system": tr("As the system"), "light": tr("Light"), "dark": tr("Dark")}
        self.theme_field = ChoiceField(theme, preferences, "theme", tr("Colours"), themes)
        looks.add_row(tr("Colours"), self.theme_field)
        scales = {scale: f"{scale} %" for scale in SCALES}
        self.scale = ChoiceField(theme, preferences, "font_scale", tr("Text size"), scales)
        looks.add_row(tr("Text size"), self.scale)
        self._add_desktop(theme, preferences, tray_there)

    def _add_desktop(self, theme: Theme, preferences: Preferences, tray_there: bool) -> None:
        desk = self.add_card(tr("On the desktop"))
        self.tray = SwitchField(theme, preferences, "tray", tr("Icon in the tray"))
        note = "" if tray_there else tr("This desktop has no tray, so the window never hides.")
        desk.add_row(tr("Icon in the tray"), self.tray, note)
        self.tray.setEnabled(tray_there)
        closes = {
            "ask": tr("Ask the first time"),
            "hide": tr("Stay in the tray"),
            "quit": tr("Quit"),
        }
        words = tr("When the window is closed")
        self.on_close = ChoiceField(theme, preferences, "on_close", words, closes)
        self.on_close.setEnabled(tray_there)
        desk.add_row(words, self.on_close)
        self.start_switch = Switch(theme, "")
        self.start_switch.setAccessibleName(tr("Start with the computer"))
        self.start_switch.toggled.connect(self._switch_autostart)
        self.start_problem = label(kind="alarm", wrap=True)
        self.start_problem.hide()
        desk.add_row(
            tr("Start with the computer"),
            self.start_switch,
            tr("Without a window, so that the hotkeys work at once."),
        )
        desk.add(self.start_problem)
        self.start_problem.setContentsMargins(16, 8, 16, 8)
        self._show_autostart()
        self._autostart.changed.connect(self._show_autostart)
        self._autostart.refused.connect(self._tell_refusal)

    def _switch_autostart(self, on: bool) -> None:
        self.start_problem.hide()
        self._autostart.switch(on)

    @Slot()
    def _show_autostart(self) -> None:
        busy = self._autostart.busy
        if not busy:
            self.start_switch.blockSignals(True)
            self.start_switch.setChecked(self._autostart.on)
            self.start_switch.blockSignals(False)
        self.start_switch.setEnabled(not busy)
        if busy:
            self._say(tr("The desktop is asked, and may ask you."), "secondary")
        elif self.start_problem.property("kind") == "secondary":
            self.start_problem.hide()

    @Slot(str)
    def _tell_refusal(self, reason: str) -> None:
        self._say(tr("The system does not take it: {reason}.").format(reason=reason), "alarm")

    def _say(self, words: str, kind: str) -> None:
        restyle(self.start_problem, kind=kind)
        self.start_problem.setText(words)
        self.start_problem.show()
