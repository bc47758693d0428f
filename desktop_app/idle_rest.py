"""Lets go of a model that nobody has asked for a while."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from desktop_app.conversation import Conversation
from desktop_app.exchange import Activity

MINUTE = 60_000  # ms


class IdleRest(QObject):
    """Counts from the last answer on; a model on a server costs nothing here and stays."""

    def __init__(self, conversation: Conversation, minutes: int = 0) -> None:
        super().__init__(conversation)
        self._conversation = conversation
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.setTimerType(self.timer.timerType().VeryCoarseTimer)  # no wake-ups while idle
        self.timer.timeout.connect(conversation.rest)
        conversation.activity_changed.connect(self._count)
        self.set_minutes(minutes)

    def set_minutes(self, minutes: int) -> None:
        """Wait so long from now on; 0 waits for ever."""
        self._minutes = minutes
        self._count(self._conversation.activity)

    @Slot(object)
    def _count(self, activity: Activity) -> None:
        choice = self._conversation.choice
        elsewhere = choice is not None and bool(choice.server)
        if activity is Activity.IDLE and self._minutes and not elsewhere:
            self.timer.start(self._minutes * MINUTE)
        else:
            self.timer.stop()
