"""The overlay under mouse and keys: what is chosen arrives in the frame's own pixels."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtWidgets import QAbstractButton, QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.app import Desktop
from desktop_app.capture.choice import Action, Choice, LastRegion
from desktop_app.capture.errors import (
    Attempt,
    CaptureError,
    Fault,
    MonitorsChanged,
    NoSuchRegion,
)
from desktop_app.capture.geometry import Rect
from desktop_app.screen_wish import ScreenWish
from desktop_app.ui.overlay import Overlay
from tests.desktop_app.capture.conftest import FakeReader, PaintedScreens
from tests.desktop_app.conftest import Click, Waiter
from tests.desktop_app.test_accessible_names import unnamed

LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier
Keys = Qt.Key
# windows are raised, which this platform, being without a screen, cannot do


@pytest.fixture
def wanted(desktop: Desktop, quick: FakeReader) -> list[Choice]:
    """What was to be read."""
    choices: list[Choice] = []
    reading = desktop.capture.results.reading
    reading.began.connect(lambda began: choices.append(began.choice))
    return choices


def opened(desktop: Desktop, until: Waiter, *, reading: bool = False) -> Overlay:
    if reading:
        desktop.capture.read_screen()
    else:
        desktop.capture.capture_picture()
    until(lambda: desktop.capture.chooser is not None)
    chooser = desktop.capture.chooser
    assert chooser is not None
    until(lambda: chooser.active.isVisible())
    return chooser.active


def drag(
    qtbot: QtBot,
    overlay: Overlay,
    start: tuple[int, int],
    end: tuple[int, int],
    modifier: Qt.KeyboardModifier = NONE,
) -> None:
    qtbot.mousePress(overlay, LEFT, pos=QPoint(*start))
    middle = QPoint((start[0] + end[0]) // 2, (start[1] + end[1]) // 2)
    qtbot.mouseMove(overlay, middle)
    qtbot.mouseMove(overlay, QPoint(*end))
    qtbot.mouseRelease(overlay, LEFT, modifier, QPoint(*end))


def test_a_drag_brings_native_pixels_to_the_conversation(
    qtbot: QtBot, ready: Desktop, painted: PaintedScreens, until: Waiter, click: Click
) -> None:
    click(ready.window.top_bar.capture_button)
    until(lambda: ready.capture.chooser is not None)
    assert not ready.window.isVisible()
    assert ready.capture.chooser is not None
    drag(qtbot, ready.capture.chooser.active, (140, 90), (240, 140))
    until(lambda: ready.conversation.picture is not None)
    shown = ready.conversation.picture
    assert shown is not None
    assert (shown.width, shown.height) == (200, 100)
    assert shown.image.pixelColor(20, 20) == QColor("red")  # 300 - 2 * 140, 200 - 2 * 90
    assert ready.window.isVisible()
    assert painted.calls == 1


def test_the_key_of_the_window_captures(
    qtbot: QtBot, ready: Desktop, painted: PaintedScreens, until: Waiter
) -> None:
    ready.window.activateWindow()
    qtbot.keyClick(ready.window, Keys.Key_S, CONTROL | SHIFT)
    until(lambda: ready.capture.chooser is not None)
    ready.capture.capture_picture()  # a second press opens nothing more
    assert painted.calls == 1


def test_keys_alone_choose(
    qtbot: QtBot, ready: Desktop, painted: PaintedScreens, until: Waiter, wanted: list[Choice]
) -> None:
    overlay = opened(ready, until, reading=True)
    whole = overlay.selection.bounds
    qtbot.keyClick(overlay, Keys.Key_Right)  # makes one in the middle
    start = overlay.selection.rect
    assert start is not None
    qtbot.keyClick(overlay, Keys.Key_Left)
    qtbot.keyClick(overlay, Keys.Key_Up, CONTROL)
    qtbot.keyClick(overlay, Keys.Key_Right, SHIFT)
    qtbot.keyClick(overlay, Keys.Key_Down, SHIFT | CONTROL)
    expected = Rect(start.x - 1, start.y - 20, start.width + 1, start.height + 20)
    assert overlay.selection.rect == expected
    assert overlay.bar.isVisible()
    qtbot.keyClick(overlay, Keys.Key_A, CONTROL)
    assert overlay.selection.rect == whole
    qtbot.keyClick(overlay, Keys.Key_Return)
    assert [(choice.region, choice.action) for choice in wanted] == [(whole, Action.READ)]


def test_escape_first_clears_then_closes(
    qtbot: QtBot, ready: Desktop, painted: PaintedScreens, until: Waiter
) -> None:
    overlay = opened(ready, until)
    qtbot.keyClick(overlay, Keys.Key_Down)
    qtbot.keyClick(overlay, Keys.Key_Escape)
    assert overlay.selection.rect is None
    assert overlay.isVisible()
    with qtbot.waitSignal(ready.capture.cancelled):
        qtbot.keyClick(overlay, Keys.Key_Escape)
    assert ready.capture.chooser is None
    assert ready.window.isVisible()
    assert not ready.capture.busy


def test_the_right_button_cancels(
    qtbot: QtBot, ready: Desktop, painted: PaintedScreens, until: Waiter
) -> None:
    overlay = opened(ready, until)
    with qtbot.waitSignal(ready.capture.cancelled):
        qtbot.mouseClick(overlay, Qt.MouseButton.RightButton, pos=QPoint(50, 50))
    assert ready.conversation.picture is None


def test_a_slip_says_what_to_do(
    qtbot: QtBot, ready: Desktop, painted: PaintedScreens, until: Waiter
) -> None:
    overlay = opened(ready, until)
    drag(qtbot, overlay, (100, 100), (101, 101))
    assert "small" in overlay.hint
    assert overlay.isVisible()


def test_shift_leaves_the_region_to_be_adjusted(
    qtbot: QtBot,
    ready: Desktop,
    painted: PaintedScreens,
    until: Waiter,
    wanted: list[Choice],
    click: Click,
) -> None:
    overlay = opened(ready, until, reading=True)
    drag(qtbot, overlay, (100, 100), (200, 200), SHIFT)
    assert overlay.bar.isVisible()
    assert overlay.size_in_words() == "200 × 200"
    drag(qtbot, overlay, (200, 200), (250, 220))  # a handle: still to be adjusted
    assert overlay.selection.rect == Rect(200, 200, 300, 240)
    drag(qtbot, overlay, (150, 150), (140, 150))  # inside: moved
    assert overlay.selection.rect == Rect(180, 200, 300, 240)
    assert wanted == []
    click(button(overlay, "Read as table"))
    assert [(choice.region, choice.action) for choice in wanted] == [
        (Rect(180, 200, 300, 240), Action.TABLE)
    ]


def button(overlay: Overlay, name: str) -> QAbstractButton:
    buttons = overlay.bar.findChildren(QPushButton)
    return next(each for each in buttons if each.accessibleName() == name)


def test_every_control_of_the_overlay_has_a_name(
    qtbot: QtBot, ready: Desktop, painted: PaintedScreens, until: Waiter
) -> None:
    overlay = opened(ready, until)
    assert overlay.accessibleName()
    assert "Enter" in overlay.accessibleDescription()
    assert unnamed(overlay) == []


def test_the_region_is_copied(
    qtbot: QtBot, ready: Desktop, painted: PaintedScreens, until: Waiter
) -> None:
    overlay = opened(ready, until)
    drag(qtbot, overlay, (140, 90), (240, 140), SHIFT)
    qtbot.keyClick(overlay, Keys.Key_C)
    image = QGuiApplication.clipboard().image()
    assert (image.width(), image.height()) == (200, 100)
    assert ready.capture.toast.isVisible()
    assert "200" in ready.capture.toast.body.text()


def test_the_same_region_again(
    qtbot: QtBot, ready: Desktop, painted: PaintedScreens, until: Waiter, wanted: list[Choice]
) -> None:
    drag(qtbot, opened(ready, until, reading=True), (140, 90), (240, 140))
    assert LastRegion.read(ready.preferences.settings.last_region) is not None
    ready.capture.repeat_region()
    until(lambda: len(wanted) == 2)
    assert wanted[0].region == wanted[1].region == Rect(280, 180, 200, 100)
    overlay = opened(ready, until)
    qtbot.keyClick(overlay, Keys.Key_L)
    assert overlay.selection.rect == Rect(280, 180, 200, 100)


def test_a_region_that_is_named_needs_nobody(
    ready: Desktop, painted: PaintedScreens, until: Waiter, wanted: list[Choice]
) -> None:
    ready.capture.read_screen(ScreenWish(screen=0, region=(10, 20, 30, 40)))
    until(lambda: wanted)
    assert wanted[0].region == Rect(10, 20, 30, 40)
    ready.capture.read_screen(ScreenWish(screen=0))
    until(lambda: len(wanted) == 2)
    assert wanted[1].region == wanted[1].frame.bounds


@pytest.mark.parametrize("wish", [ScreenWish(repeat=True), ScreenWish(screen=7)])
def test_a_region_that_is_not_there(
    qtbot: QtBot, ready: Desktop, painted: PaintedScreens, wish: ScreenWish
) -> None:
    with qtbot.waitSignal(ready.capture.failed) as blocker:
        ready.capture.read_screen(wish)
    assert blocker.args is not None
    assert isinstance(blocker.args[0], NoSuchRegion)
    assert ready.window.isVisible()
    assert ready.window.notice.isVisible()


def test_a_monitor_that_goes_while_a_region_is_chosen_is_said(
    qtbot: QtBot, qapp: QApplication, ready: Desktop, painted: PaintedScreens, until: Waiter
) -> None:
    ready.capture.capture_picture()
    until(lambda: ready.capture.chooser is not None)
    with qtbot.waitSignal(ready.capture.failed) as blocker:
        qapp.screenRemoved.emit(qapp.primaryScreen())
    assert blocker.args is not None
    assert isinstance(blocker.args[0], MonitorsChanged)
    assert ready.capture.chooser is None
    assert not ready.capture.busy
    assert ready.window.isVisible()
    notice = ready.window.notice.notice
    assert notice is not None
    assert notice.title == "The monitors have changed"


def test_when_nothing_works_the_reason_and_the_way_out_are_said(
    qtbot: QtBot, ready: Desktop, painted: PaintedScreens
) -> None:
    painted.error = CaptureError(
        (
            Attempt("mss", Fault.NOT_HERE),
            Attempt("desktop portal", Fault.NO_ANSWER),
            Attempt("grim", Fault.NOT_INSTALLED, "grim"),
        )
    )
    with qtbot.waitSignal(ready.capture.failed):
        ready.capture.capture_picture()
    notice = ready.window.notice.notice
    assert notice is not None
    assert "desktop portal does not answer" in notice.body
    assert "Install grim" in notice.body
    assert "mss" not in notice.body
    assert ready.window.isVisible()
    painted.error = None
    assert not ready.capture.busy


def test_a_fault_while_grabbing_brings_the_window_back(
    qtbot: QtBot, ready: Desktop, painted: PaintedScreens
) -> None:
    painted.error = RuntimeError("surprise")
    with qtbot.waitSignal(ready.capture.failed):
        ready.capture.capture_picture()
    assert ready.window.isVisible()


def test_the_delay_is_counted_and_gone_before_the_picture(
    qtbot: QtBot, ready: Desktop, painted: PaintedScreens, until: Waiter
) -> None:
    ready.capture.camera._timer.setInterval(1)
    counted: list[int] = []
    ready.capture.camera.counted.connect(counted.append)
    ready.capture._capture_later(3)
    assert ready.capture.toast.isVisible()
    until(lambda: ready.capture.chooser is not None)
    assert counted == [3, 2, 1, 0]
    assert not ready.capture.toast.isVisible()


class QSystemTrayIconSys(QWidget):
    """By its name what Qt shows in a tray."""


def test_the_icon_in_the_tray_is_not_hidden_with_the_windows(
    qtbot: QtBot, ready: Desktop, painted: PaintedScreens, until: Waiter
) -> None:
    icon = QSystemTrayIconSys()
    qtbot.addWidget(icon)
    icon.show()
    ready.capture.capture_picture()
    until(lambda: ready.capture.chooser is not None)
    assert icon.isVisible()
    assert not ready.window.isVisible()


def test_what_is_painted(
    qtbot: QtBot, ready: Desktop, painted: PaintedScreens, until: Waiter
) -> None:
    """What is chosen stays as it was, the rest is darker, and the magnifier shows pixels."""
    overlay = opened(ready, until)
    drag(qtbot, overlay, (400, 400), (600, 500), SHIFT)
    picture: QImage = overlay.grab().toImage()
    scale = picture.width() / overlay.width()
    inside = picture.pixelColor(round(500 * scale), round(450 * scale))
    outside = picture.pixelColor(round(20 * scale), round(700 * scale))
    assert inside == QColor("#e8e8e8")
    assert outside.lightness() < inside.lightness() - 60


def test_a_region_is_written_and_read_back() -> None:
    last = LastRegion("DP 1", Rect(-1, 2, 30, 40))
    assert LastRegion.read(last.write()) == last
    assert [LastRegion.read(text) for text in ("", "1,2 x", "a,b,c,d x", "1,2,0,4 x")] == [None] * 4
