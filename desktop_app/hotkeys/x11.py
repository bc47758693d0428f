"""Hotkeys on X11: passive grabs on the root window, by libxcb, which Qt needs there anyway."""

from __future__ import annotations

import ctypes
import sys
from ctypes import POINTER, c_char_p, c_int, c_uint, c_uint8, c_uint16, c_uint32, c_void_p
from itertools import combinations
from typing import Any

from PySide6.QtCore import QObject, QSocketNotifier, Slot

from desktop_app.hotkeys.grabber import Pressed, Taken, Unsupported
from desktop_app.hotkeys.keys import X_KEYSYMS, Combination, x_mask

KEY_PRESS, MAPPING_CHANGED = 2, 34
BAD_ACCESS = 10
ASYNCHRONOUS = 1
CAPS_LOCK, NUM_LOCK_KEYSYM = 2, 0xFF7F
ALL_MODIFIERS = 0xFF


class _Cookie(ctypes.Structure):
    _fields_ = (("sequence", c_uint),)


class _Screens(ctypes.Structure):
    _fields_ = (("first", POINTER(c_uint32)), ("left", c_int), ("index", c_int))


def ignored(num_lock: int) -> tuple[int, ...]:
    """Every state of Caps Lock and Num Lock, which must not keep a key from working."""
    locks = {CAPS_LOCK, num_lock} - {0}
    chosen = [sum(some) for count in range(len(locks) + 1) for some in combinations(locks, count)]
    return tuple(sorted(chosen))


def modifier_of(keycodes: bytes, per_modifier: int, wanted: set[int]) -> int:
    """The mask of the modifier that some key codes stand for, 0 where there is none."""
    for number in range(8):
        row = keycodes[number * per_modifier : (number + 1) * per_modifier]
        if wanted & {code for code in row if code}:
            return 1 << number
    return 0


def press_in(event: bytes) -> tuple[int, int]:
    """The key code and the modifiers of a KeyPress, as it lies in memory."""
    state = int.from_bytes(event[28:30], sys.byteorder)
    return event[1], state & ALL_MODIFIERS


