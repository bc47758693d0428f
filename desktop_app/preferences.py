"""The one owner of the settings: who changes one says so here, who follows one listens here."""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop_app.settings import RULES, Settings

LOG = logging.getLogger(__name__)


class Preferences(QObject):
    """Holds the settings in use and writes every change down at once."""

    changed = Signal(object)  # the names of what is different now, as a frozenset

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._settings = Settings.load(path)

    @property
    def settings(self) -> Settings:
        """The settings in use."""
        return self._settings

    def set(self, **values: object) -> None:
        """Change some settings. Raises ValueError where one does not pass its check."""
        made = self._settings
        for name, value in values.items():
            made = made.with_value(name, value)
        self.use(made)

    def use(self, settings: Settings) -> None:
        """Take other settings in place of all."""
        before, self._settings = self._settings, settings
        different = frozenset(
            name for name in RULES if getattr(before, name) != getattr(settings, name)
        )
        if different or before.unknown != settings.unknown:
            self._write()
        if different:
            self.changed.emit(different)

    def _write(self) -> None:
        try:
            self._settings.save(self._path)
        except OSError:
            LOG.exception("settings")
