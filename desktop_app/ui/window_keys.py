"""The window's keys: one shortcut for each action, with the keys that are in use."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import SignalInstance
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from desktop_app.actions import Keymap
from desktop_app.ui.parts import IconButton


class WindowKeys:
    """Binds names of actions to what is done; the keys may change at any time."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self._keymap = Keymap()
        self._shortcuts: dict[str, QShortcut] = {}
        self._buttons: dict[str, list[IconButton]] = {}

    @property
    def keymap(self) -> Keymap:
        """The keys in use."""
        return self._keymap

    def bind(self, name: str, do: Callable[[], object] | SignalInstance) -> None:
        """Do something whenever the keys of an action are pressed."""
        shortcut = QShortcut(QKeySequence(self._keymap.keys(name)), self._window)
        shortcut.activated.connect(do)
        self._shortcuts[name] = shortcut

    @property
    def bound(self) -> frozenset[str]:
        """The names of all actions that something is bound to."""
        return frozenset(self._shortcuts)

    def show_on(self, **buttons: list[IconButton]) -> None:
        """Name the keys of actions on the buttons that do the same."""
        self._buttons = buttons
        for name, named in buttons.items():
            for button in named:
                button.show_keys(self._keymap.keys(name))

    def use(self, keymap: Keymap) -> None:
        """Take other keys."""
        self._keymap = keymap
        self.show_on(**self._buttons)
        for name, shortcut in self._shortcuts.items():
            shortcut.setKey(QKeySequence(keymap.keys(name)))
