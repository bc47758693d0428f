"""The pictures of README: the real program, whose readers read what they show.

Only the screen that is captured is drawn here, since a machine without a display has none.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QElapsedTimer, QEventLoop, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QFont, QImage, QLinearGradient, QPainter, QPen, QRegion
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from desktop_app.app import Desktop
from desktop_app.capture.frames import Frame
from desktop_app.capture.geometry import Screen
from desktop_app.exchange import ModelChoice
from desktop_app.paths import STARTER, Paths, resource
from desktop_app.ui.settings.hotkeys import HotkeysPage

SCREEN = (1200, 720)
FRAME, TITLE = QRect(60, 70, 504, 440), 36  # of the window with the timetable
REGION = (QPoint(84, 474), QPoint(548, 180))  # from its lower left to its upper right
HEADING = "Night trains"
TABLE = (
    ("Train", "To", "Leaves", "Arrives"),
    ("NJ 401", "Hamburg", "20:15", "07:50"),
    ("NJ 467", "Zürich", "21:40", "09:05"),
    ("EN 345", "Stockholm", "18:30", "09:20"),
)
NOTES = (
    "Reserve a berth before noon on the day of travel.",
    "周末车次可能调整，请以车站公告为准。",
)
COLUMNS = (96, 216, 360, 480)
LEFT = Qt.MouseButton.LeftButton


def wish_for_screen() -> None:
    """Ask Qt for a screen of that size; to be called before there is an application."""
    width, height = SCREEN
    screen = {"name": "1", "x": 0, "y": 0, "width": width, "height": height}
    with tempfile.NamedTemporaryFile("w", suffix=".json", dir=".", delete=False) as file:
        json.dump({"screens": [screen]}, file)
    # by its name alone: Qt takes the text apart at each colon
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={Path(file.name).name}"


def forget_screen() -> None:
    """Remove the file that Qt has read."""
    Path(os.environ["QT_QPA_PLATFORM"].partition("=")[2]).unlink(missing_ok=True)


def make_all(application: QApplication, wish: str) -> None:
    """Each picture in one theme."""
    folder = resource("screenshots")
    folder.mkdir(exist_ok=True)
    # inside the folder, so that no picture shows where it lies
    with tempfile.TemporaryDirectory() as user, contextlib.chdir(user):
        choice = ModelChoice(STARTER, resource(STARTER), "cpu")
        desktop = Desktop(application, Paths.under(Path()), choice)
        desktop.theme.use(wish)
        for name, picture in (
            ("main", _main),
            ("models", _models),
            ("settings", _settings),
            ("overlay", _overlay),
            ("result", _result),
        ):
            picture(desktop).save(str(folder / f"{name}-{wish}.png"))
        desktop.shutdown()
        desktop.window.deleteLater()
        settle()


def until(true: Callable[[], bool]) -> None:
    """Let the window live until something is so."""
    clock = QElapsedTimer()
    clock.start()
    while not true():
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        if clock.elapsed() > 120_000:
            raise TimeoutError("the window did not get there")


def settle() -> None:
    """Let what was put off be drawn."""
    clock = QElapsedTimer()
    clock.start()
    until(lambda: clock.elapsed() > 150)


def _main(desktop: Desktop) -> QImage:
    """A sample picture, a question, and what the starter model makes of it."""
    desktop.start([resource("samples/line.png")])
    until(lambda: desktop.conversation.picture is not None)
    desktop.conversation.ask("Read the text.")
    until(lambda: not desktop.conversation.busy)
    return _grab(desktop.window)


def _models(desktop: Desktop) -> QImage:
    desktop.models.show_page()
    return _grab(desktop.models.page.window())


def _settings(desktop: Desktop) -> QImage:
    desktop.settings.show_page(HotkeysPage)
    return _grab(desktop.settings.window)


def _overlay(desktop: Desktop) -> QImage:
    """A region that is just being drawn."""
    for window in (desktop.models.page.window(), desktop.settings.window):
        window.close()
    desktop.window.hide()
    desktop.capture.camera.grab = _screens
    desktop.capture.read_screen()
    until(lambda: desktop.capture.chooser is not None)
    overlay = _covering(desktop)
    start, end = REGION
    QTest.mousePress(overlay, LEFT, pos=start)
    QTest.mouseMove(overlay, (start + end) / 2)
    QTest.mouseMove(overlay, end)
    return _grab(overlay)


def _result(desktop: Desktop) -> QImage:
    """The same region, read by the quick reader; its window stands where the program put it."""
    QTest.mouseRelease(_covering(desktop), LEFT, pos=REGION[1])
    results = desktop.capture.results
    until(lambda: results.window is not None and not results.reading.busy)
    assert results.window is not None
    shown = _desktop_picture()
    painter = QPainter(shown)
    painter.setPen(QPen(QColor(desktop.theme.colors.accent), 2))
    painter.drawRect(QRect(*REGION).normalized())
    painter.drawImage(results.window.geometry().topLeft(), _grab(results.window))
    painter.drawImage(desktop.capture.toast.geometry().topLeft(), _cut_out(desktop.capture.toast))
    painter.setPen(QColor(desktop.theme.colors.line))
    painter.drawRect(results.window.geometry())
    painter.end()
    return shown


def _covering(desktop: Desktop) -> QWidget:
    chooser = desktop.capture.chooser
    assert chooser is not None
    return chooser.active


def _grab(window: QWidget) -> QImage:
    settle()
    return window.grab().toImage()


def _cut_out(window: QWidget) -> QImage:
    """A window with round corners, and nothing in them."""
    image = QImage(window.size(), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    window.render(image, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
    return image


def _screens(screens: Sequence[Screen]) -> tuple[Frame, ...]:
    return tuple(Frame(screen, _desktop_picture()) for screen in screens)


def _desktop_picture() -> QImage:
    """A screen with a timetable in a window."""
    image = QImage(*SCREEN, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    ground = QLinearGradient(0, 0, *SCREEN)
    ground.setColorAt(0, QColor("#5b7089"))
    ground.setColorAt(1, QColor("#31465c"))
    painter.fillRect(image.rect(), ground)
    painter.fillRect(FRAME, QColor("#ffffff"))
    painter.fillRect(FRAME.adjusted(0, 0, 0, TITLE - FRAME.height()), QColor("#e4e7eb"))
    _write(painter, FRAME.left() + 16, FRAME.top() + 24, "Timetable", 14)
    _write(painter, 96, 136, HEADING, 24, bold=True)
    painter.setPen(QColor("#7d8794"))
    painter.drawRect(QRect(QPoint(84, 180), QPoint(548, 358)))
    painter.drawLine(84, 224, 548, 224)
    for row, cells in enumerate(TABLE):
        for left, cell in zip(COLUMNS, cells, strict=True):
            _write(painter, left, 210 + 44 * row, cell, 18, bold=row == 0)
    for row, note in enumerate(NOTES):
        _write(painter, 96, 408 + 40 * row, note, 17)
    painter.end()
    return image


def _write(
    painter: QPainter, left: int, base: int, words: str, size: int, *, bold: bool = False
) -> None:
    font = QFont(QApplication.font())
    font.setPixelSize(size)
    font.setBold(bold)
    painter.setFont(font)
    painter.setPen(QColor("#1d2127"))
    painter.drawText(left, base, words)
