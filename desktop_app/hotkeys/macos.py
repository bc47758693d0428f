"""Hotkeys on macOS: Carbon's RegisterEventHotKey, which needs no right to watch the keyboard."""

from __future__ import annotations

import ctypes
import sys
from ctypes import POINTER, byref, c_int32, c_uint32, c_ulong, c_void_p
from typing import Any

from desktop_app.hotkeys.grabber import Pressed, Taken, Unsupported
from desktop_app.hotkeys.keys import MAC_KEYS, Combination, mac_mask

CARBON = "/System/Library/Frameworks/Carbon.framework/Carbon"
EXISTS = -9878
HOTKEY_PRESSED = 5


def four_characters(text: str) -> int:
    """A name as Carbon packs it: four letters in a number."""
    return int.from_bytes(text.encode("ascii"), "big")


KEYBOARD = four_characters("keyb")
DIRECT_OBJECT = four_characters("----")
HOTKEY_ID = four_characters("hkid")
OURS = four_characters("mcpv")


class HotKeyId(ctypes.Structure):
    """By which the system tells hotkeys apart."""

    _fields_ = (("signature", c_uint32), ("number", c_uint32))


class EventKind(ctypes.Structure):
    """What a handler wants to hear of."""

    _fields_ = (("event_class", c_uint32), ("kind", c_uint32))


HANDLER = ctypes.CFUNCTYPE(c_int32, c_void_p, c_void_p, c_void_p)


class MacGrabber:
    """Its handler is called by the main event loop, which Qt runs."""

    asks = False

    def __init__(self, pressed: Pressed, carbon: Any = None) -> None:
        """Raises Unsupported on another system."""
        self._pressed = pressed
        self._held: dict[str, tuple[int, c_void_p]] = {}
        self._last = 0
        self._carbon = carbon or _carbon()
        self._target = self._carbon.GetApplicationEventTarget()
        self._handler = HANDLER(self._handle)  # kept: the system only has its address
        self._installed = c_void_p()
        wanted = EventKind(KEYBOARD, HOTKEY_PRESSED)
        self._carbon.InstallEventHandler(
            self._target, self._handler, 1, byref(wanted), None, byref(self._installed)
        )

    def grab(self, name: str, combination: Combination) -> None:
        """Have a combination. Raises Taken or Unsupported."""
        self.release(name)
        code = MAC_KEYS.get(combination.key)
        if code is None:
            raise Unsupported(f"a Mac has no key {combination.key}")
        self._last += 1
        reference = c_void_p()
        status = self._carbon.RegisterEventHotKey(
            code,
            mac_mask(combination),
            HotKeyId(OURS, self._last),
            self._target,
            0,
            byref(reference),
        )
        if status == EXISTS:
            raise Taken(str(combination))
        if status:
            raise Unsupported(f"macOS refuses with error {status}")
        self._held[name] = (self._last, reference)

    def release(self, name: str) -> None:
        """Give it back."""
        if name in self._held:
            self._carbon.UnregisterEventHotKey(self._held.pop(name)[1])

    def close(self) -> None:
        """Give all back."""
        for name in tuple(self._held):
            self.release(name)
        if self._installed:
            self._carbon.RemoveEventHandler(self._installed)
            self._installed = c_void_p()

    def press(self, pressed: HotKeyId) -> bool:
        """What the system says was pressed; whether it is ours."""
        for name, (number, _) in self._held.items():
            if (pressed.signature, pressed.number) == (OURS, number):
                self._pressed(name)
                return True
        return False

    def _handle(self, call: Any, event: Any, data: Any) -> int:
        pressed = HotKeyId()
        self._carbon.GetEventParameter(
            event, DIRECT_OBJECT, HOTKEY_ID, None, ctypes.sizeof(pressed), None, byref(pressed)
        )
        return 0 if self.press(pressed) else -9874  # eventNotHandledErr


def _carbon() -> Any:
    if sys.platform == "darwin":
        library = ctypes.CDLL(CARBON)
        library.GetApplicationEventTarget.restype = c_void_p
        library.InstallEventHandler.argtypes = [
            c_void_p,
            HANDLER,
            c_ulong,
            POINTER(EventKind),
            c_void_p,
            POINTER(c_void_p),
        ]
        library.RegisterEventHotKey.argtypes = [
            c_uint32,
            c_uint32,
            HotKeyId,
            c_void_p,
            c_uint32,
            POINTER(c_void_p),
        ]
        library.UnregisterEventHotKey.argtypes = [c_void_p]
        library.RemoveEventHandler.argtypes = [c_void_p]
        library.GetEventParameter.argtypes = [
            c_void_p,
            c_uint32,
            c_uint32,
            c_void_p,
            c_ulong,
            c_void_p,
            c_void_p,
        ]
        return library
    raise Unsupported("this is not macOS")
