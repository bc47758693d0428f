"""Small parts that several widgets are made of."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from PySide6.QtCore import QObject, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QIcon, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.theme import Theme, pixels

LINE_END = "\n"
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
ARROWS = {  # steps to the right and down
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
CONFIRMED_MS = 1500  # that a button says what it did


def confirmation(parent: QObject, end: Callable[[], None]) -> QTimer:
    """Started when a button says what it did; ``end`` gives it its usual words again."""
    made = QTimer(parent)
    made.setSingleShot(True)
    made.setInterval(CONFIRMED_MS)
    made.timeout.connect(end)
    return made


def pressed_by_enter(button: QAbstractButton, event: QKeyEvent) -> bool:
    """Enter presses a button as the space bar does, and not what its dialog has for Enter."""
    enter = event.key() in ENTER and not event.isAutoRepeat()
    if enter:
        button.click()
    return enter


class ToolButton(QToolButton):
    """A tool button that Enter presses too."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter is a press."""
        if not pressed_by_enter(self, event):
            super().keyPressEvent(event)


class PushButton(QPushButton):
    """A push button that Enter presses too, wherever it stands."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter is a press."""
        if not pressed_by_enter(self, event):
            super().keyPressEvent(event)


class IconButton(ToolButton):
    """A tool button with a tinted icon, a name for screen readers and a tooltip."""

    def __init__(
        self,
        theme: Theme,
        icon: str,
        name: str,
        *,
        text: str = "",
        keys: str = "",
        role: str = "text",
        size: int = 20,
    ) -> None:
        super().__init__()
        self._theme = theme
        self._icon = icon
        self._role = role
        self.setIconSize(QSize(pixels(size), pixels(size)))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setProperty("kind", "text" if text else "icon")
        if text:
            self.setText(f"\u2009{text}")  # Qt leaves too little room beside the icon
            self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.say(name, keys)
        theme.changed.connect(self._tint)
        self._tint()

    def say(self, name: str, keys: str = "") -> None:
        """Name the button; ``keys`` are added to its tooltip."""
        self._name = name
        shown = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
        self.setAccessibleName(name)
        self.setToolTip(f"{name}  {shown}" if shown else name)

    def show_keys(self, keys: str) -> None:
        """The keys that do the same are others now."""
        self.say(self._name, keys)

    def use_icon(self, icon: str) -> None:
        """Show another icon."""
        self._icon = icon
        self._tint()

    @Slot()
    def _tint(self) -> None:
        icon = self._theme.icon(self._icon, self._role, self.iconSize().width())
        off = self._theme.icon(self._icon, "control", self.iconSize().width())
        for pixmap in (off.pixmap(self.iconSize(), scale) for scale in (1.0, 2.0, 3.0)):
            icon.addPixmap(pixmap, QIcon.Mode.Disabled)
        self.setIcon(icon)


class IconLabel(QLabel):
    """A tinted icon that only decorates."""

    def __init__(self, theme: Theme, icon: str, role: str = "secondary", size: int = 20) -> None:
        super().__init__()
        self._theme = theme
        self._icon = icon
        self._role = role
        self._size = pixels(size)
        self.setFixedSize(self._size, self._size)
        theme.changed.connect(self._tint)
        self._tint()

    def use_icon(self, icon: str, role: str) -> None:
        """Show another icon, or another role's colour."""
        self._icon, self._role = icon, role
        self._tint()

    @Slot()
    def _tint(self) -> None:
        scale = self.devicePixelRatioF()
        self.setPixmap(self._theme.pixmap(self._icon, self._role, self._size, scale))


def label(text: str = "", kind: str = "", wrap: bool = False) -> QLabel:
    """Plain text; ``kind`` is one of the style sheet's."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if kind:
        made.setProperty("kind", kind)
    return made


def literal(text: str) -> str:
    """For a button or a menu, where a single & would be taken for a key."""
    return text.replace("&", "&&")


def tip(text: str) -> str:
    """For a tooltip, which would take a tag for its own; long ones are broken into lines."""
    return f"<qt>{escape(text).replace(LINE_END, '<br>')}</qt>"


def push_button(text: str, kind: str = "edged") -> QPushButton:
    """A button that says what it does."""
    button = PushButton(text)
    button.setProperty("kind", kind)
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    button.setAccessibleName(text)
    return button


def dialog_button(text: str, kind: str = "edged") -> QPushButton:
    """A button that Enter in another part of its dialog does not press."""
    button = push_button(text, kind)
    button.setAutoDefault(False)
    return button


def spacer() -> QWidget:
    """Takes what room is left in a row."""
    widget = QWidget()
    widget.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return widget


def column_of(width: int, parts: list[QWidget], above: int = 0, below: int = 0) -> QWidget:
    """Parts in a column of a greatest width, in the middle of what room there is."""
    inner, outer = QWidget(), QWidget()
    inner.setMaximumWidth(width)
    column = QVBoxLayout(inner)
    column.setContentsMargins(0, above, 0, below)
    column.setSpacing(8)
    for part in parts:
        column.addWidget(part)
    row = QHBoxLayout(outer)
    row.setContentsMargins(16, 0, 16, 0)
    row.addStretch(1)
    row.addWidget(inner, 1000)
    row.addStretch(1)
    return outer


def restyle(widget: QWidget, **properties: object) -> None:
    """Set properties that the style sheet looks at, and have it look again."""
    for name, value in properties.items():
        widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
