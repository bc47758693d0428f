"""F1: what the program can do, and all its keys."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.actions import FIXED, GROUPS, Keymap, shown
from desktop_app.i18n import noted, tr
from desktop_app.preferences import Preferences
from desktop_app.theme import pixels
from desktop_app.ui.parts import label
from desktop_app.ui.settings.page import SettingsCard, SettingsPage, small_button

ABILITIES = (
    noted("Drop, paste or open a picture and ask about it; the answer stays on this machine."),
    noted("Capture a region of any monitor, ask about it, or have its text read and copied."),
    noted("Go on with the conversation, change a question, have it answered again."),
    noted("Find earlier conversations by any word in them, also in Chinese."),
    noted("From a terminal: minicpmv ask, minicpmv ocr, minicpmv --ocr, minicpmv doctor."),
)


class HelpPage(QDialog):
    """A list to look things up in; it changes nothing."""

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keys and help"))
        self.setAccessibleName(tr("Keys and help"))
        self.resize(600, 680)
        self.setMinimumSize(420, 320)
        self.page = SettingsPage(tr("Keys and help"))
        abilities = self.page.add_card(tr("What it does"))
        for words in ABILITIES:
            abilities.add_row(tr(words))
        self._add_keys(preferences)
        self.settings_button = small_button(tr("Change the keys…"))
        row = QHBoxLayout()
        row.setContentsMargins(0, 8, 0, 0)
        row.addStretch(1)
        row.addWidget(self.settings_button)
        self.page.add_below(row)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.page)

    def _add_keys(self, preferences: Preferences) -> None:
        settings = preferences.settings
        card = self.page.add_card(tr("Everywhere on the desktop"))
        self._add(card, tr("Read text from the screen"), settings.hotkey_ocr)
        self._add(card, tr("Capture the screen"), settings.hotkey_capture)
        keymap = Keymap(settings.shortcuts)
        for group in GROUPS:
            card = self.page.add_card(tr(group.title))
            for action in group.actions:
                self._add(card, tr(action.title), keymap.keys(action.name))
        card = self.page.add_card(tr("While writing"))
        for title, keys in FIXED:
            self._add(card, tr(title), keys)

    def _add(self, card: SettingsCard, title: str, keys: str) -> None:
        words = label(shown(keys) or tr("none"), "keys" if keys else "secondary")
        words.setMinimumWidth(pixels(28))
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        card.add_row(title, words)
