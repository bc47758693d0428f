"""What a system has to be able to do for hotkeys, and which of ours does it here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from desktop_app.capture.backends import Session
from desktop_app.hotkeys.keys import Combination


class Taken(Exception):
    """Another program has the combination."""


class Unsupported(Exception):
    """This system, or this combination on it, cannot be had; the reason is for people."""


Pressed = Callable[[str], None]


class Grabber(Protocol):
    """Has keys for names; ``pressed`` is called on the window's thread."""

    asks: bool  # the desktop decides about the keys, and tells later

    def grab(self, name: str, combination: Combination) -> None:
        """Have a combination. Raises Taken or Unsupported."""

    def release(self, name: str) -> None:
        """Give it back."""

    def close(self) -> None:
        """Give all back."""


class NoGrabber:
    """Where there is no way, or none yet."""

    asks = False

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def grab(self, name: str, combination: Combination) -> None:
        """Cannot be done."""
        raise Unsupported(self._reason)

    def release(self, name: str) -> None:
        """Nothing is held."""

    def close(self) -> None:
        """Nothing is held."""


def grabber_here(pressed: Pressed, platform: str, session: Session) -> Grabber:
    """The way of this system; ``platform`` is Qt's name of it."""
    try:
        return _grabber(pressed, platform, session)
    except Unsupported as error:
        return NoGrabber(str(error))


def _grabber(pressed: Pressed, platform: str, session: Session) -> Grabber:
    if platform == "windows":
        from desktop_app.hotkeys.windows import WindowsGrabber

        return WindowsGrabber(pressed)
    if platform == "cocoa":
        from desktop_app.hotkeys.macos import MacGrabber

        return MacGrabber(pressed)
    if session.system == "linux" and (session.wayland or platform.startswith("wayland")):
        from desktop_app.hotkeys.portal import PortalGrabber

        return PortalGrabber(pressed)
    if platform == "xcb":
        from desktop_app.hotkeys.x11 import XGrabber

        return XGrabber(pressed)
    return NoGrabber("")
