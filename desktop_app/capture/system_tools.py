"""Programs of the desktop that write a picture of the screen: grim, spectacle, screencapture."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtGui import QImage

from desktop_app.capture import macos_permission
from desktop_app.capture.backends import Session
from desktop_app.capture.errors import Fault, GrabError
from desktop_app.capture.frames import Frame, split
from desktop_app.capture.geometry import Screen

LONGEST = 10  # seconds that such a program may take


class GrimBackend:
    """Sway, Hyprland and other desktops of the wlroots family."""

    name = "grim"

    def compatible(self, session: Session) -> bool:
        """Wayland desktops that let programs copy the screen; GNOME and KDE do not."""
        return session.wayland and not any(
            name in session.desktop for name in ("gnome", "kde", "unity")
        )

    def missing(self) -> str:
        """The program itself."""
        return "" if shutil.which("grim") else "grim"

    def grab(self, screens: Sequence[Screen]) -> tuple[Frame, ...]:
        """Each output by its name, in its own pixels."""
        return tuple(
            Frame(screen, _read(run(["grim", "-t", "ppm", "-o", screen.name, "-"])))
            for screen in screens
        )


class SpectacleBackend:
    """KDE's own program, in its silent mode."""

    name = "spectacle"

    def compatible(self, session: Session) -> bool:
        """Linux, whichever the display."""
        return session.system == "linux"

    def missing(self) -> str:
        """The program itself."""
        return "" if shutil.which("spectacle") else "spectacle"

    def grab(self, screens: Sequence[Screen]) -> tuple[Frame, ...]:
        """The whole desktop in one file, which is cut up."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "desktop.png"
            run(["spectacle", "-b", "-n", "-f", "-o", str(file)])
            return split(_read_file(file), screens)


class MacToolBackend:
    """The program behind macOS's own screenshots, where the old system call is gone."""

    name = "screencapture"

    def compatible(self, session: Session) -> bool:
        """MacOS only."""
        return session.system == "darwin"

    def missing(self) -> str:
        """It comes with the system."""
        return "" if shutil.which("screencapture") else "screencapture"

    def grab(self, screens: Sequence[Screen]) -> tuple[Frame, ...]:
        """Each monitor by its place, in its own pixels."""
        macos_permission.require()
        with tempfile.TemporaryDirectory() as folder:
            return tuple(
                self._grab_one(screen, Path(folder) / f"{number}.png")
                for number, screen in enumerate(screens)
            )

    def _grab_one(self, screen: Screen, file: Path) -> Frame:
        place = f"-R{screen.x},{screen.y},{screen.width},{screen.height}"
        run(["screencapture", "-x", place, str(file)])
        return Frame(screen, _read_file(file))


def run(command: Sequence[str]) -> bytes:
    """What a program writes. Raises GrabError where it fails or hangs."""
    try:
        done = subprocess.run(
            command,
            check=True,
            capture_output=True,
            timeout=LONGEST,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0)
            if sys.platform == "win32"
            else 0,
        )
    except subprocess.TimeoutExpired as error:
        raise GrabError(Fault.NO_ANSWER, command[0]) from error
    except subprocess.CalledProcessError as error:
        words = error.stderr.decode(errors="replace").strip().splitlines()
        raise GrabError(Fault.BROKEN, words[-1] if words else command[0]) from error
    except OSError as error:
        raise GrabError(Fault.BROKEN, str(error)) from error
    return done.stdout


def _read(data: bytes) -> QImage:
    return _checked(QImage.fromData(data))


def _read_file(file: Path) -> QImage:
    return _checked(QImage(str(file)))


def _checked(image: QImage) -> QImage:
    if image.isNull():
        raise GrabError(Fault.BROKEN, "the picture cannot be read")
    return image.convertToFormat(QImage.Format.Format_RGB32)
