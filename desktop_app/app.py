"""The one place where the parts of the window are made, connected and taken apart again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication

from desktop_app import notices
from desktop_app.capture_desk import CaptureDesk
from desktop_app.conversation import Conversation
from desktop_app.exchange import ModelChoice
from desktop_app.idle_rest import IdleRest
from desktop_app.jobs import UnexpectedError
from desktop_app.language import Language
from desktop_app.model_settings import ModelSettings, choice_of, with_threads
from desktop_app.models_desk import ModelsDesk, make_keeper
from desktop_app.paths import Paths
from desktop_app.picture_reader import PictureReader
from desktop_app.preferences import Preferences
from desktop_app.presets import PresetStore
from desktop_app.recorder import Recorder
from desktop_app.remote_settings import Keys
from desktop_app.screen_reading import ScreenReading
from desktop_app.screen_wish import ScreenReader
from desktop_app.server_desk import ServerDesk
from desktop_app.settings_desk import SettingsDesk
from desktop_app.theme import Theme
from desktop_app.tray import Tray
from desktop_app.ui.help_page import HelpPage
from desktop_app.ui.main_window import MainWindow
from desktop_app.ui.settings.hotkeys import HotkeysPage
from desktop_app.ui.settings.prompts import PromptsPage
from desktop_app.ui.settings.servers import ServersPage
from desktop_app.worker import EngineFactory, EngineMaker, EngineWorker

LOG = logging.getLogger(__name__)


class Desktop(QObject):
    """Owns everything that a running window needs, and ends it in the right order."""

    ended = Signal()  # the person has closed the program

    def __init__(
        self,
        application: QApplication,
        paths: Paths,
        choice: ModelChoice,
        make_engine: EngineFactory | None = None,
    ) -> None:
        super().__init__()
        self.screen_reader: ScreenReader | None = None
        self._choice = choice
        self._begun = self._closed = False
        self.preferences = Preferences(paths.config / "settings.json", self)
        settings = self.preferences.settings
        self._geometry = QSettings(
            str(paths.config / "window.ini"), QSettings.Format.IniFormat, self
        )
        self.language = Language(application, settings.language)
        self.theme = Theme(application, settings.theme, settings.font_scale)
        keys = Keys()
        self.worker = EngineWorker(make_engine or with_threads(EngineMaker(keys), self._threads))
        self.conversation = Conversation(self.worker, PictureReader())
        keeping = settings.history == "keep"
        self.recorder = Recorder(self.conversation, paths.data / "history.sqlite", keeping)
        self.presets = PresetStore(paths.config / "presets.json", self)
        self.window = MainWindow(
            self.theme,
            self.conversation,
            self.recorder,
            settings.picture_folder,
            self.presets,
        )
        self.recorder.keeping_changed.connect(self._remember_keeping)
        self._open_history()
        self._bring_capture(paths)
        self._bring_models(paths, keys)
        self.preferences.changed.connect(self._follow)
        self._settle(application, paths)
        self.window.folder_used.connect(self._remember_folder)
        self.window.closed.connect(self._close)
        geometry = self._geometry.value("geometry")
        if geometry:
            self.window.restoreGeometry(geometry)

    def _threads(self) -> int:
        return self.preferences.settings.threads

    def _bring_capture(self, paths: Paths) -> None:
        """The screen, and who reads its text."""
        reading = ScreenReading(self.conversation, self.worker, self.preferences, paths)
        reading.model_wished.connect(self._load)
        self.capture = CaptureDesk(
            self.theme, self.window, self.conversation, self.preferences, reading
        )
        self.capture.window_wished.connect(self.come_forward)
        self.window.rebuilt.connect(self.capture.listen_to_menu)
        self.screen_reader = self.capture

    def _settle(self, application: QApplication, paths: Paths) -> None:
        """Settings, tray and the window's keys."""
        window, capture = self.window, self.capture
        deeds: dict[str, Callable[[], object]] = {
            "capture": capture.capture_picture,
            "read_screen": capture.read_screen,
            "new": self._begin_anew,
            "settings": window.settings_wished.emit,
            "help": self._show_help,
        }
        self.tray = Tray(window, self.preferences, application.windowIcon(), deeds)
        self.tray.show_wished.connect(self.come_forward)
        self.tray.quit_wished.connect(self.quit)
        self.settings = SettingsDesk(
            self.theme, self.language, window, self.preferences, paths, self.tray.there
        )
        self.settings.add_page(lambda: PromptsPage(self.theme, self.presets))
        self.settings.follow_hotkeys(capture.keys)
        self.settings.add_page(lambda: ServersPage(self.server.make_page()))
        self.model_settings = ModelSettings(
            self.preferences, self.conversation, self.recorder, partial(choice_of, paths=paths)
        )
        self.models.used_here.connect(self.model_settings.remember)
        window.keys.bind("read_screen", capture.read_screen)
        window.keys.bind("read_again", capture.repeat_region)
        window.keys.bind("prompts", lambda: window.composer.presets.open_menu())
        window.keys.bind("help", self._show_help)
        window.keys.bind("quit", self.quit)

    @Slot()
    def _begin_anew(self) -> None:
        self.come_forward()  # asked for in the tray
        self.conversation.begin_anew()

    @Slot()
    def _show_help(self) -> None:
        if not self.window.isVisible():
            self.come_forward()
        page = HelpPage(self.preferences, self.capture.keys.held(), self._diagnose, self.window)
        page.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        page.settings_button.clicked.connect(page.close)
        page.settings_button.clicked.connect(partial(self.settings.show_page, HotkeysPage))
        page.show()

    def _diagnose(self) -> str:
        from desktop_app.diagnostics import diagnostics

        talk, hotkeys = self.conversation, self.capture.keys.states()
        return diagnostics(self.preferences.settings, talk.choice, talk.model, hotkeys)

    @Slot()
    def quit(self) -> None:
        """End the program, whatever closing the window means."""
        self.tray.hide()
        self.window.close()
        if not self._closed:
            self._close()

    def _bring_models(self, paths: Paths, keys: Keys) -> None:
        """The full model, a model on a server, and the rest of one that nobody asks."""
        settings = self.preferences.settings
        self.keeper = make_keeper(paths, settings.model_source)
        self.keeper.source_changed.connect(self._remember_source)
        self.models = ModelsDesk(
            self.theme, self.window, self.conversation, self.keeper, paths, self.worker
        )
        self.server = ServerDesk(self.theme, self.window, self.conversation, keys, settings)
        self.server.server_changed.connect(self._remember_server)
        self.server.local_wished.connect(self.models.use_best)
        self.models.server_wished.connect(self.server.show_page)
        self.rest = IdleRest(self.conversation, settings.idle_minutes)

    def _open_history(self) -> None:
        self.recorder.open(int(self.preferences.settings.history_days))
        wished = self._geometry.value("history")
        if wished is None:  # an empty panel helps nobody
            wished = "shown" if self.recorder.summaries(1) else "hidden"
        self.window.history.show_wished(wished == "shown")

    def start(self, pictures: Sequence[Path] = (), shown: bool = True) -> None:
        """Show the window, then load the model: one can look and type meanwhile."""
        self.capture.start()
        if shown:
            self.window.show()
            self._begin(pictures)

    @Slot()
    def come_forward(self, pictures: Sequence[Path] = ()) -> None:
        """Bring the window to the front, with pictures where there are any."""
        if self.window.isVisible():
            minimized = Qt.WindowState.WindowMinimized
            self.window.setWindowState(self.window.windowState() & ~minimized)
            self.window.raise_()
        else:
            self.window.show()
        self.window.activateWindow()
        self._begin(pictures)

    def _begin(self, pictures: Sequence[Path]) -> None:
        """A model is loaded once somebody looks."""
        if pictures:
            self.window.pictures.open(list(pictures))
        if not self._begun:
            self._begun = True
            self.models.offer()
            QTimer.singleShot(0, self, self._load)

    def shutdown(self) -> None:
        """Wait until the engine has let go; nothing is killed."""
        self.capture.shutdown()
        self.recorder.close()
        self.keeper.shutdown()  # what has arrived of a model is kept
        self.server.shutdown()
        self.settings.shutdown()
        self.conversation.shutdown()
        self.language.shutdown()

    def report(self, error: BaseException) -> None:
        """A fault on the window's own thread."""
        self.window.show_notice(notices.explain(UnexpectedError.of(error)))

    @Slot()
    def _load(self) -> None:
        self.conversation.use_model(self._choice)

    @Slot()
    def _close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self.tray.hide()
        self.capture.shutdown()
        self._geometry.setValue("geometry", self.window.saveGeometry())
        shown = "shown" if self.window.history.wished else "hidden"
        self._geometry.setValue("history", shown)
        self._geometry.sync()
        self.shutdown()
        self.ended.emit()

    @Slot(object)
    def _follow(self, names: frozenset[str]) -> None:
        """How the program looks follows the settings at once."""
        settings = self.preferences.settings
        if "idle_minutes" in names:
            self.rest.set_minutes(settings.idle_minutes)

    @Slot(str, str)
    def _remember_server(self, address: str, model: str) -> None:
        self.preferences.set(server=address, server_model=model)

    @Slot(str)
    def _remember_folder(self, folder: str) -> None:
        self.preferences.set(picture_folder=folder)

    @Slot(str)
    def _remember_source(self, source: str) -> None:
        self.preferences.set(model_source=source)

    @Slot(bool)
    def _remember_keeping(self, keeping: bool) -> None:
        self.preferences.set(history="keep" if keeping else "off")
