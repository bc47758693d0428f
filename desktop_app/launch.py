"""From the start of the program to its end: one instance, one Desktop, one event loop."""

from __future__ import annotations

import logging
import signal
import sys
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from desktop_app import app, logs
from desktop_app.application import make_application
from desktop_app.callers import Callers
from desktop_app.commands import exit_codes
from desktop_app.instance.client import send, server_name
from desktop_app.instance.messages import Command, Request
from desktop_app.instance.server import InstanceServer
from desktop_app.model_settings import choice_of
from desktop_app.paths import Paths
from desktop_app.remote_settings import server_choice
from desktop_app.settings import Settings

LOG = logging.getLogger(__name__)
LOOK_MS = 60_000  # a program that was started for one wish looks so often whether it may leave


@dataclass(frozen=True, slots=True)
class Start:
    """How the program is started."""

    model: str = "auto"
    device: str = "auto"
    precision: str = "auto"
    pictures: tuple[Path, ...] = ()
    background: bool = False  # without a window
    until_answered: bool = False  # for the wish of one second process

    def over(self, settings: Settings) -> Settings:
        """The settings, with what was said at the start in place of them."""
        said = {name: getattr(self, name) for name in ("model", "device", "precision")}
        return replace(settings, **{name: it for name, it in said.items() if it != "auto"})


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
    settings = start.over(Settings.load(paths.config / "settings.json"))
    choice = choice_of(settings, paths)
    if start.model == "auto":
        choice = server_choice(settings) or choice
    desktop = app.Desktop(application, paths, choice)
    _catch_faults(desktop)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl+C in the terminal ends the program
    Callers(server, desktop.come_forward, desktop.screen_reader, desktop)
    if start.until_answered:
        look = QTimer(desktop)
        look.timeout.connect(partial(_leave_if_done, desktop, server))
        look.start(LOOK_MS)
    desktop.ended.connect(application.quit)
    if not start.until_answered:
        desktop.tray.allow()
    unseen = start.background and (start.until_answered or desktop.tray.in_use)
    desktop.start(start.pictures, shown=not unseen)
    code = application.exec()
    server.close()
    desktop.shutdown()
    return code


def _leave_if_done(desktop: app.Desktop, server: InstanceServer) -> None:
    """Leave once nobody waits or looks, and what was copied can no longer be lost by it."""
    seen = any(widget.isVisible() for widget in QApplication.topLevelWidgets())
    if not server.busy and not seen and not QApplication.clipboard().ownsClipboard():
        desktop.quit()


def _catch_faults(desktop: app.Desktop) -> None:
    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        LOG.error("on the window's thread", exc_info=(kind, error, trace))
        desktop.report(error)

    sys.excepthook = hook
