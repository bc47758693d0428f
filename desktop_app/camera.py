"""Takes one picture of every monitor: waits if asked to, hides our windows, grabs, shows them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QApplication, QWidget

from desktop_app.capture.backends import Session, all_backends, grab
from desktop_app.capture.errors import CaptureError
from desktop_app.capture.frames import Frame
from desktop_app.capture.geometry import Screen
from desktop_app.jobs import UnexpectedError

LOG = logging.getLogger(__name__)
GONE_AFTER_MS = 250  # until a compositor has drawn what lay below our windows
SECOND_MS = 1000
TRAY_ICON = "QSystemTrayIconSys"  # Qt's own widget; hidden and shown it loses its place there

Grab = Callable[[Sequence[Screen]], Sequence[Frame]]


def grab_here(screens: Sequence[Screen]) -> tuple[Frame, ...]:
    """What the monitors show, by the first way that works here. Raises CaptureError."""
    return grab(all_backends(), Session.here(), screens)


def screens_now() -> list[tuple[Screen, QScreen]]:
    """The monitors, as the geometry sees them and as Qt knows them."""
    return [(_described(screen), screen) for screen in QGuiApplication.screens()]


def _described(screen: QScreen) -> Screen:
    place, scale = screen.geometry(), screen.devicePixelRatio()
    return Screen(screen.name(), place.x(), place.y(), place.width(), place.height(), scale)


class _Grabbing(QRunnable):
    """One grab on a thread of the pool."""

    def __init__(self, screens: Sequence[Screen], grab: Grab, camera: Camera) -> None:
        super().__init__()
        self._screens, self._grab, self._camera = screens, grab, camera

    def run(self) -> None:
        self._camera.grabbed.emit(self._outcome())

    def _outcome(self) -> Sequence[Frame] | Exception:
        try:
            return self._grab(self._screens)
        except CaptureError as error:
            return error
        except Exception as error:  # a fault must not leave our windows hidden
            LOG.exception("capture")
            return UnexpectedError.of(error)


class Camera(QObject):
    """One picture at a time; ``taken`` or ``failed`` answers each that was begun."""

    taken = Signal(object)  # tuple of Frame
    failed = Signal(object)  # an error that notices.explain can word
    counted = Signal(int)  # seconds that are left
    grabbed = Signal(object)

    def __init__(self, grab: Grab = grab_here, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.grab = grab
        self._left = 0
        self._busy = False
        self._hidden: list[tuple[QWidget, bool]] = []
        self._pool = QThreadPool()
        self._pool.setMaxThreadCount(1)
        self._timer = QTimer(self)
        self._timer.setInterval(SECOND_MS)
        self._timer.timeout.connect(self._count)
        self.grabbed.connect(self._take_over, Qt.ConnectionType.QueuedConnection)

    def take(self, delay: int = 0) -> bool:
        """Begin, after some seconds; False while one is under way."""
        if self._busy:
            return False
        self._busy, self._left = True, delay
        if delay:
            self.counted.emit(delay)
            self._timer.start()
        else:
            self._hide()
        return True

    def shutdown(self) -> None:
        """Wait for a grab that is under way."""
        self._timer.stop()
        self._pool.waitForDone()

    @Slot()
    def _count(self) -> None:
        self._left -= 1
        self.counted.emit(self._left)
        if not self._left:
            self._timer.stop()
            self._hide()

    def _hide(self) -> None:
        for window in QApplication.topLevelWidgets():
            seen = window.isVisible() and not window.isMinimized()
            if seen and not window.inherits(TRAY_ICON):
                self._hidden.append((window, window.isActiveWindow()))
        for window, _ in self._hidden:
            window.hide()
        QTimer.singleShot(GONE_AFTER_MS if self._hidden else 0, self, self._begin)

    @Slot()
    def _begin(self) -> None:
        screens = [screen for screen, _ in screens_now()]
        self._pool.start(_Grabbing(screens, self.grab, self))

    @Slot(object)
    def _take_over(self, outcome: Sequence[Frame] | Exception) -> None:
        self._busy = False
        if isinstance(outcome, Exception):
            self.show_windows()
            self.failed.emit(outcome)
        else:
            self.taken.emit(tuple(outcome))

    def show_windows(self) -> None:
        """What was hidden comes back; what was not in front does not push itself there."""
        hidden, self._hidden = self._hidden, []
        for window, active in hidden:
            quiet = Qt.WidgetAttribute.WA_ShowWithoutActivating
            before = window.testAttribute(quiet)
            window.setAttribute(quiet, before or not active)
            window.show()
            window.setAttribute(quiet, before)
            if not active:
                window.lower()
        for window, active in hidden:
            if active:
                window.activateWindow()
