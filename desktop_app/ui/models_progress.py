"""How far a model's download or check is; and what all cards of the models page share."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout

from desktop_app.i18n import tr
from desktop_app.model_state import ModelState, Stage, Work
from desktop_app.ui.parts import dialog_button, label

STEPS = 1000  # of the bar


class Card(QFrame):
    """A column of things that belong together."""

    def __init__(self, kind: str = "card") -> None:
        super().__init__()
        self.setProperty("kind", kind)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(16, 16, 16, 16)
        self.column.setSpacing(8)


class ProgressCard(Card):
    """How far it is: one bar over all bytes, in words, and the button that stops or goes on."""

    stop_wished = Signal()
    go_on_wished = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.title = label(kind="strong")
        self.percent = label(kind="strong")
        self.bar = QProgressBar()
        self.bar.setProperty("kind", "large")
        self.bar.setAccessibleName(tr("Progress"))
        self.bar.setTextVisible(False)
        self.bar.setRange(0, STEPS)
        self.line = label(wrap=True)
        self.note = label(kind="secondary", wrap=True)
        self.stop_button = dialog_button(tr("Pause"))
        self.go_on_button = dialog_button(tr("Go on"), "main")
        self.stop_button.clicked.connect(self.stop_wished)
        self.go_on_button.clicked.connect(self.go_on_wished)
        self._lay_out()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.percent)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self.line)
        texts.addWidget(self.note)
        foot = QHBoxLayout()
        foot.setSpacing(16)
        foot.addLayout(texts, 1)
        foot.addWidget(self.stop_button, 0, Qt.AlignmentFlag.AlignBottom)
        foot.addWidget(self.go_on_button, 0, Qt.AlignmentFlag.AlignBottom)
        self.column.addLayout(head)
        self.column.addWidget(self.bar)
        self.column.addLayout(foot)

    def show_state(self, state: ModelState) -> None:
        """Show a job, or what an earlier one left."""
        self.title.setText(heading(state))
        self.percent.setText(f"{int(100 * state.share)} %")
        self.bar.setValue(round(STEPS * state.share))
        self.line.setText(state.line)
        self.line.setVisible(bool(state.line))
        self.note.setText(state.note)
        self.note.setVisible(bool(state.note))
        pauses = state.work in (Work.GET, Work.REPAIR)
        words = tr("Pause") if pauses else tr("Stop")
        self.stop_button.setText(words)
        self.stop_button.setAccessibleName(words)
        self.stop_button.setVisible(state.busy and state.work is not Work.REMOVE)
        self.stop_button.setEnabled(state.stage is not Stage.STOPPING)
        self.go_on_button.setVisible(state.stage is Stage.PAUSED)


def heading(state: ModelState) -> str:
    """What goes on, in a word or two."""
    if state.stage is Stage.STOPPING:
        if state.work is Work.REMOVE:
            return tr("Removing…")
        return tr("Pausing…") if state.work in (Work.GET, Work.REPAIR) else tr("Stopping…")
    return {
        Stage.PAUSED: tr("Paused"),
        Stage.FETCHING: tr("Downloading"),
        Stage.WAITING: tr("Interrupted, trying again"),
        Stage.CHECKING: tr("Checking"),
        Stage.FAILED: tr("Not finished"),
    }.get(state.stage, "")
