"""The one place where the parts of the window are made, connected and taken apart again."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, QSettings, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFont, QFontDatabase, QFontInfo, QIcon
from PySide6.QtWidgets import QApplication

from desktop_app import logs, notices
from desktop_app.callers import Callers
from desktop_app.capture_desk import CaptureDesk
from desktop_app.commands import exit_codes
from desktop_app.commands.session import chosen_model
from desktop_app.conversation import Conversation
from desktop_app.exchange import ModelChoice
from desktop_app.idle_rest import IdleRest
from desktop_app.instance.client import send, server_name
from desktop_app.instance.messages import Command, Request
from desktop_app.screen_reading import ScreenReading
from desktop_app.instance.server import InstanceServer
from desktop_app.jobs import UnexpectedError
from desktop_app.language import Language
from desktop_app.models_desk import ModelsDesk, make_keeper
from desktop_app.paths import Paths, model_folder, resource
from desktop_app.picture_reader import PictureReader
from desktop_app.preferences import Preferences
from desktop_app.recorder import Recorder
from desktop_app.remote_settings import Keys
from desktop_app.screen_wish import ScreenReader
from desktop_app.server_desk import ServerDesk, server_choice
from desktop_app.settings import Settings
from desktop_app.theme import Theme
from desktop_app.ui.main_window import MainWindow
from desktop_app.worker import EngineFactory, EngineMaker, EngineWorker

LOG = logging.getLogger(__name__)
UNHEARD_MS = 60_000  # a program that was started for one wish leaves when none comes
CHINESE_FONTS = (
    "PingFang SC",
    "Microsoft YaHei UI",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
)


@dataclass(frozen=True, slots=True)
class Start:
    """How the program is started."""

    model: str = "auto"
    device: str = "auto"
    precision: str = "auto"
    pictures: tuple[Path, ...] = ()
    background: bool = False  # without a window
    until_answered: bool = False  # for the wish of one second process


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
        self._begun = False
        self.preferences = Preferences(paths.config / "settings.json", self)
        settings = self.preferences.settings
        self._geometry = QSettings(
            str(paths.config / "window.ini"), QSettings.Format.IniFormat, self
        )
        self.language = Language(application, settings.language)
        self.theme = Theme(application, settings.theme, settings.font_scale)
        keys = Keys()
        self.worker = EngineWorker(make_engine or EngineMaker(keys))
        self.conversation = Conversation(self.worker, PictureReader())
        keeping = settings.history == "keep"
        self.recorder = Recorder(self.conversation, paths.data / "history.sqlite", keeping)
        self.window = MainWindow(
            self.theme, self.conversation, self.recorder, settings.picture_folder
        )
        self.recorder.keeping_changed.connect(self._remember_keeping)
        self._open_history()
        reading = ScreenReading(self.conversation, self.worker, self.preferences, paths)
        reading.model_wished.connect(self._load)
        self.capture = CaptureDesk(
            self.theme, self.window, self.conversation, self.preferences, reading
        )
        self.capture.window_wished.connect(self.come_forward)
        self.window.rebuilt.connect(self.capture.listen_to_menu)
        self.screen_reader = self.capture
        self._bring_models(paths, keys)
        self.preferences.changed.connect(self._follow)
        for words_or_size in (self.language.changed, self.theme.scale_changed):
            words_or_size.connect(self.window.rebuild)
        self.window.folder_used.connect(self._remember_folder)
        self.window.closed.connect(self._close)
        geometry = self._geometry.value("geometry")
        if geometry:
            self.window.restoreGeometry(geometry)

    def _bring_models(self, paths: Paths, keys: Keys) -> None:
        """The full model, a model on a server, and the rest of one that nobody asks."""
        settings = self.preferences.settings
        self.keeper = make_keeper(paths, settings.model_source)
        self.keeper.source_changed.connect(self._remember_source)
        self.models = ModelsDesk(self.theme, self.window, self.conversation, self.keeper, paths)
        self.server = ServerDesk(self.theme, self.window, self.conversation, keys, settings)
        self.server.server_changed.connect(self._remember_server)
        self.server.local_wished.connect(self.models.use_best)
        self.models.server_wished.connect(self.server.show_page)
        self.models.used_here.connect(self._forget_server)
        self.rest = IdleRest(self.conversation, settings.idle_minutes)

    def _open_history(self) -> None:
        self.recorder.open(int(self.preferences.settings.history_days))
        wished = self._geometry.value("history")
        if wished is None:  # an empty panel helps nobody
            wished = "shown" if self.recorder.summaries(1) else "hidden"
        self.window.history.show_wished(wished == "shown")

    def start(self, pictures: Sequence[Path] = (), shown: bool = True) -> None:
        """Show the window, then load the model: one can look and type meanwhile."""
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
            self.conversation.open_pictures(list(pictures))
        if not self._begun:
            self._begun = True
            self.models.offer()
        self.capture.start()
            QTimer.singleShot(0, self, self._load)

    @Slot()
    def leave_if_hidden(self) -> None:
        """End a program that nobody can see."""
        if not self.window.isVisible():
            self._close()

    def shutdown(self) -> None:
        """Wait until the engine has let go; nothing is killed."""
        self.recorder.close()
        self.keeper.shutdown()  # what has arrived of a model is kept
        self.server.shutdown()
        self.conversation.shutdown()

    def report(self, error: BaseException) -> None:
        """A fault on the window's own thread."""
        self.window.show_notice(notices.explain(UnexpectedError.of(error)))

    @Slot()
    def _load(self) -> None:
        self.conversation.use_model(self._choice)

    @Slot()
    def _close(self) -> None:
        self.capture.shutdown()
        self._geometry.setValue("geometry", self.window.saveGeometry())
        shown = "shown" if self.window.history.wished else "hidden"
        self._geometry.setValue("history", shown)
        self._geometry.sync()
        self.shutdown()
        self.ended.emit()

        self.capture.shutdown()
    @Slot(object)
    def _follow(self, names: frozenset[str]) -> None:
        """How the program looks follows the settings at once."""
        settings = self.preferences.settings
        if "theme" in names:
            self.theme.use(settings.theme)
        if "font_scale" in names:
            self.theme.use_scale(settings.font_scale)
        if "language" in names:
            self.language.use(settings.language)
        if "idle_minutes" in names:
            self.rest.set_minutes(settings.idle_minutes)

    @Slot(str, str)
    def _remember_server(self, address: str, model: str) -> None:
        self.preferences.set(server=address, server_model=model)

    @Slot()
    def _forget_server(self) -> None:
        self._remember_server("", "")

    @Slot(str)
    def _remember_folder(self, folder: str) -> None:
        self.preferences.set(picture_folder=folder)

    @Slot(str)
    def _remember_source(self, source: str) -> None:
        self.preferences.set(model_source=source)

    @Slot(bool)
    def _remember_keeping(self, keeping: bool) -> None:
        self.preferences.set(history="keep" if keeping else "off")


