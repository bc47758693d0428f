"""The language of the program and of Qt's own dialogs; it changes while the program runs."""

from __future__ import annotations

from PySide6.QtCore import (
    QCoreApplication,
    QLibraryInfo,
    QLocale,
    QObject,
    QTranslator,
    Signal,
)

from desktop_app.i18n import CATALOG
from desktop_app.paths import resource


class Language(QObject):
    """Keeps the catalogue in the language of the system, or in the one that was chosen.

    The one road of a change: ``changed``, upon which whoever has words on the screen makes its
    parts anew. Words are asked for when a part is made, and nowhere else.
    """

    changed = Signal()

    def __init__(self, application: QCoreApplication, wish: str = "system") -> None:
        super().__init__()
        self._application = application
        self._translator = QTranslator(self)
        self._take(wish)

    def use(self, wish: str) -> None:
        """Take ``en``, ``zh`` or ``system``."""
        before = CATALOG.language
        self._take(wish)
        if CATALOG.language != before:
            self.changed.emit()

    def shutdown(self) -> None:
        """Leave Qt as it was."""
        self._application.removeTranslator(self._translator)

    def _take(self, wish: str) -> None:
        code = system_language() if wish == "system" else wish
        CATALOG.use(code, resource("i18n"))
        self._application.removeTranslator(self._translator)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if CATALOG.language != "en" and self._translator.load(
            QLocale(CATALOG.language), "qtbase", "_", folder
        ):
            self._application.installTranslator(self._translator)


def system_language() -> str:
    """The code of the language that the system's windows speak."""
    spoken = QLocale.system().uiLanguages()
    return spoken[0].split("-")[0].lower() if spoken else "en"
