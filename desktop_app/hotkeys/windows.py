"""Hotkeys on Windows: RegisterHotKey, and a filter for the message that it sends."""

from __future__ import annotations

import ctypes
import sys
from ctypes import wintypes
from typing import Any

from PySide6.QtCore import QAbstractNativeEventFilter, QByteArray, QCoreApplication

from desktop_app.hotkeys.grabber import Pressed, Taken, Unsupported
from desktop_app.hotkeys.keys import WINDOWS_KEYS, Combination, windows_mask

HOTKEY_MESSAGE = 0x0312
ALREADY_REGISTERED = 1409
Kind = QByteArray | bytes | bytearray | memoryview
KINDS = (b"windows_generic_MSG", b"windows_dispatcher_MSG")


def number_in(kind: bytes, message: wintypes.MSG) -> int | None:
    """The number of the hotkey that a message is about."""
    if kind in KINDS and message.message == HOTKEY_MESSAGE:
        return int(message.wParam)
    return None


class WindowsGrabber(QAbstractNativeEventFilter):
    """Its messages come to the queue of the window's thread."""

    asks = False

    def __init__(self, pressed: Pressed, user32: Any = None) -> None:
        """Raises Unsupported on another system."""
        super().__init__()
        self._pressed = pressed
        self._numbers: dict[str, int] = {}
        self._last = 0
        self._user32 = user32 or _user32()
        application = QCoreApplication.instance()
        if application is not None:
            application.installNativeEventFilter(self)

    def grab(self, name: str, combination: Combination) -> None:
        """Have a combination. Raises Taken or Unsupported."""
        self.release(name)
        key = WINDOWS_KEYS.get(combination.key)
        if key is None:
            raise Unsupported(f"Windows has no key {combination.key}")
        self._last += 1
        if not self._user32.RegisterHotKey(None, self._last, windows_mask(combination), key):
            code = _last_error()
            if code == ALREADY_REGISTERED:
                raise Taken(str(combination))
            raise Unsupported(f"Windows refuses with error {code}")
        self._numbers[name] = self._last

    def release(self, name: str) -> None:
        """Give it back."""
        number = self._numbers.pop(name, None)
        if number is not None:
            self._user32.UnregisterHotKey(None, number)

    def close(self) -> None:
        """Give all back."""
        for name in tuple(self._numbers):
            self.release(name)
        application = QCoreApplication.instance()
        if application is not None:
            application.removeNativeEventFilter(self)

    def nativeEventFilter(self, kind: Kind, message: int) -> tuple[bool, int]:
        """Looks at every message of the thread; keeps those that are ours."""
        data = bytes(kind.data()) if isinstance(kind, QByteArray) else bytes(kind)
        if data not in KINDS:
            return False, 0
        number = number_in(data, wintypes.MSG.from_address(int(message)))
        for name, own in self._numbers.items():
            if own == number:
                self._pressed(name)
                return True, 0
        return False, 0


def _user32() -> Any:
    if sys.platform == "win32":
        library = ctypes.WinDLL("user32", use_last_error=True)
        library.RegisterHotKey.argtypes = [
            wintypes.HWND,
            ctypes.c_int,
            wintypes.UINT,
            wintypes.UINT,
        ]
        library.UnregisterHotKey.argtypes = [wintypes.HWND, ctypes.c_int]
        return library
    raise Unsupported("this is not Windows")


def _last_error() -> int:
    if sys.platform == "win32":
        return ctypes.get_last_error()
    return ALREADY_REGISTERED
