"""The right to record the screen, which macOS gives a program once, from its next start on."""

from __future__ import annotations

import ctypes
import sys

from desktop_app.capture.errors import Fault, GrabError

CORE_GRAPHICS = "/System/Library/Frameworks/CoreGraphics.framework/CoreGraphics"
SETTINGS_PAGE = "x-apple.systempreferences:com.apple.preference.security?Privacy_ScreenCapture"


def granted() -> bool:
    """Whether this program may see other windows; asking does not make the system ask anyone."""
    return _ask("CGPreflightScreenCaptureAccess")


def request() -> bool:
    """Have the system ask the person, which it does once; True where the right is there already."""
    return _ask("CGRequestScreenCaptureAccess")


def require() -> None:
    """Raises GrabError where the right is missing: the picture would only show the wallpaper."""
    if not granted() and not request():
        raise GrabError(Fault.NO_PERMISSION)


def _ask(function: str) -> bool:
    if sys.platform == "darwin":
        try:
            ask = getattr(ctypes.CDLL(CORE_GRAPHICS), function)
        except (OSError, AttributeError):  # before macOS 10.15 there was no such right
            return True
        ask.restype = ctypes.c_bool
        return bool(ask())
    return True
