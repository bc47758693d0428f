"""One monitor, frozen and darkened, on which a region is chosen by mouse or keys."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QCursor,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QScreen,
)
from PySide6.QtWidgets import QWidget

from desktop_app.capture.frames import Frame
from desktop_app.capture.geometry import Point, Rect, to_picture
from desktop_app.capture.selection import EDGES, Grip, Selection, handle_of
from desktop_app.i18n import tr
from desktop_app.theme import Theme
from desktop_app.ui import overlay_paint as draw
from desktop_app.ui.region_bar import RegionBar
from desktop_app.wording import grouped

REACH = 10  # window pixels from a handle that still take hold of it
CURSORS = {
    Grip.NEW: Qt.CursorShape.CrossCursor,
    Grip.MOVE: Qt.CursorShape.SizeAllCursor,
    Grip.LEFT: Qt.CursorShape.SizeHorCursor,
    Grip.RIGHT: Qt.CursorShape.SizeHorCursor,
    Grip.TOP: Qt.CursorShape.SizeVerCursor,
    Grip.BOTTOM: Qt.CursorShape.SizeVerCursor,
    Grip.TOP_LEFT: Qt.CursorShape.SizeFDiagCursor,
    Grip.BOTTOM_RIGHT: Qt.CursorShape.SizeFDiagCursor,
    Grip.TOP_RIGHT: Qt.CursorShape.SizeBDiagCursor,
    Grip.BOTTOM_LEFT: Qt.CursorShape.SizeBDiagCursor,
}


class Overlay(QWidget):
    """Shows a frame over its monitor; the region is kept in the frame's own pixels."""

    began = Signal()  # a region is being drawn on this monitor
    finished = Signal(bool)  # a drag ended; whether Shift asks to adjust it first
    cancelled = Signal()
    accepted = Signal()
    key_pressed = Signal(object)  # QKeyEvent

    def __init__(self, theme: Theme, frame: Frame, screen: QScreen, bar: RegionBar) -> None:
        super().__init__()
        self.picture = frame
        self.selection = Selection(frame.image.width(), frame.image.height())
        self.hint = ""
        self.bar = bar
        self._accent = QColor(theme.colors.accent)
        self._pointer: QPointF | None = None
        self._said = ""
        self._drawn_for = QSize()
        self._drawn = (QPixmap(), QPixmap())
        bar.setParent(self)
        bar.hide()
        self._become_a_cover(screen)

    def _become_a_cover(self, screen: QScreen) -> None:
        flags = Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint
        flags |= Qt.WindowType.Tool
        if QGuiApplication.platformName() in ("xcb", "offscreen"):
            # Above panels and exactly as large as the monitor, whatever the window manager thinks.
            flags |= Qt.WindowType.BypassWindowManagerHint
        self.setWindowFlags(flags)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setWindowTitle(tr("Choose a region"))
        self.setAccessibleName(tr("Choose a region of the screen"))
        self.setAccessibleDescription(self._keys_in_words())
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.winId()  # a native window first: only that can be put on a monitor
        self.windowHandle().setScreen(screen)
        self.setGeometry(screen.geometry())

    @staticmethod
    def _keys_in_words() -> str:
        return tr(
            "Arrow keys make and move a region, with Shift they resize it, with Ctrl in larger"
            " steps. Enter takes it, Escape goes back, Tab goes to the next monitor."
        )

    def cover(self) -> None:
        """Appear over the monitor."""
        if QGuiApplication.platformName() in ("xcb", "offscreen"):
            self.show()
        else:
            self.showFullScreen()
        self.raise_()

    def take_keys(self) -> None:
        """Have the keyboard, even where a window manager would not give it."""
        self.activateWindow()
        self.setFocus()
        self._pointer = None
        if QGuiApplication.platformName() == "xcb":
            self.grabKeyboard()

    @property
    def chosen(self) -> QRectF | None:
        """The region in this window's pixels."""
        rect = self.selection.rect
        return None if rect is None else self._in_window(rect)

    def clear(self) -> None:
        """No region on this monitor."""
        self.selection.clear()
        self.refresh()

    def refresh(self, offer: bool = False) -> None:
        """Draw again; ``offer`` shows what can be done with the region."""
        chosen = self.chosen
        shown = offer and chosen is not None and self.selection.usable
        if shown and chosen is not None:
            self._place_bar(chosen)
        self.bar.setVisible(shown)
        self._announce()
        self.update()

    def point_at(self, place: QPoint | QPointF) -> Point:
        """A place in this window as a point of the frame."""
        size = (self.picture.image.width(), self.picture.image.height())
        return to_picture((place.x(), place.y()), (self.width(), self.height()), size)

    # Mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The left button begins to drag, the right one gives up."""
        if event.button() is Qt.MouseButton.RightButton:
            self.cancelled.emit()
        elif event.button() is Qt.MouseButton.LeftButton:
            self.hint = ""
            self.began.emit()
            self.selection.press(self.point_at(event.position()), self._reach())
            self.refresh()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The region follows while it is dragged."""
        self._pointer = event.position()
        point = self.point_at(event.position())
        if self.selection.dragging:
            self.selection.drag(point)
        else:
            self.setCursor(CURSORS[self.selection.grip_at(point, self._reach())])
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A region that is large enough has been chosen."""
        if event.button() is not Qt.MouseButton.LeftButton or not self.selection.dragging:
            return
        self.selection.drag(self.point_at(event.position()))
        if self.selection.release():
            shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.finished.emit(bool(shift))
        else:
            self.hint = tr("That was too small. Drag from one corner to the other.")
            self.refresh()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click takes the region."""
        rect = self.selection.rect
        if rect is not None and rect.holds(*self.point_at(event.position())):
            self.accepted.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """One place reads the keys of all monitors."""
        self.key_pressed.emit(event)

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """The frozen picture, and what is chosen of it."""
        painter = QPainter(self)
        room, chosen = QRectF(self.rect()), self.chosen
        draw.background(painter, *self._backdrops(), chosen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(draw.small(self.font(), 13))
        if chosen is not None:
            self._draw_chosen(painter, chosen, room)
        if not self.selection.rect or self.hint:
            self._draw_hint(painter, room)
        self._draw_lens(painter, room)

    def _backdrops(self) -> tuple[QPixmap, QPixmap]:
        if self._drawn_for != self.size():
            self._drawn_for = self.size()
            image, scale = self.picture.image, self.devicePixelRatioF()
            self._drawn = draw.backdrops(image, self.size(), scale)
        return self._drawn

    def _draw_chosen(self, painter: QPainter, chosen: QRectF, room: QRectF) -> None:
        draw.frame(painter, chosen, self._accent)
        if not self.selection.dragging:
            rect = self.selection.rect
            assert rect is not None
            places = [self._place_of(handle_of(rect, grip)) for grip in EDGES]
            draw.handles(painter, places, self._accent)
        draw.plate(painter, chosen.topLeft() - QPointF(0, 32), self.size_in_words(), room)

    def _draw_hint(self, painter: QPainter, room: QRectF) -> None:
        words = self.hint or self.bar.hint
        width = painter.fontMetrics().horizontalAdvance(words) + 16
        draw.plate(painter, QPointF(room.center().x() - width / 2, 32), words, room)

    def _draw_lens(self, painter: QPainter, room: QRectF) -> None:
        if self._pointer is None or self.bar.isVisible():
            return
        box = draw.lens_place(self._pointer, room)
        at = self.point_at(self._pointer)
        draw.lens(painter, box, self.picture.image, at, self._accent)
        x, y = int(at[0]), int(at[1])
        draw.plate(painter, box.bottomLeft() + QPointF(0, 4), f"{x}, {y}", room)

    def size_in_words(self) -> str:
        """The region's size in real pixels."""
        rect = self.selection.rect
        return "" if rect is None else f"{grouped(rect.width)} × {grouped(rect.height)}"

    def _announce(self) -> None:
        words = self.size_in_words()
        if words and words != self._said and not self.selection.dragging:
            self._said = words
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def _reach(self) -> float:
        return REACH * self.picture.image.width() / max(1, self.width())

    def _place_of(self, point: Point) -> QPointF:
        image = self.picture.image
        return QPointF(
            point[0] * self.width() / image.width(), point[1] * self.height() / image.height()
        )

    def _in_window(self, rect: Rect) -> QRectF:
        return QRectF(self._place_of((rect.x, rect.y)), self._place_of((rect.right, rect.bottom)))

    def _place_bar(self, chosen: QRectF) -> None:
        self.bar.adjustSize()
        x = chosen.center().x() - self.bar.width() / 2
        x = min(max(x, 8), self.width() - self.bar.width() - 8)
        y = chosen.bottom() + 12
        if y + self.bar.height() > self.height() - 8:
            y = chosen.top() - 12 - self.bar.height() - 28  # above the size
        if y < 8:
            y = chosen.bottom() - 12 - self.bar.height()
        self.bar.move(round(x), round(y))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The bar stays with its region."""
        if self.bar.isVisible():
            self.refresh(offer=True)

    def under_pointer(self) -> bool:
        """Whether the pointer is on this monitor."""
        return self.geometry().contains(QCursor.pos())
