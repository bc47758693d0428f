"""X11, Windows and macOS by mss: native pixels, off the window's thread.

QScreen.grabWindow would do as well on X11 and Windows, but only on the window's thread, where a
grab of several large monitors is felt; and it would leave rounding at fractional scales to Qt.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

from desktop_app.capture import macos_permission
from desktop_app.capture.backends import Session
from desktop_app.capture.errors import Fault, GrabError
from desktop_app.capture.frames import Frame
from desktop_app.capture.geometry import Rect, Screen, monitor_of

if TYPE_CHECKING:
    from mss import MSS


class MssBackend:
    """Grabs each monitor by itself."""

    name = "mss"

    def compatible(self, session: Session) -> bool:
        """Everywhere but on Wayland, where it would see only black or X programs."""
        return not session.wayland

    def missing(self) -> str:
        """It is installed with the program."""
        return ""

    def grab(self, screens: Sequence[Screen]) -> tuple[Frame, ...]:
        """One frame a monitor."""
        import mss
        from mss.exception import ScreenShotError

        macos_permission.require()
        _want_every_pixel()
        try:
            with mss.MSS() as camera:  # Qt has set the process's view of scales by now
                monitors = [_rect(monitor) for monitor in camera.monitors[1:]]
                return tuple(_frame(camera, screen, monitors) for screen in screens)
        except (ScreenShotError, OSError) as error:
            raise GrabError(Fault.BROKEN, str(error)) from error


def _frame(camera: MSS, screen: Screen, monitors: Sequence[Rect]) -> Frame:
    # On macOS places are in points, as Qt's are; the pixels that come back are the native ones.
    place = screen.shown if sys.platform == "darwin" else screen.native
    place = monitor_of(place, monitors)
    shot = camera.grab(
        {"left": place.x, "top": place.y, "width": place.width, "height": place.height}
    )
    width, height = shot.size
    image = QImage(shot.bgra, width, height, 4 * width, QImage.Format.Format_RGB32)
    return Frame(screen, image.copy())  # the bytes die with the shot


def _rect(monitor: dict[str, int]) -> Rect:
    return Rect(monitor["left"], monitor["top"], monitor["width"], monitor["height"])


def _want_every_pixel() -> None:
    """On macOS mss answers in points unless it is told otherwise; small print needs the pixels."""
    if sys.platform == "darwin":
        import mss.darwin

        mss.darwin.IMAGE_OPTIONS = 0
