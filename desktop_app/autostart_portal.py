"""Starting with the computer from inside a sandbox: only the desktop's portal can allow it."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Sequence
from pathlib import Path

from desktop_app.autostart import AutostartError
from desktop_app.desktop_portal import Options, Portal, PortalError
from desktop_app.i18n import tr

INTERFACE = "Background"
ANSWER_WITHIN = 120  # seconds that a person may look at the desktop's question


class AutostartPortal:
    """Asks the desktop, which keeps the entry itself; what it said last is noted in a file."""

    asks = True

    def __init__(self, command: Sequence[str], note: Path) -> None:
        self._command = list(command)
        self._note = note
        self._portal: Portal | None = None

    def is_on(self) -> bool:
        """What the desktop said last: there is no way to look."""
        return self._note.is_file()

    def switch(self, on: bool) -> None:
        """Ask, and wait as long as a person thinks. Raises AutostartError."""
        try:
            with contextlib.closing(Portal()) as self._portal:
                allowed = self._ask(self._portal, on)
        except PortalError as error:
            raise AutostartError(_reason(error)) from error
        except (OSError, ValueError) as error:  # the connection was closed under it
            raise AutostartError(str(error)) from error
        finally:
            self._portal = None
        self._write_down(allowed)
        if allowed is not on:
            raise AutostartError(tr("the desktop did not allow it"))

    def give_up(self) -> None:
        """Close the connection, which ends the waiting on another thread."""
        portal = self._portal
        if portal is not None:
            with contextlib.suppress(OSError):
                portal.connection.sock.shutdown(socket.SHUT_RDWR)

    def _ask(self, portal: Portal, on: bool) -> bool:
        if not portal.version(INTERFACE):
            raise AutostartError(tr("in a sandbox, the settings of the desktop decide it"))
        options: Options = {
            "reason": ("s", tr("So that its hotkeys work as soon as you log in.")),
            "autostart": ("b", on),
            "commandline": ("as", self._command),
            "dbus-activatable": ("b", False),
        }
        results = portal.request(INTERFACE, "RequestBackground", "s", ("",), options, ANSWER_WITHIN)
        return bool(results.get("autostart", ("b", False))[1])

    def _write_down(self, on: bool) -> None:
        with contextlib.suppress(OSError):  # then the switch only shows it wrongly next time
            if on:
                self._note.parent.mkdir(parents=True, exist_ok=True)
                self._note.touch()
            else:
                self._note.unlink(missing_ok=True)


def _reason(error: PortalError) -> str:
    if error.cancelled:
        return tr("the desktop did not allow it")
    return tr("the desktop does not answer") if error.silent else str(error)
