"""From the hotkey to the clipboard on a real X server, with the real program and reader."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage

from desktop_app.capture.geometry import Screen
from desktop_app.capture.with_mss import MssBackend
from engine.quick.parts import quick_parts
from tests.desktop_app.capture.display import x_display, xdotool

ON_SCREEN = "tests.desktop_app.capture.on_screen"
ROOT = Path(__file__).resolve().parents[3]
TEXT = "Invoice 2024-117\nPlease pay within 14 days"
KEYS = "super+shift+o"  # the default of Settings.hotkey_ocr
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 is Linux's")


@pytest.fixture
def display() -> Iterator[str]:
    with x_display() as display:
        yield display


@contextmanager
def running(display: str, home: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A program on the display, with folders of its own."""
    own = {f"XDG_{name}_HOME": str(home / name) for name in ("CONFIG", "DATA", "CACHE", "STATE")}
    environment = {**os.environ, **own, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    for name in ("WAYLAND_DISPLAY", "XDG_SESSION_TYPE", "DBUS_SESSION_BUS_ADDRESS"):
        environment.pop(name, None)
    command = [sys.executable, *words]
    with subprocess.Popen(
        command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def showing(display: str, home: Path) -> AbstractContextManager[subprocess.Popen[str]]:
    return running(display, home, "-m", ON_SCREEN, "show", TEXT)


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


def press_until_seen(display: str, title: str, *doing: str) -> None:
    """Do something until a window is there: a program that starts hears nothing at first."""
    for _ in range(60):
        xdotool(display, *doing)
        try:
            search = ["timeout", "1", "xdotool", "search", "--sync", "--onlyvisible", "--name"]
            subprocess.run(
                [*search, title],
                env={**os.environ, "DISPLAY": display},
                check=True,
                capture_output=True,
            )
        except subprocess.CalledProcessError:
            continue
        return
    raise AssertionError(f"no window {title}")


def drag(start: tuple[int, int], end: tuple[int, int]) -> tuple[str, ...]:
    """A drag in the words of xdotool."""
    middle = [(start[0] + end[0]) // 2, (start[1] + end[1]) // 2]
    down, moved, up = (("mousemove", *map(str, point)) for point in (start, middle, end))
    return *down, "mousedown", "1", *moved, *up, "mouseup", "1"


def test_hotkey_drag_clipboard(display: str, tmp_path: Path) -> None:
    missing = quick_parts().missing
    if missing:
        pytest.skip(f"the quick reader lacks {', '.join(missing)}")
    with (
        showing(display, tmp_path) as text,
        running(display, tmp_path, "-m", "desktop_app", "--background"),
    ):
        assert line_of(text) == "ready"
        press_until_seen(display, "Choose a region", "key", KEYS)
        # a window that is there may not hear the mouse yet
        press_until_seen(display, "Text from the screen", *drag((210, 160), (830, 380)))
        with running(display, tmp_path, "-m", ON_SCREEN, "clipboard") as reader:
            assert line_of(reader) == TEXT.replace("\n", "\\n")


def test_mss_sees_the_pixels_of_the_screen(
    display: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", display)
    with showing(display, tmp_path) as text:
        assert line_of(text) == "ready"
        press_until_seen(display, "Known text", "mousemove", "5", "5")
        screens = [Screen("all", 0, 0, 1280, 800), Screen("part", 210, 160, 100, 50)]
        whole, part = MssBackend().grab(screens)
    assert (whole.image.width(), whole.image.height()) == (1280, 800)
    assert whole.image.pixelColor(205, 155) == QColor("white")
    assert whole.image.pixelColor(100, 100) == QColor("black")
    assert (part.image.width(), part.image.height()) == (100, 50)
    assert part.image.copy() == whole.image.copy(210, 160, 100, 50)
    assert part.image.format() == QImage.Format.Format_RGB32
