"""Whether a window can be shown at all, found out before Qt is loaded: Qt ends the process."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from desktop_app.i18n import tr


def display_problem(environment: Mapping[str, str] = os.environ) -> str | None:
    """Why no window can be shown here and what to do instead, or None where one can."""
    if not sys.platform.startswith("linux"):
        return None
    wanted = environment.get("QT_QPA_PLATFORM", "").split(";")[0].split(":")[0]
    if not wanted:
        wanted = _session(environment)
    if not wanted:
        return _advice(tr("There is no display here, so no window can be shown."))
    library = _missing_library(wanted)
    if library:
        return _advice(
            tr("The window needs a system library that is missing: {library}").format(
                library=library
            )
        )
    return None


def _session(environment: Mapping[str, str]) -> str:
    """The Qt platform of a display that answers, or nothing."""
    if _wayland_answers(environment):
        return "wayland"
    return "xcb" if environment.get("DISPLAY") and _x_answers(environment["DISPLAY"]) else ""


def _wayland_answers(environment: Mapping[str, str]) -> bool:
    name = environment.get("WAYLAND_DISPLAY")
    return bool(name) and Path(environment.get("XDG_RUNTIME_DIR", "/"), name or "").exists()


def _x_answers(display: str) -> bool:
    """Whether an X server takes the connection that Qt would ask for."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # the plug-in will name the library
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(display.encode(), None)
    failed = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return not failed


def _missing_library(platform: str) -> str:
    """What the dynamic linker misses when it loads Qt's platform plug-in."""
    package = importlib.util.find_spec("PySide6")
    if package is None or not package.submodule_search_locations:
        return "PySide6"
    folder = Path(package.submodule_search_locations[0]) / "Qt" / "plugins" / "platforms"
    plugin = folder / f"libq{platform}.so"
    if not plugin.exists():
        return ""  # a Qt of the system: let it speak for itself
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        return str(error).split(":")[0]
    return ""


def _advice(reason: str) -> str:
    ask = tr("Ask from the command line instead: {command}").format(
        command='minicpmv ask PICTURE -q "What is written here?"'
    )
    return f"{reason}\n{ask}"
