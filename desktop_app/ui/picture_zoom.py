"""The picture over the whole window: wheel and keys zoom, dragging and arrows move, Esc closes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QHideEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.i18n import tr
from desktop_app.theme import Theme
from desktop_app.ui.focus_order import stops_in
from desktop_app.ui.parts import ARROWS, IconButton, label, spacer

STEP = 1.25
LARGEST = 16.0
WAY = 8  # an arrow moves by this part of the window


class PictureZoom(QWidget):
    """An overlay on its parent; it takes the keys until it is closed."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._theme = theme
        self._pixmap = QPixmap()
        self._scale = 1.0  # widget pixels a picture pixel
        self._middle = QPointF()  # the picture's point in the middle of the widget
        self._dragged_from: QPointF | None = None
        self._moved = False
        self._before: QWidget | None = None  # what had the focus
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Picture, large"))
        self._percent = label(kind="strong")
        self._lay_out()
        parent.installEventFilter(self)
        self.hide()

    def _lay_out(self) -> None:
        smaller = IconButton(self._theme, "zoom-out", tr("Smaller"), keys="-")
        larger = IconButton(self._theme, "zoom-in", tr("Larger"), keys="+")
        fit = IconButton(self._theme, "fit", tr("Fit the window"), keys="0")
        close = IconButton(self._theme, "close", tr("Close the picture"), keys="Esc")
        smaller.clicked.connect(self.zoom_out)
        larger.clicked.connect(self.zoom_in)
        fit.clicked.connect(self.fit)
        close.clicked.connect(self.hide)
        self.close_button = close
        bar = QWidget()
        bar.setObjectName("zoom_bar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(bar)
        row.setContentsMargins(4, 4, 4, 4)
        row.setSpacing(4)
        for part in (smaller, self._percent, larger, fit, close):
            row.addWidget(part)
        self._percent.setMinimumWidth(52)
        self._percent.setAlignment(Qt.AlignmentFlag.AlignCenter)
        top = QHBoxLayout()
        top.addWidget(spacer())
        top.addWidget(bar)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.addLayout(top)
        column.addStretch(1)

    def show_image(self, image: QImage) -> None:
        """Cover the window with a picture that fits it."""
        self._pixmap = QPixmap.fromImage(image)
        self.setGeometry(self._window.rect())
        self.fit()
        self._before = self.window().focusWidget()
        self.show()
        self.raise_()
        self.setFocus()

    @property
    def percent(self) -> int:
        """How large the picture is shown, 100 where a pixel is a pixel."""
        return round(100 * self._scale * self.devicePixelRatioF())

    def zoom_in(self) -> None:
        """Larger, around the middle."""
        self._zoom(STEP, QPointF(self.rect().center()))

    def zoom_out(self) -> None:
        """Smaller, around the middle."""
        self._zoom(1 / STEP, QPointF(self.rect().center()))

    def fit(self) -> None:
        """As large as the window allows, but not beyond one to one."""
        self._scale = self._smallest()
        self._middle = QPointF(self._pixmap.width() / 2, self._pixmap.height() / 2)
        self._refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the window."""
        if event.type() is QEvent.Type.Resize and self.isVisible():
            self.setGeometry(self._window.rect())
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit anew."""
        super().resizeEvent(event)
        if not self._pixmap.isNull():
            self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Plus, minus, 0, arrows and Esc."""
        match event.key():
            case key if key in ARROWS:
                right, down = ARROWS[Qt.Key(key)]
                way = QPointF(right * self.width(), down * self.height()) / WAY
                self._middle += way / self._scale
                self._refresh()
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.zoom_in()
            case Qt.Key.Key_Minus:
                self.zoom_out()
            case Qt.Key.Key_0:
                self.fit()
            case _:
                super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab stays here: what lies below cannot be seen."""
        stops: list[QWidget | None] = [self, *stops_in(self)]
        focused = self.window().focusWidget()
        place = stops.index(focused) if focused in stops else 0
        behind = stops[(place + (1 if forward else -1)) % len(stops)]
        assert behind is not None
        reason = Qt.FocusReason.TabFocusReason
        behind.setFocus(reason if forward else Qt.FocusReason.BacktabFocusReason)
        return True

    def hideEvent(self, event: QHideEvent) -> None:
        """The focus goes back to where it was."""
        super().hideEvent(event)
        if self._before is not None and self._before.isVisible():
            self._before.setFocus()
        self._before = None

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the pointer."""
        turns = event.angleDelta().y() / 120
        if turns:
            self._zoom(STEP**turns, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to move the picture."""
        self._dragged_from, self._moved = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the picture along."""
        if self._dragged_from is not None:
            self._middle -= (event.position() - self._dragged_from) / self._scale
            self._dragged_from, self._moved = event.position(), True
            self._refresh()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go; a click beside the picture closes it."""
        self._dragged_from = None
        if not self._moved and not self._place().contains(event.position()):
            self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The window's colour, nearly opaque, and the picture."""
        painter = QPainter(self)
        ground = QColor(self._theme.colors.window)
        ground.setAlphaF(0.97)
        painter.fillRect(self.rect(), ground)
        painter.setRenderHint(
            QPainter.RenderHint.SmoothPixmapTransform, self._scale * self.devicePixelRatioF() < 2
        )
        painter.drawPixmap(self._place(), self._pixmap, QRectF(self._pixmap.rect()))

    def _place(self) -> QRectF:
        center = QPointF(self.width() / 2, self.height() / 2)
        corner = center - self._middle * self._scale
        width, height = self._pixmap.width() * self._scale, self._pixmap.height() * self._scale
        return QRectF(corner.x(), corner.y(), width, height)

    def _smallest(self) -> float:
        room = self.rect().adjusted(24, 64, -24, -24)
        width, height = max(self._pixmap.width(), 1), max(self._pixmap.height(), 1)
        fitting = min(max(room.width(), 1) / width, max(room.height(), 1) / height)
        return min(fitting, 1 / self.devicePixelRatioF())

    def _zoom(self, factor: float, around: QPointF) -> None:
        center = QPointF(self.width() / 2, self.height() / 2)
        under = self._middle + (around - center) / self._scale
        self._scale = min(max(self._scale * factor, self._smallest()), LARGEST)
        self._middle = under - (around - center) / self._scale
        self._refresh()

    def _refresh(self) -> None:
        width, height = float(self._pixmap.width()), float(self._pixmap.height())
        self._middle.setX(min(max(self._middle.x(), 0.0), width))
        self._middle.setY(min(max(self._middle.y(), 0.0), height))
        self._percent.setText(f"{self.percent} %")
        self.update()