class XGrabber(QObject):
    """A connection of its own to the X server, read on the window's thread as events come."""

    asks = False

    def __init__(self, pressed: Pressed) -> None:
        """Raises Unsupported where the server or the libraries are missing."""
        super().__init__()
        self._pressed = pressed
        self._held: dict[str, tuple[Combination, int]] = {}  # with its key code
        self._xcb, self._keysyms = _library("libxcb.so.1"), _library("libxcb-keysyms.so.1")
        self._libc = ctypes.CDLL(None)
        self._declare()
        self._connection = self._xcb.xcb_connect(None, None)
        if self._xcb.xcb_connection_has_error(self._connection):
            self._xcb.xcb_disconnect(self._connection)
            raise Unsupported("no X server")
        screens = self._xcb.xcb_setup_roots_iterator(self._xcb.xcb_get_setup(self._connection))
        self._root = int(screens.first[0])
        self._symbols = self._keysyms.xcb_key_symbols_alloc(self._connection)
        self._num_lock = self._find_num_lock()
        descriptor = self._xcb.xcb_get_file_descriptor(self._connection)
        self._notifier = QSocketNotifier(descriptor, QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._read)

    def grab(self, name: str, combination: Combination) -> None:
        """Have a combination, whatever the locks are. Raises Taken or Unsupported."""
        self.release(name)
        code = self._code_of(X_KEYSYMS[combination.key])
        if not code:
            raise Unsupported(f"this keyboard has no key {combination.key}")
        mask = x_mask(combination)
        done: list[int] = []
        for locks in ignored(self._num_lock):
            if not self._grab(code, mask | locks):
                self._ungrab(code, done)
                raise Taken(str(combination))
            done.append(mask | locks)
        self._held[name] = (combination, code)

    def release(self, name: str) -> None:
        """Give it back."""
        if name in self._held:
            combination, code = self._held.pop(name)
            mask = x_mask(combination)
            self._ungrab(code, [mask | locks for locks in ignored(self._num_lock)])

    def close(self) -> None:
        """Leave the server, which gives everything back."""
        if self._connection:
            self._notifier.setEnabled(False)
            self._keysyms.xcb_key_symbols_free(self._symbols)
            self._xcb.xcb_disconnect(self._connection)
            self._connection, self._held = None, {}

    @Slot()
    def _read(self) -> None:
        while self._connection and (event := self._xcb.xcb_poll_for_event(self._connection)):
            data = ctypes.string_at(event, 32)
            self._libc.free(event)
            self._handle(data)
        if self._connection and self._xcb.xcb_connection_has_error(self._connection):
            self._notifier.setEnabled(False)  # the server is gone

    def _handle(self, data: bytes) -> None:
        kind = data[0] & 0x7F
        if kind == KEY_PRESS:
            code, state = press_in(data)
            state &= ~(CAPS_LOCK | self._num_lock)
            for name, (combination, held) in tuple(self._held.items()):
                if held == code and x_mask(combination) == state:
                    self._pressed(name)
        elif kind == MAPPING_CHANGED:
            self._grab_anew()

    def _grab_anew(self) -> None:
        """The keyboard changed: the same letters may lie elsewhere."""
        held = {name: combination for name, (combination, _) in self._held.items()}
        for name in held:
            self.release(name)
        self._keysyms.xcb_key_symbols_free(self._symbols)
        self._symbols = self._keysyms.xcb_key_symbols_alloc(self._connection)
        self._num_lock = self._find_num_lock()
        for name, combination in held.items():
            try:
                self.grab(name, combination)
            except (Taken, Unsupported):
                continue  # the key works again when the layout is changed back

    def _grab(self, code: int, mask: int) -> bool:
        cookie = self._xcb.xcb_grab_key_checked(
            self._connection, 1, self._root, mask, code, ASYNCHRONOUS, ASYNCHRONOUS
        )
        return self._accepted(cookie)

    def _ungrab(self, code: int, masks: list[int]) -> None:
        for mask in masks:
            self._accepted(
                self._xcb.xcb_ungrab_key_checked(self._connection, code, self._root, mask)
            )

    def _accepted(self, cookie: _Cookie) -> bool:
        error = self._xcb.xcb_request_check(self._connection, cookie)
        if not error:
            return True
        code = ctypes.string_at(error, 2)[1]
        self._libc.free(error)
        if code != BAD_ACCESS:
            raise Unsupported(f"the X server refuses with error {code}")
        return False

    def _codes_of(self, keysym: int) -> list[int]:
        found = self._keysyms.xcb_key_symbols_get_keycode(self._symbols, keysym)
        if not found:
            return []
        codes = list(ctypes.cast(found, c_char_p).value or b"")
        self._libc.free(found)
        return codes

    def _code_of(self, keysym: int) -> int:
        return next(iter(self._codes_of(keysym)), 0)

    def _find_num_lock(self) -> int:
        cookie = self._xcb.xcb_get_modifier_mapping(self._connection)
        reply = self._xcb.xcb_get_modifier_mapping_reply(self._connection, cookie, None)
        if not reply:
            return 0
        per_modifier = ctypes.string_at(reply, 2)[1]
        keycodes = ctypes.string_at(reply, 32 + 8 * per_modifier)[32:]
        self._libc.free(reply)
        return modifier_of(keycodes, per_modifier, set(self._codes_of(NUM_LOCK_KEYSYM)))

    def _declare(self) -> None:
        """Pointers are longer than the int that ctypes would take for granted."""
        address, cookie = c_void_p, _Cookie
        self._libc.free.argtypes = [address]
        for name, result, arguments in (
            ("xcb_connect", address, [c_char_p, address]),
            ("xcb_disconnect", None, [address]),
            ("xcb_connection_has_error", c_int, [address]),
            ("xcb_get_setup", address, [address]),
            ("xcb_setup_roots_iterator", _Screens, [address]),
            ("xcb_get_file_descriptor", c_int, [address]),
            ("xcb_poll_for_event", address, [address]),
            ("xcb_request_check", address, [address, cookie]),
            ("xcb_get_modifier_mapping", cookie, [address]),
            ("xcb_get_modifier_mapping_reply", address, [address, cookie, address]),
            (
                "xcb_grab_key_checked",
                cookie,
                [address, c_uint8, c_uint32, c_uint16, c_uint8, c_uint8, c_uint8],
            ),
            ("xcb_ungrab_key_checked", cookie, [address, c_uint8, c_uint32, c_uint16]),
        ):
            _declare(self._xcb, name, result, arguments)
        for name, result, arguments in (
            ("xcb_key_symbols_alloc", address, [address]),
            ("xcb_key_symbols_free", None, [address]),
            ("xcb_key_symbols_get_keycode", address, [address, c_uint32]),
        ):
            _declare(self._keysyms, name, result, arguments)


def _declare(library: ctypes.CDLL, name: str, result: Any, arguments: list[Any]) -> None:
    function = getattr(library, name)
    function.restype, function.argtypes = result, arguments


def _library(name: str) -> ctypes.CDLL:
    try:
        return ctypes.CDLL(name)
    except OSError as error:
        raise Unsupported(str(error)) from error
