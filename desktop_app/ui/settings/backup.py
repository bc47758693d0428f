"""Settings as a file: taken elsewhere, brought back, or begun anew."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QFileDialog, QMessageBox

from desktop_app.i18n import tr
from desktop_app.preferences import Preferences
from desktop_app.settings import Settings
from desktop_app.ui.parts import dialog_button, label, restyle
from desktop_app.ui.question_box import question_box, show_question
from desktop_app.ui.settings.page import SettingsPage

FILTER = "JSON (*.json)"


class BackupPage(SettingsPage):
    """Export, import, reset; what came of it is said below."""

    icon = "export"

    def __init__(self, preferences: Preferences) -> None:
        super().__init__(tr("Export and reset"))
        self._preferences = preferences
        card = self.add_card()
        self.export_button = dialog_button(tr("Export…"))
        self.import_button = dialog_button(tr("Import…"))
        self.reset_button = dialog_button(tr("Reset…"), "danger")
        words = tr("Keys of servers are not written into the file.")
        card.add_row(tr("Save the settings to a file"), self.export_button, words)
        card.add_row(tr("Take the settings from a file"), self.import_button)
        words = tr("Conversations and models stay.")
        card.add_row(tr("All settings as at the first start"), self.reset_button, words)
        self.outcome = label(kind="secondary", wrap=True)
        self.add_below(self.outcome)
        self.export_button.clicked.connect(self.export)
        self.import_button.clicked.connect(self.bring_in)
        self.reset_button.clicked.connect(self.ask_to_reset)

    @Slot()
    def export(self) -> None:
        """Write the settings to a file that the person chooses."""
        name, _ = QFileDialog.getSaveFileName(self, tr("Export"), "minicpmv-settings.json", FILTER)
        if not name:
            return
        path = Path(name) if Path(name).suffix else Path(f"{name}.json")
        try:
            self._preferences.settings.save(path)
        except OSError as error:
            self._fail(path, error.strerror or str(error))
        else:
            self._say(tr("Saved as {name}").format(name=path.name))

    @Slot()
    def bring_in(self) -> None:
        """Take what is good in a file; the rest is named."""
        name, _ = QFileDialog.getOpenFileName(self, tr("Import"), "", FILTER)
        if not name:
            return
        path = Path(name)
        try:
            settings, bad = Settings.read(path)
        except OSError as error:
            self._fail(path, error.strerror or str(error))
        except ValueError:
            self._fail(path, tr("it is not a settings file"))
        else:
            self._preferences.use(settings)
            words = tr("The settings of {name} are in use.").format(name=path.name)
            if bad:
                ignored = tr("These are not valid and were left out: {names}.")
                words = f"{words} {ignored.format(names=', '.join(bad))}"
            self._say(words)

    @Slot()
    def ask_to_reset(self) -> None:
        """Go back to the defaults after a question."""
        box = question_box(
            self,
            tr("Reset"),
            tr("Set everything back to how it was at the first start?"),
            tr("Conversations and models stay."),
        )
        agree = box.addButton(tr("Reset"), QMessageBox.ButtonRole.DestructiveRole)
        stay = box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(stay)
        # Only once the box has gone: a change of language makes this page anew.
        agree.clicked.connect(lambda: QTimer.singleShot(0, self._preferences, self._reset))
        box.finished.connect(box.deleteLater)
        show_question(box)

    def _reset(self) -> None:
        self._say(tr("Everything is as at the first start."))  # the page may go with its language
        self._preferences.use(self._preferences.settings.reset())

    def _say(self, words: str) -> None:
        restyle(self.outcome, kind="secondary")
        self.outcome.setText(words)

    def _fail(self, path: Path, reason: str) -> None:
        restyle(self.outcome, kind="alarm")
        words = tr("{name} cannot be used: {reason}.")
        self.outcome.setText(words.format(name=path.name, reason=reason.rstrip(".")))
