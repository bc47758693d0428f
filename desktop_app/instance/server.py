"""The running program: it listens for second processes and answers each of them once."""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, QTimer, Signal, Slot
from PySide6.QtNetwork import QAbstractSocket, QLocalServer, QLocalSocket

from desktop_app.commands import exit_codes
from desktop_app.instance.client import connect
from desktop_app.instance.messages import (
    LONGEST_REQUEST,
    Accepted,
    BadMessage,
    Frames,
    Reply,
    Request,
    decode_request,
    encode,
)

LOG = logging.getLogger(__name__)
REQUEST_MS = 5000  # a caller that says nothing is let go
LOCK_MS = 10_000


class Caller(QObject):
    """One second process; ``reply`` is said once, to whoever is still there."""

    asked = Signal(object)  # Request
    finished = Signal()

    def __init__(self, socket: QLocalSocket, parent: QObject) -> None:
        super().__init__(parent)
        self._socket = socket
        self._frames = Frames(LONGEST_REQUEST)
        self._heard = self._replied = False
        socket.setParent(self)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self._hang_up)
        self._patience.start(REQUEST_MS)
        socket.readyRead.connect(self._read)
        socket.disconnected.connect(self._gone)

    def reply(self, reply: Reply) -> None:
        """Say how it ended and hang up."""
        if not self._replied:
            self._replied = True
            self._socket.write(encode(reply))
            self._socket.disconnectFromServer()  # after all has been written
            self.finished.emit()

    @Slot()
    def _read(self) -> None:
        data = bytes(self._socket.readAll().data())
        if self._heard:
            return  # one wish a call
        try:
            for message in self._frames.feed(data)[:1]:
                request = decode_request(message)
                self._heard = True
                self._patience.stop()
                self._socket.write(encode(Accepted()))
                self.asked.emit(request)
        except BadMessage as error:
            LOG.warning("a second process said: %s", error)
            self._heard = True
            self.reply(Reply(exit_codes.USAGE, problem=str(error)))

    @Slot()
    def _hang_up(self) -> None:
        self._socket.abort()

    @Slot()
    def _gone(self) -> None:
        if not self._replied:
            self._replied = True
            self.finished.emit()
        self.deleteLater()


class InstanceServer(QObject):
    """Takes the one place that there is for each person, or finds it taken."""

    asked = Signal(object, object)  # Request, Caller

    def __init__(self, name: str, lock: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._lock = lock
        self._callers = 0
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._welcome)

    @property
    def busy(self) -> bool:
        """Whether somebody waits for a reply."""
        return self._callers > 0

    def claim(self) -> bool:
        """Listen, unless another program does; a name left behind by a crash is taken over.

        The lock is held for this moment only: it keeps two that start together from each taking
        the other's name for a stale one.
        """
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        lock = QLockFile(str(self._lock))
        if not lock.tryLock(LOCK_MS):
            LOG.warning("no lock at %s", self._lock)
        try:
            return connect(self._name) is None and self._listen()
        finally:
            lock.unlock()

    def _listen(self) -> bool:
        if self._server.listen(self._name):
            return True
        if self._server.serverError() == QAbstractSocket.SocketError.AddressInUseError:
            QLocalServer.removeServer(self._name)
            if self._server.listen(self._name):
                return True
        LOG.error("cannot listen: %s", self._server.errorString())
        return True  # alone and deaf is better than no program at all

    def close(self) -> None:
        """Hear nobody any more."""
        self._server.close()

    @Slot()
    def _welcome(self) -> None:
        while self._server.hasPendingConnections():
            caller = Caller(self._server.nextPendingConnection(), self)
            self._callers += 1
            caller.asked.connect(self._pass_on)
            caller.finished.connect(self._done)

    @Slot(object)
    def _pass_on(self, request: Request) -> None:
        self.asked.emit(request, self.sender())

    @Slot()
    def _done(self) -> None:
        self._callers -= 1
