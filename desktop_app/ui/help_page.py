"""F1: what the program can do, and all its keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.actions import FIXED, GROUPS, Keymap, shown
from desktop_app.i18n import noted, tr
from desktop_app.preferences import Preferences
from desktop_app.theme import pixels
from desktop_app.ui.in_place import DialogInPlace
from desktop_app.ui.parts import dialog_button, label
from desktop_app.ui.settings.page import SettingsCard, SettingsPage

ABILITIES = (
    noted("Drop, paste or open a picture, or several, and ask about it."),
    noted("Capture a region of any monitor, ask about it, or have its text read and copied."),
    noted("Go on with the conversation, change a question, have it answered again."),
    noted("Find earlier conversations by any word in them, also in Chinese."),
    noted("From a terminal: minicpmv ask, minicpmv ocr, minicpmv --ocr, minicpmv doctor."),
)


class HelpPage(DialogInPlace):
    """A list to look things up in; it changes nothing."""

    def __init__(
        self,
        preferences: Preferences,
        held: Mapping[str, str],
        diagnose: Callable[[], str],
        parent: QWidget | None = None,
    ) -> None:
        """``held`` are the keys that do work everywhere, ``diagnose`` makes a report."""
        super().__init__(parent)
        self._diagnose = diagnose
        self.setWindowTitle(tr("Keys and help"))
        self.setAccessibleName(tr("Keys and help"))
        self.resize(600, 680)
        self.setMinimumSize(420, 320)
        self.page = SettingsPage(tr("Keys and help"))
        abilities = self.page.add_card(tr("What it does"))
        for words in ABILITIES:
            abilities.add_row(tr(words))
        self._add_keys(preferences, held)
        self._add_report()
        self.settings_button = dialog_button(tr("Change the keys…"))
        row = QHBoxLayout()
        row.setContentsMargins(0, 8, 0, 0)
        row.addStretch(1)
        row.addWidget(self.settings_button)
        self.page.add_below(row)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.page)

    def _add_report(self) -> None:
        card = self.page.add_card(tr("If something does not work"))
        self.report_button = dialog_button(tr("Copy"))
        self.report_button.setAccessibleName(tr("Copy the facts for a report"))
        self.report_button.clicked.connect(self._copy_report)
        note = tr("Versions, screens and settings; no picture, no text and no address.")
        card.add_row(tr("Facts for a report"), self.report_button, note)

    @Slot()
    def _copy_report(self) -> None:
        QGuiApplication.clipboard().setText(self._diagnose())
        self.report_button.setText(tr("Copied"))

    def _add_keys(self, preferences: Preferences, held: Mapping[str, str]) -> None:
        settings = preferences.settings
        card = self.page.add_card(tr("Everywhere on the desktop"))
        for name, title, keys in (
            ("ocr", tr("Read text from the screen"), settings.hotkey_ocr),
            ("capture", tr("Capture the screen"), settings.hotkey_capture),
        ):
            lost = bool(keys) and name not in held
            self._add(card, title, keys, tr("These keys do not work now.") if lost else "")
        keymap = Keymap(settings.shortcuts)
        for group in GROUPS:
            card = self.page.add_card(tr(group.title))
            for action in group.actions:
                self._add(card, tr(action.title), keymap.keys(action.name))
        card = self.page.add_card(tr("While writing"))
        for title, keys in FIXED:
            self._add(card, tr(title), keys)

    def _add(self, card: SettingsCard, title: str, keys: str, note: str = "") -> None:
        words = label(shown(keys) or tr("none"), "keys" if keys else "secondary")
        words.setMinimumWidth(pixels(28))
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        card.add_row(title, words, note)
