"""A few words at the corner of the screen that take no focus and go away by themselves."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QFrame, QLayout, QVBoxLayout

from desktop_app.i18n import tr
from desktop_app.ui.parts import label

SHOWN_MS = 4500
WIDTH = 360
MARGIN = 24


class Toast(QFrame):
    """Says one thing at a time; a click on it is a wish to see more."""

    clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panel")
        flags = Qt.WindowType.ToolTip | Qt.WindowType.FramelessWindowHint
        flags |= Qt.WindowType.WindowStaysOnTopHint | Qt.WindowType.WindowDoesNotAcceptFocus
        self.setWindowFlags(flags)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self.setAccessibleName(tr("Message"))
        self.title = label(kind="strong", wrap=True)
        self.body = label(wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(4)
        for part in (self.title, self.body):
            part.setFixedWidth(WIDTH - 32)  # so that the height of wrapped text is known
            column.addWidget(part)
        column.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SHOWN_MS)
        self._timer.timeout.connect(self.hide)

    def say(self, title: str, body: str = "", near: QPoint | None = None) -> None:
        """Show some words on the monitor of a place, and say them to a screen reader."""
        self.title.setText(title)
        self.body.setText(body)
        self.body.setVisible(bool(body))
        self.adjustSize()
        self._place(near)
        self.show()
        self.raise_()
        self._timer.start()
        words = f"{title}. {body}" if body else title
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def _place(self, near: QPoint | None) -> None:
        screen = QGuiApplication.screenAt(near) if near is not None else None
        room = (screen or QGuiApplication.primaryScreen()).availableGeometry()
        corner = room.bottomRight() - QPoint(self.width() + MARGIN, self.height() + MARGIN)
        self.move(corner)

    @Slot(int)
    def count_down(self, seconds: int) -> None:
        """The seconds until a capture; gone before it."""
        if seconds:
            words = tr("The screen is captured in {seconds} s").format(seconds=seconds)
            self.say(words, tr("Open the menu or the window that is to be on it."))
        else:
            self.hide()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Whoever clicks wants to see more."""
        self.hide()
        self.clicked.emit()
