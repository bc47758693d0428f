"""Run with several screens: what the overlays cover, and what mouse and keys choose there."""

from __future__ import annotations

import json
import sys

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop_app.camera import screens_now
from desktop_app.capture.choice import Action, Choice, LastRegion
from desktop_app.capture.frames import Frame
from desktop_app.capture.geometry import Rect, Screen
from desktop_app.reading_desk import place_of
from desktop_app.theme import Theme
from desktop_app.ui.overlay import Overlay
from desktop_app.ui.region_chooser import RegionChooser

LEFT = Qt.MouseButton.LeftButton


def frame_of(screen: Screen) -> Frame:
    native = screen.native
    image = QImage(native.width, native.height, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    return Frame(screen, image)


def opened(theme: Theme, chosen: list[Choice]) -> RegionChooser:
    pairs = [(frame_of(screen), known) for screen, known in screens_now()]
    chooser = RegionChooser(
        theme, pairs, Action.READ, False, LastRegion("left", Rect(4, 6, 80, 60))
    )
    chooser.chosen.connect(chosen.append)
    return chooser


def overlay_on(chooser: RegionChooser, name: str) -> Overlay:
    return next(each for each in chooser.overlays if each.picture.screen.name == name)


def rect_of(overlay: Overlay) -> list[int]:
    return [overlay.x(), overlay.y(), overlay.width(), overlay.height()]


def drag(overlay: Overlay) -> None:
    QTest.mousePress(overlay, LEFT, pos=QPoint(50, 40))
    QTest.mouseMove(overlay, QPoint(100, 80))
    QTest.mouseRelease(overlay, LEFT, pos=QPoint(150, 100))


def told(choice: Choice) -> dict[str, object]:
    region, place = choice.region, place_of(choice)
    return {
        "screen": choice.frame.screen.name,
        "region": [region.x, region.y, region.width, region.height],
        "place": [place.x, place.y, place.width, place.height],
    }


def main() -> None:
    application = QApplication(sys.argv[:1])
    theme = Theme(application, "light")
    chosen: list[Choice] = []
    covers = {each.picture.screen.name: rect_of(each) for each in opened(theme, chosen).overlays}
    for screen, _ in screens_now():
        chooser = opened(theme, chosen)
        drag(overlay_on(chooser, screen.name))
    walked = opened(theme, chosen)
    names = []
    for key in (Qt.Key.Key_Tab, Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_1):
        QTest.keyClick(walked.active, key)
        names.append(walked.active.picture.screen.name)
    QTest.keyClick(walked.active, Qt.Key.Key_L)  # the last region is on another monitor
    QTest.keyClick(walked.active, Qt.Key.Key_Return)
    print(json.dumps({"covers": covers, "chosen": [*map(told, chosen)], "walked": names}))


if __name__ == "__main__":
    main()
