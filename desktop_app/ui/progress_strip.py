"""What goes on, by name and with the share that is known; its place is kept when nothing does."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from desktop_app import wording
from desktop_app.exchange import Activity
from desktop_app.i18n import tr
from desktop_app.theme import pixels
from desktop_app.ui.parts import label, spacer
from engine.messages import Phase, Progress

BETWEEN_SPEEDS = 0.25  # seconds
OPENING_AFTER_MS = 300  # most pictures are there before one could read the words


class ProgressStrip(QWidget):
    """Phase, bar and speed in one line."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(pixels(28))
        self.words = label(kind="secondary")
        self.bar = QProgressBar()
        self.bar.setAccessibleName(tr("Progress"))
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(160)
        self.speed = label(kind="secondary")
        self._speed_at = 0.0
        self._stopping = self._named = False
        self._opening = 0  # pictures that are still to be read
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(OPENING_AFTER_MS)
        self._wait.timeout.connect(self._show_opening)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(12)
        row.addWidget(self.words)
        row.addWidget(self.bar)
        row.addWidget(spacer())
        row.addWidget(self.speed)
        self.show_progress(None)

    @Slot(object)
    def show_progress(self, progress: Progress | None) -> None:
        """Name the phase; nothing is shown while nothing goes on."""
        if self._stopping:
            return
        self._named = progress is not None
        if progress is None:
            self.speed.clear()
            self._show_opening()
            return
        self.words.setText(wording.phase(progress))
        counted = progress.total > 0 and progress.phase is not Phase.WRITING
        endless = not counted and progress.phase is not Phase.WRITING
        self.bar.setVisible(counted or endless)
        self.bar.setRange(0, progress.total if counted else 0)
        self.bar.setValue(progress.done if counted else 0)

    @Slot(int)
    def show_reading(self, count: int) -> None:
        """So many pictures are still to be read; said where that takes long."""
        self._opening = count
        if count == 0:
            self._wait.stop()
            self._show_opening()
        elif not self._wait.isActive():
            self._wait.start()

    @Slot()
    def _show_opening(self) -> None:
        if self._named or self._stopping:
            return
        slow = self._opening > 0 and not self._wait.isActive()
        self.words.setText(wording.opening(self._opening) if slow else "")
        self.bar.setRange(0, 0)
        self.bar.setVisible(slow)

    @Slot(object)
    def show_activity(self, activity: Activity) -> None:
        """Answer a wish to stop at once, long before the engine can."""
        left, self._stopping = self._stopping, activity is Activity.STOPPING
        if self._stopping or left:
            self.words.setText(tr("Stopping…") if self._stopping else "")
            self.speed.clear()
            self.bar.hide()

    @Slot(float)
    def show_speed(self, tokens_per_second: float) -> None:
        """A calm number: it changes a few times a second at most."""
        now = time.monotonic()
        if now - self._speed_at >= BETWEEN_SPEEDS and not self._stopping:
            self._speed_at = now
            self.speed.setText(wording.speed(tokens_per_second))