def run(start: Start) -> int:
    """Run until the person ends it; the exit code.

    That a window can be shown is for the caller to find out, before Qt is loaded.
    """
    paths = Paths.for_user()
    logs.start(paths.logs)
    application = make_application()
    server = InstanceServer(server_name(paths), paths.data / "instance.lock")
    if not server.claim():  # another one was faster
        send(server_name(paths), Request(Command.OPEN, tuple(map(str, start.pictures))))
        return exit_codes.OK
    name = chosen_model(start.model)
    choice = ModelChoice(name, model_folder(name, paths), start.device, start.precision)
    if start.model == "auto":
        choice = server_choice(Settings.load(paths.config / "settings.json")) or choice
    desktop = Desktop(application, paths, choice)
    _catch_faults(desktop)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl+C in the terminal ends the program
    callers = Callers(server, desktop.come_forward, desktop.screen_reader, desktop)
    if start.until_answered:
        callers.idle.connect(desktop.leave_if_hidden)
        QTimer.singleShot(UNHEARD_MS, callers, callers.check_idle)
    desktop.ended.connect(application.quit)
    desktop.start(start.pictures, shown=not start.background)
    code = application.exec()
    server.close()
    desktop.shutdown()
    return code


def make_application() -> QApplication:
    """Qt with our name, icon and language."""
    application = QApplication(sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)  # the overlay of a capture is no last window
    application.setApplicationName("minicpmv")
    application.setApplicationDisplayName("MiniCPM-V")
    application.setDesktopFileName("minicpmv")
    application.setWindowIcon(QIcon(str(resource("icons/application.svg"))))
    application.setFont(with_chinese(application.font()))
    return application


def with_chinese(font: QFont) -> QFont:
    """The system's font, with one that draws Chinese as it is written in China behind it."""
    made = QFont(font)
    known = set(QFontDatabase.families())
    made.setFamilies([QFontInfo(font).family(), *(name for name in CHINESE_FONTS if name in known)])
    return made


def _catch_faults(desktop: Desktop) -> None:
    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        LOG.error("on the window's thread", exc_info=(kind, error, trace))
        desktop.report(error)

    sys.excepthook = hook
