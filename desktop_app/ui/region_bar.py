"""The small bar under a region: what can be done with it, each with its key."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from desktop_app.capture.choice import Action
from desktop_app.i18n import tr

KEYS = {
    Action.READ: Qt.Key.Key_R,
    Action.ASK: Qt.Key.Key_A,
    Action.TABLE: Qt.Key.Key_T,
    Action.COPY: Qt.Key.Key_C,
}


def name_of(action: Action) -> str:
    """The words on its button."""
    return {
        Action.READ: tr("Read text"),
        Action.ASK: tr("Ask about it"),
        Action.TABLE: tr("Read as table"),
        Action.COPY: tr("Copy picture"),
    }[action]


class RegionBar(QFrame):
    """Buttons that the keyboard reaches by their letters, so that arrows stay with the region."""

    wished = Signal(object)  # Action
    cancelled = Signal()

    def __init__(self, first: Action) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setAccessibleName(tr("What to do with the region"))
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.first = first
        self.hint = self._hint()
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 6, 6, 6)
        row.setSpacing(4)
        for action in (first, *(each for each in Action if each is not first)):
            keys = tr("Enter") if action is first else QKeySequence(KEYS[action]).toString()
            button = _button(name_of(action), keys, "main" if action is first else "edged")
            button.clicked.connect(lambda _=False, action=action: self.wished.emit(action))
            row.addWidget(button)
        leave = _button(tr("Cancel"), tr("Esc"), "plain")
        leave.clicked.connect(self.cancelled)
        row.addWidget(leave)

    def _hint(self) -> str:
        words = {
            Action.ASK: tr("Drag over what you want to ask about."),
        }.get(self.first, tr("Drag over the text."))
        return (
            f"{words}  {tr('Shift: adjust it first   ·   Arrows: by keyboard   ·   Esc: cancel')}"
        )


def _button(name: str, keys: str, kind: str) -> QPushButton:
    button = QPushButton(f"{name}   {keys}")
    button.setAccessibleName(name)
    button.setProperty("kind", kind)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    return button
