"""Does what second processes ask for, and tells each of them how it ended."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from desktop_app import notices
from desktop_app.commands import exit_codes
from desktop_app.i18n import tr
from desktop_app.instance.messages import Command, Reply, Request
from desktop_app.instance.server import Caller, InstanceServer
from desktop_app.screen_wish import ScreenReader

Show = Callable[[list[Path]], None]


class Callers(QObject):
    """Between the instance server and the parts that can do something."""

    idle = Signal()  # nobody waits any more

    def __init__(
        self,
        server: InstanceServer,
        show: Show,
        reader: ScreenReader | None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._show, self._reader = show, reader
        self._waiting: Caller | None = None
        server.asked.connect(self._serve)
        if reader is not None:
            reader.text_ready.connect(self._read)
            reader.failed.connect(self._fail)
            reader.cancelled.connect(self._give_up)

    @Slot(object, object)
    def _serve(self, request: Request, caller: Caller) -> None:
        if request.activation:
            # where Qt looks for it when a window asks for the front
            os.environ["XDG_ACTIVATION_TOKEN"] = request.activation
        if request.command is Command.OPEN:
            self._show([Path(name) for name in request.pictures])
            self._answer(caller, Reply(exit_codes.OK))
        else:
            self._read_screen(request, caller)

    def _read_screen(self, request: Request, caller: Caller) -> None:
        if self._reader is None:
            problem = tr("The screen cannot be read here.")
            self._answer(caller, Reply(exit_codes.FAILED, problem=problem))
        elif self._waiting is not None:
            problem = tr("The screen is being read for somebody else; try again afterwards.")
            self._answer(caller, Reply(exit_codes.FAILED, problem=problem))
        else:
            self._waiting = caller
            caller.finished.connect(self._left)
            self._reader.read_screen(request.wish)

    @Slot(str)
    def _read(self, text: str) -> None:
        self._close(Reply(exit_codes.OK, text))

    @Slot(object)
    def _fail(self, error: Exception) -> None:
        notice = notices.explain(error)
        words = f"{notice.title}. {notice.body}".strip()
        self._close(Reply(exit_codes.FAILED, problem=words))

    @Slot()
    def _give_up(self) -> None:
        self._close(Reply(exit_codes.INTERRUPTED))

    def _close(self, reply: Reply) -> None:
        if self._waiting is not None:
            caller, self._waiting = self._waiting, None
            self._answer(caller, reply)

    def _answer(self, caller: Caller, reply: Reply) -> None:
        caller.reply(reply)
        self.idle.emit()

    @Slot()
    def _left(self) -> None:
        """The second process has gone before its reply."""
        if self.sender() is self._waiting:
            self._waiting = None
            self.idle.emit()
