"""The desktop's own screenshot service, by its portal: what Wayland desktops let programs use."""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from PySide6.QtGui import QImage

from desktop_app.capture.backends import Session
from desktop_app.capture.errors import Fault, GrabError
from desktop_app.capture.frames import Frame, split
from desktop_app.capture.geometry import Screen
from desktop_app.desktop_portal import Options, Portal, PortalError

ANSWER_WITHIN = 60  # seconds: the first time, a person is asked
PARENT = "wayland:"  # GNOME refuses an empty one; our windows are hidden, so there is no handle


class PortalBackend:
    """Asks for a picture of the whole desktop and cuts it into monitors."""

    name = "desktop portal"

    def compatible(self, session: Session) -> bool:
        """Linux; on X11 it is the second choice."""
        return session.system == "linux"

    def missing(self) -> str:
        """The D-Bus library, which comes with the program on Linux."""
        return "" if importlib.util.find_spec("jeepney") else "jeepney"

    def grab(self, screens: Sequence[Screen]) -> tuple[Frame, ...]:
        """One frame a monitor."""
        picture = _picture_at(_ask())
        return split(picture.convertToFormat(QImage.Format.Format_RGB32), screens)


def _ask() -> Path:
    """The file that the portal wrote."""
    options: Options = {"interactive": ("b", False), "modal": ("b", False)}
    try:
        portal = Portal()
        with contextlib.closing(portal):
            results = portal.request(
                "Screenshot", "Screenshot", "s", (PARENT,), options, ANSWER_WITHIN
            )
    except PortalError as error:
        raise GrabError(_fault(error), str(error)) from error
    return file_of(results.get("uri"))


def _fault(error: PortalError) -> Fault:
    if error.cancelled:
        return Fault.DENIED
    return Fault.NO_ANSWER if error.silent else Fault.BROKEN


def file_of(uri: Any) -> Path:
    """The path in the portal's answer. Raises GrabError where there is none."""
    if uri is None or urlparse(uri[1]).scheme != "file":
        raise GrabError(Fault.BROKEN, "the portal named no file")
    return Path(unquote(urlparse(uri[1]).path))


def _picture_at(file: Path) -> QImage:
    """Read the picture, and leave no copy of the screen in the person's folder."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise GrabError(Fault.BROKEN, error.strerror or str(error)) from error
    with contextlib.suppress(OSError):
        file.unlink()
    return QImage.fromData(data)
