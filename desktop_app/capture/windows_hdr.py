"""Whether a monitor shows HDR on Windows, where captures of it come out too bright or pale.

Elsewhere there is nothing to ask: X11 knows no HDR, and macOS and Wayland's compositors hand out
pictures that they have brought to the usual range themselves.
"""

from __future__ import annotations

import ctypes
import logging
import struct
import sys
from collections.abc import Iterator
from typing import Any

LOG = logging.getLogger(__name__)
ACTIVE_PATHS = 2  # QDC_ONLY_ACTIVE_PATHS
PATH, MODE = 72, 64  # bytes of DISPLAYCONFIG_PATH_INFO and DISPLAYCONFIG_MODE_INFO
TARGET = slice(20, 32)  # of a path: the adapter's LUID and the target's number
COLOR_INFO = 9  # DISPLAYCONFIG_DEVICE_INFO_GET_ADVANCED_COLOR_INFO
QUESTION = struct.Struct("<II12sIII")  # type, size, target; flags, encoding, bits
ENABLED, WIDE_ONLY = 0b010, 0b100  # more colours without a greater range are no HDR


def hdr_here(user32: Any = None) -> bool:
    """Whether any monitor does; False where that cannot be found out."""
    user32 = user32 or _user32()
    try:
        return user32 is not None and any(_in_hdr(user32, target) for target in _targets(user32))
    except (AttributeError, OSError, ValueError) as error:  # an older Windows
        LOG.info("HDR: %s", error)
        return False


def _targets(user32: Any) -> Iterator[bytes]:
    """What each picture of the desktop goes to."""
    paths, modes = ctypes.c_uint32(), ctypes.c_uint32()
    sizes = ctypes.byref(paths), ctypes.byref(modes)
    if user32.GetDisplayConfigBufferSizes(ACTIVE_PATHS, *sizes):
        return
    room = ctypes.create_string_buffer(PATH * paths.value or 1)
    more = ctypes.create_string_buffer(MODE * modes.value or 1)
    if user32.QueryDisplayConfig(ACTIVE_PATHS, sizes[0], room, sizes[1], more, None):
        return  # the monitors changed just now
    for number in range(paths.value):
        yield room.raw[number * PATH : (number + 1) * PATH][TARGET]


def _in_hdr(user32: Any, target: bytes) -> bool:
    asked = QUESTION.pack(COLOR_INFO, QUESTION.size, target, 0, 0, 0)
    answer = ctypes.create_string_buffer(asked, QUESTION.size)
    if user32.DisplayConfigGetDeviceInfo(answer):
        return False
    flags = QUESTION.unpack(answer.raw)[3]
    return bool(flags & ENABLED and not flags & WIDE_ONLY)


def _user32() -> Any:
    if sys.platform == "win32":
        return ctypes.WinDLL("user32")
    return None
