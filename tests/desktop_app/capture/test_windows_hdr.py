"""HDR on Windows, told by a stand-in for its display functions."""

from __future__ import annotations

import ctypes
import struct
import sys
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.app import Desktop
from desktop_app.capture import windows_hdr
from desktop_app.capture.windows_hdr import hdr_here
from tests.desktop_app.capture.conftest import PaintedScreens
from tests.desktop_app.capture.test_overlay import drag, opened
from tests.desktop_app.conftest import Waiter

SDR, SUPPORTED, HDR, WIDE = 0b000, 0b001, 0b011, 0b111


class FakeUser32:
    """Monitors, each with its flags; it writes into memory as Windows does."""

    def __init__(self, *flags: int) -> None:
        self.flags = flags
        self.refuses = 0

    def GetDisplayConfigBufferSizes(self, kind: int, paths: Any, modes: Any) -> int:
        assert kind == 2
        paths._obj.value, modes._obj.value = len(self.flags), 2 * len(self.flags)
        return 0

    def QueryDisplayConfig(
        self, kind: int, paths: Any, room: Any, modes: Any, more: Any, topology: None
    ) -> int:
        for number in range(len(self.flags)):
            source = struct.pack("<QIII", 7, number, 0, 0)
            target = struct.pack("<QI", 9, 100 + number)
            room[number * 72 : (number + 1) * 72] = (source + target).ljust(72, b"\0")
        return self.refuses

    def DisplayConfigGetDeviceInfo(self, asked: Any) -> int:
        kind, size, adapter, target = struct.unpack("<IIQI", asked.raw[:20])
        assert (kind, size, adapter) == (9, 32, 9)
        asked[20:24] = struct.pack("<I", self.flags[target - 100])
        return 0


@pytest.mark.parametrize(
    ("flags", "hdr"),
    [
        ((), False),
        ((SDR,), False),
        ((SUPPORTED, SDR), False),
        ((SDR, HDR), True),
        ((WIDE,), False),
    ],
)
def test_one_monitor_in_hdr_is_enough(flags: tuple[int, ...], hdr: bool) -> None:
    assert hdr_here(FakeUser32(*flags)) is hdr


def test_what_cannot_be_found_out_is_no_hdr() -> None:
    refusing = FakeUser32(HDR)
    refusing.refuses = 122
    assert not hdr_here(refusing)
    assert not hdr_here(object())  # without the functions
    assert (windows_hdr._user32() is None) is (sys.platform != "win32")


def test_the_sizes_are_those_of_windows() -> None:
    class Rational(ctypes.Structure):
        _fields_ = [("numerator", ctypes.c_uint32), ("denominator", ctypes.c_uint32)]

    class Path(ctypes.Structure):
        """wingdi.h, field by field."""

        _fields_ = [
            ("source_adapter", ctypes.c_uint32 * 2),
            ("source", ctypes.c_uint32),
            ("source_mode", ctypes.c_uint32),
            ("source_status", ctypes.c_uint32),
            ("target_adapter", ctypes.c_uint32 * 2),
            ("target", ctypes.c_uint32),
            ("target_mode", ctypes.c_uint32),
            ("technology", ctypes.c_uint32),
            ("rotation", ctypes.c_uint32),
            ("scaling", ctypes.c_uint32),
            ("refresh", Rational),
            ("order", ctypes.c_uint32),
            ("available", ctypes.c_int32),
            ("target_status", ctypes.c_uint32),
            ("flags", ctypes.c_uint32),
        ]

    assert ctypes.sizeof(Path) == windows_hdr.PATH
    assert Path.target_adapter.offset == windows_hdr.TARGET.start
    assert Path.target_mode.offset == windows_hdr.TARGET.stop


def test_the_overlay_says_it_until_a_region_is_drawn(
    qtbot: QtBot, ready: Desktop, painted: PaintedScreens, until: Waiter
) -> None:
    assert opened(ready, until).hint == ""
    assert ready.capture.chooser is not None
    ready.capture.chooser.cancel()
    ready.capture.hdr = lambda: True
    overlay = opened(ready, until)
    assert "HDR" in overlay.hint
    overlay.grab()
    drag(qtbot, overlay, (140, 90), (240, 140))
    until(lambda: ready.conversation.picture is not None)
