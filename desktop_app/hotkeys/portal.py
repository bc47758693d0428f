"""Hotkeys on Wayland: the GlobalShortcuts portal, where the desktop and the person decide."""

from __future__ import annotations

import importlib.util
import logging
import socket
from typing import Any

from PySide6.QtCore import QObject, Qt, QThread, QTimer, Signal, Slot

from desktop_app.desktop_portal import Options, Portal, PortalError, token
from desktop_app.hotkeys.grabber import Pressed, Unsupported
from desktop_app.hotkeys.keys import Combination, portal_trigger

LOG = logging.getLogger(__name__)
INTERFACE = "GlobalShortcuts"
DECIDE_WITHIN = 300  # seconds that a person may look at the desktop's question

Wanted = tuple[tuple[str, str, str], ...]  # name, description, preferred trigger


def shortcuts_argument(wanted: Wanted) -> list[tuple[str, Options]]:
    """The shortcuts as BindShortcuts takes them."""
    return [
        (name, {"description": ("s", words), "preferred_trigger": ("s", trigger)})
        for name, words, trigger in wanted
    ]


def triggers_in(results: Options) -> dict[str, str]:
    """What the desktop bound: the keys of each name, in the desktop's words."""
    _, shortcuts = results.get("shortcuts", ("a(sa{sv})", []))
    return {
        name: str(dict(about).get("trigger_description", ("s", ""))[1]) for name, about in shortcuts
    }


class _Listening(QThread):
    """Binds all shortcuts once, then waits for them; ends when its connection is closed."""

    activated = Signal(str)
    bound = Signal(object)  # the keys of each name
    refused = Signal(str)

    def __init__(self, wanted: Wanted) -> None:
        super().__init__()
        self.setObjectName("hotkeys")
        self._wanted = wanted
        self._portal: Portal | None = None
        self._ended = False

    def run(self) -> None:
        try:
            self._portal = Portal()
            if self._portal.version(INTERFACE):
                self._listen(self._portal)
            else:
                self.refused.emit("the desktop has no portal for hotkeys")
        except PortalError as error:
            if not self._ended:
                self.refused.emit(str(error))
        except (OSError, ValueError) as error:  # the connection was closed under it
            LOG.debug("hotkeys: %s", error)
        finally:
            if self._portal is not None:
                self._portal.close()

    def stop(self) -> None:
        """Close the connection, which ends the waiting."""
        self._ended = True
        if self._portal is not None:
            try:
                self._portal.connection.sock.shutdown(socket.SHUT_RDWR)
            except OSError as error:
                LOG.debug("hotkeys: %s", error)
        self.wait()

    def _listen(self, portal: Portal) -> None:
        rule = portal.listen(INTERFACE, "Activated")
        with portal.connection.filter(rule, bufsize=8) as presses:
            options: Options = {"session_handle_token": ("s", token())}
            created = portal.request(INTERFACE, "CreateSession", "", (), options, 30)
            session = str(created["session_handle"][1])
            arguments = (session, shortcuts_argument(self._wanted), "")
            bound = portal.request(
                INTERFACE, "BindShortcuts", "oa(sa{sv})s", arguments, {}, DECIDE_WITHIN
            )
            self.bound.emit(triggers_in(bound))
            while not self._ended:
                handle, name, *_ = portal.connection.recv_until_filtered(presses).body
                if handle == session:
                    self.activated.emit(name)


class PortalGrabber(QObject):
    """Gathers what is wanted, then asks the desktop once: each asking may open a dialog."""

    asks = True
    bound = Signal(object)  # the keys of each name, in the desktop's words
    refused = Signal(str)

    def __init__(self, pressed: Pressed, describe: Any = str) -> None:
        """Raises Unsupported where the D-Bus library is missing."""
        super().__init__()
        if importlib.util.find_spec("jeepney") is None:
            raise Unsupported("jeepney")
        self.describe = describe
        self._pressed = pressed
        self._wanted: dict[str, str] = {}
        self._listening: _Listening | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._ask)

    def grab(self, name: str, combination: Combination) -> None:
        """Wish for a combination; ``bound`` says later what became of it."""
        self._wanted[name] = portal_trigger(combination)
        self._timer.start(0)

    def release(self, name: str) -> None:
        """Wish for it no more."""
        if self._wanted.pop(name, None) is not None:
            self._timer.start(0)

    def close(self) -> None:
        """Leave the bus, which ends the session."""
        self._timer.stop()
        listening, self._listening = self._listening, None
        if listening is not None:
            listening.stop()

    @Slot()
    def _ask(self) -> None:
        self.close()
        if not self._wanted:
            return
        wanted = tuple((name, self.describe(name), keys) for name, keys in self._wanted.items())
        self._listening = _Listening(wanted)
        queued = Qt.ConnectionType.QueuedConnection
        self._listening.activated.connect(self._press, queued)
        self._listening.bound.connect(self.bound, queued)
        self._listening.refused.connect(self.refused, queued)
        self._listening.start()

    @Slot(str)
    def _press(self, name: str) -> None:
        if name in self._wanted:
            self._pressed(name)
