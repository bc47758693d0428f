"""One question and its answer."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app import wording
from desktop_app.exchange import AnswerState, Exchange
from desktop_app.i18n import tr
from desktop_app.theme import Theme
from desktop_app.ui.parts import IconButton, label, spacer
from desktop_app.ui.text_block import GrowingText, TextBlock


class ExchangeView(QWidget):
    """Shows an exchange; the answer grows in place."""

    def __init__(self, theme: Theme, exchange: Exchange, model: str) -> None:
        super().__init__()
        self._exchange = exchange
        self.question = TextBlock(tr("Your question"))
        self.question.setPlainText(exchange.question)
        self.answer = GrowingText(theme, tr("Answer"))
        self._state = label(kind="secondary")
        self._speed = label(kind="secondary")
        self.copy_button = IconButton(theme, "copy", tr("Copy the answer"), role="secondary")
        self.copy_button.setIconSize(self.copy_button.iconSize() * 0.8)
        self.copy_button.clicked.connect(self._copy)
        policy = self.copy_button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # the answer below must not move when it appears
        self.copy_button.setSizePolicy(policy)
        self._confirm = QTimer(self)
        self._confirm.setSingleShot(True)
        self._confirm.setInterval(1500)
        self._confirm.timeout.connect(self._copy_confirmed)
        self._lay_out(model)
        self.show_exchange(exchange)

    def _lay_out(self, model: str) -> None:
        said = QFrame()
        said.setProperty("kind", "said")
        inner = QVBoxLayout(said)
        inner.setContentsMargins(16, 12, 16, 12)
        inner.setSpacing(4)
        inner.addWidget(label(tr("You"), "speaker"))
        inner.addWidget(self.question)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label(model, "speaker"))
        head.addWidget(self._state)
        head.addWidget(spacer())
        head.addWidget(self._speed)
        head.addWidget(self.copy_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(said)
        reply = QVBoxLayout()
        reply.setContentsMargins(16, 4, 8, 8)
        reply.setSpacing(0)
        reply.addLayout(head)
        reply.addWidget(self.answer)
        column.addLayout(reply)

    @property
    def exchange(self) -> Exchange:
        """What is shown."""
        return self._exchange

    def grow(self, piece: str) -> None:
        """Add what the model wrote."""
        self.answer.append_text(piece)

    def show_exchange(self, exchange: Exchange) -> None:
        """Follow the exchange's state; a closed answer is drawn once more as a whole."""
        self._exchange = exchange
        closed = exchange.state not in (AnswerState.WAITING, AnswerState.GROWING)
        if exchange.state is not AnswerState.GROWING:
            self.question.setPlainText(exchange.question)
            self.answer.set_text(exchange.answer)
        self.copy_button.setVisible(closed and bool(exchange.answer))
        self._state.setText(_state_words(exchange))
        speed = exchange.statistics.tokens_per_second if exchange.statistics else 0.0
        self._speed.setText(wording.speed(speed) if speed else "")

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._exchange.answer)
        self.copy_button.use_icon("check")
        self.copy_button.say(tr("Copied"))
        self._confirm.start()

    @Slot()
    def _copy_confirmed(self) -> None:
        self.copy_button.use_icon("copy")
        self.copy_button.say(tr("Copy the answer"))


def _state_words(exchange: Exchange) -> str:
    match exchange.state:
        case AnswerState.STOPPED:
            return tr("Stopped")
        case AnswerState.FAILED:
            return tr("Not answered")
        case AnswerState.FINISHED if exchange.reason is not None:
            words = wording.ended(exchange.reason)
            return words or ("" if exchange.answer else tr("Empty answer"))
        case _:
            return ""
