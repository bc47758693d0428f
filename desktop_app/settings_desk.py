"""Opens the settings window, and has every part follow what is set in it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot

from desktop_app.actions import Keymap
from desktop_app.autostart import autostart_here
from desktop_app.autostart_desk import AutostartDesk
from desktop_app.hotkey_desk import HotkeyDesk
from desktop_app.language import Language
from desktop_app.paths import Paths
from desktop_app.preferences import Preferences
from desktop_app.program import program_command
from desktop_app.settings import Settings
from desktop_app.theme import Theme
from desktop_app.ui.main_window import MainWindow
from desktop_app.ui.settings.backup import BackupPage
from desktop_app.ui.settings.capture import CapturePage
from desktop_app.ui.settings.general import SCALES, GeneralPage
from desktop_app.ui.settings.hotkeys import HotkeysPage
from desktop_app.ui.settings.model import ModelPage
from desktop_app.ui.settings.page import SettingsPage
from desktop_app.ui.settings.privacy import PrivacyPage
from desktop_app.ui.settings.window import SettingsWindow


class SettingsDesk(QObject):
    """Between the preferences and the parts of a running window."""

    def __init__(
        self,
        theme: Theme,
        language: Language,
        window: MainWindow,
        preferences: Preferences,
        paths: Paths,
        tray_there: bool = False,
    ) -> None:
        super().__init__(window)
        self._theme, self._language, self._window = theme, language, window
        self._preferences, self._paths = preferences, paths
        self._tray_there = tray_there
        self.autostart = AutostartDesk(autostart_here(program_command()), self)
        self._settings_window: SettingsWindow | None = None
        self._hotkeys: HotkeyDesk | None = None
        self._more_pages: list[Callable[[], SettingsPage]] = []
        window.settings_wished.connect(self.show)
        preferences.changed.connect(self._follow)
        for words_or_size in (language.changed, theme.scale_changed):
            words_or_size.connect(window.rebuild)
            words_or_size.connect(self._rebuild)
        window.keys.use(Keymap(preferences.settings.shortcuts))
        window.keys.bind("larger", self._larger)
        window.keys.bind("smaller", self._smaller)
        window.keys.bind("usual_size", self._usual_size)

    # The window

    @property
    def window(self) -> SettingsWindow:
        """The settings window, made when it is first needed."""
        if self._settings_window is None:
            self._settings_window = SettingsWindow(self._theme, self._pages, self._window)
        return self._settings_window

    @Slot()
    def show(self) -> None:
        """Open the window, or bring it to the front."""
        self.window.show()
        self.window.activateWindow()
        self.window.list.setFocus()

    def show_page(self, kind: type[SettingsPage]) -> None:
        """Open the window at one of its pages."""
        self.show()
        self.window.open_page(kind)

    def add_page(self, make: Callable[[], SettingsPage]) -> None:
        """A page of another desk: it is made together with the others."""
        self._more_pages.append(make)

    def follow_hotkeys(self, hotkeys: HotkeyDesk) -> None:
        """The page of the keys says which of them do not work."""
        self._hotkeys = hotkeys

    def _keys_page(self) -> HotkeysPage:
        if self._hotkeys is None:
            return HotkeysPage(self._theme, self._preferences)
        page = HotkeysPage(self._theme, self._preferences, self._hotkeys.problem)
        self._hotkeys.problem_changed.connect(page.tell_conflict)
        page.listening.connect(self._hotkeys.pause)
        return page

    def _pages(self) -> list[SettingsPage]:
        theme, preferences = self._theme, self._preferences
        model = ModelPage(theme, preferences)
        model.models_wished.connect(self._window.models_wished)
        privacy = PrivacyPage(theme, preferences, self._paths)
        privacy.delete_wished.connect(self._window.history.ask_to_delete_all)
        return [
            GeneralPage(theme, preferences, self.autostart, self._tray_there),
            model,
            CapturePage(theme, preferences),
            self._keys_page(),
            *(make() for make in self._more_pages),
            privacy,
            BackupPage(preferences),
        ]

    def shutdown(self) -> None:
        """Wait no longer for what the desktop was asked."""
        self.autostart.shutdown()

    @Slot()
    def _rebuild(self) -> None:
        if self._settings_window is not None:
            self._settings_window.rebuild()

    # What follows the settings

    @Slot(object)
    def _follow(self, names: frozenset[str]) -> None:
        settings = self._preferences.settings
        if "theme" in names:
            self._theme.use(settings.theme)
        if "font_scale" in names:
            self._theme.use_scale(settings.font_scale)
        if "language" in names:
            self._language.use(settings.language)
        if "shortcuts" in names:
            self._window.keys.use(Keymap(settings.shortcuts))

    @Slot()
    def _larger(self) -> None:
        self._step(1)

    @Slot()
    def _smaller(self) -> None:
        self._step(-1)

    @Slot()
    def _usual_size(self) -> None:
        self._preferences.set(font_scale=Settings().font_scale)

    def _step(self, way: int) -> None:
        now = self._preferences.settings.font_scale
        further = [scale for scale in SCALES if (scale - now) * way > 0]
        if further:
            self._preferences.set(font_scale=min(further, key=lambda scale: abs(scale - now)))
