"""A field that takes the keys that are pressed in it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QKeyCombination, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit

from desktop_app.actions import normal, shown
from desktop_app.i18n import tr

HELD = (
    Qt.Key.Key_Control,
    Qt.Key.Key_Shift,
    Qt.Key.Key_Alt,
    Qt.Key.Key_Meta,
    Qt.Key.Key_AltGr,
    Qt.Key.Key_unknown,
)
LEAVE = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
NOTHING = Qt.KeyboardModifier.NoModifier


class KeysField(QLineEdit):
    """Shows keys; pressing others in it chooses them, Backspace alone chooses none."""

    chosen = Signal(str)
    listening = Signal(bool)  # for keys that are pressed

    def __init__(self, title: str) -> None:
        super().__init__()
        self._keys = ""
        self.setReadOnly(True)
        self.setAccessibleName(tr("Keys for: {action}").format(action=title))
        self.setPlaceholderText(tr("none"))
        self.setToolTip(tr("Click, then press the new keys. Backspace removes them."))

    def show_keys(self, keys: str) -> None:
        """The keys in use."""
        self._keys = normal(keys)
        self.setText(shown(self._keys))

    @property
    def keys(self) -> str:
        """The keys that are shown, as they are stored."""
        return self._keys

    def event(self, event: QEvent) -> bool:
        """No shortcut of the window acts while keys are being chosen."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tab leaves, Esc keeps what there was, everything else is a choice."""
        key, held = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        plain = held == NOTHING
        if key in LEAVE and held in (NOTHING, Qt.KeyboardModifier.ShiftModifier):
            super().keyPressEvent(event)
        elif key in HELD:
            event.accept()
        elif plain and key == Qt.Key.Key_Escape:
            self.clearFocus()
        elif plain and key in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self.chosen.emit("")
        else:
            self.chosen.emit(QKeySequence(QKeyCombination(held, key)).toString())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Say what to do."""
        super().focusInEvent(event)
        self.setText("")
        self.setPlaceholderText(tr("Press the keys"))
        self.listening.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show what is in use again."""
        super().focusOutEvent(event)
        self.setPlaceholderText(tr("none"))
        self.setText(shown(self._keys))
        self.listening.emit(False)
