"""Which model answers, on what, and how it writes."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop_app import wording
from desktop_app.i18n import tr
from desktop_app.paths import FULL, STARTER
from desktop_app.preferences import Preferences
from desktop_app.settings import values_of
from desktop_app.theme import Theme
from desktop_app.ui.parts import dialog_button
from desktop_app.ui.settings.fields import ChoiceField, NumberField
from desktop_app.ui.settings.page import SettingsCard, SettingsPage

OWN = ("temperature", "top_p", "top_k", "repetition_penalty")


class ModelPage(SettingsPage):
    """The model and its writing."""

    icon = "model"
    models_wished = Signal()

    def __init__(self, theme: Theme, preferences: Preferences) -> None:
        super().__init__(tr("Model"))
        self._preferences = preferences
        self._add_model(theme)
        self._add_machine(theme)
        self._add_writing(theme)
        preferences.changed.connect(self._follow)
        self._follow(frozenset({"writing"}))

    def _add_model(self, theme: Theme) -> None:
        card = self.add_card()
        words: dict[str, str] = {"auto": tr("The best that is here")}
        words |= {name: wording.model_name(name) for name in (STARTER, FULL)}
        now = self._preferences.settings.model
        words.setdefault(now, wording.model_name(now))
        self.model = ChoiceField(theme, self._preferences, "model", tr("Model"), words)
        card.add_row(tr("Model"), self.model)
        self.folder_button = dialog_button(tr("Choose its folder…"))
        self.models_button = dialog_button(tr("Get or remove…"))
        card.add_row(tr("A model of your own"), self.folder_button)
        card.add_row(tr("Models on this machine"), self.models_button)
        self.folder_button.clicked.connect(self.choose_folder)
        self.models_button.clicked.connect(self.models_wished)

    def _add_machine(self, theme: Theme) -> None:
        card = self.add_card(tr("On this machine"))
        devices = {"auto": tr("Automatic"), "cpu": tr("Processor"), "cuda": tr("NVIDIA GPU")}
        devices["mps"] = tr("Apple GPU")
        self.device = ChoiceField(theme, self._preferences, "device", tr("Device"), devices)
        card.add_row(tr("Device"), self.device)
        names = {
            each: tr("Automatic") if each == "auto" else each for each in values_of("precision")
        }
        title = tr("Precision")
        self.precision = ChoiceField(theme, self._preferences, "precision", title, names)
        card.add_row(title, self.precision, tr("Fewer bits need less memory."))
        self._number(card, "threads", tr("Threads"), tr("0 leaves it to the program."))
        note = tr("Then its memory is given back; the next question loads it again. 0: never.")
        self._number(card, "idle_minutes", tr("Minutes until an unused model rests"), note)

    def _add_writing(self, theme: Theme) -> None:
        card = self.add_card(tr("How it writes"))
        ways: dict[str, str] = {
            "model": tr("As its authors advise"),
            "exact": tr("Exact: always the likeliest word"),
            "balanced": tr("Balanced"),
            "free": tr("Free: more variety"),
            "own": tr("Own values"),
        }
        self.writing = ChoiceField(theme, self._preferences, "writing", tr("Way of writing"), ways)
        card.add_row(tr("Way of writing"), self.writing)
        note = tr("0: as its authors advise.")
        self._number(card, "max_new_tokens", tr("Longest answer, in tokens"), note)
        self.own = [
            self._number(card, "temperature", tr("Temperature"), tr("Higher: bolder."), False),
            self._number(card, "top_p", tr("Top p"), tr("Lower: only likely words."), False),
            self._number(card, "top_k", tr("Top k"), tr("So many words to choose from; 0: all.")),
            self._number(
                card,
                "repetition_penalty",
                tr("Penalty on repetition"),
                tr("Over 1: says less twice."),
                False,
            ),
        ]

    def _number(
        self, card: SettingsCard, name: str, title: str, note: str, whole: bool = True
    ) -> QWidget:
        field = NumberField(self._preferences, name, title, whole)
        setattr(self, name, field)
        return card.add_row(title, field, note)

    @Slot(object)
    def _follow(self, names: frozenset[str]) -> None:
        """Own values are shown where they count."""
        if "writing" in names:
            for row in self.own:
                row.setVisible(self._preferences.settings.writing == "own")

    @Slot()
    def choose_folder(self) -> None:
        """A model of one's own."""
        folder = QFileDialog.getExistingDirectory(self, tr("The folder with the model"))
        if folder:
            self._preferences.set(model=str(Path(folder)))
