"""A model on a server: its address, key and models, and what leaves this machine."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop_app.i18n import tr
from desktop_app.notices import Help
from desktop_app.server_keeper import ServerKeeper
from desktop_app.server_state import ServerStage, ServerState
from desktop_app.theme import Theme, pixels
from desktop_app.ui.form_parts import ChoiceBox
from desktop_app.ui.in_place import DialogInPlace
from desktop_app.ui.models_progress import Card
from desktop_app.ui.notice_bar import NoticeBar
from desktop_app.ui.parts import IconLabel, dialog_button, label, restyle


class PrivacyCard(Card):
    """What leaves this machine, said before anything does."""

    def __init__(self, theme: Theme) -> None:
        super().__init__("info")
        self.column.setContentsMargins(12, 8, 12, 8)
        self.icon = IconLabel(theme, "info", "accent")
        self.words = label(wrap=True)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.icon)
        row.addWidget(self.words, 1)
        self.column.addLayout(row)

    def show_state(self, state: ServerState) -> None:
        """Nothing leaves for a server on this machine, so nothing is said."""
        self.words.setText(state.privacy)
        self.setVisible(bool(state.privacy))
        self.icon.use_icon("error" if state.exposed else "info", _tone(state))
        restyle(self, kind="error" if state.exposed else "info")


class AddressCard(Card):
    """Where the server is, the key that it may want, and the way to its models."""

    def __init__(self) -> None:
        super().__init__()
        self.address = QLineEdit()
        self.address.setAccessibleName(tr("Address of the server"))
        self.address.setPlaceholderText("http://127.0.0.1:8000/v1")
        self.key = QLineEdit()
        self.key.setAccessibleName(tr("Key of the server"))
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.key.setPlaceholderText(tr("Only if the server wants one"))
        self.key_note = label(kind="secondary", wrap=True)
        self.forget_button = dialog_button(tr("Forget the key"), "link")
        self.find_button = dialog_button(tr("Find models"), "main")
        self.stop_button = dialog_button(tr("Stop"))
        self.line = label(kind="secondary", wrap=True)
        self._lay_out()

    def _lay_out(self) -> None:
        self.column.setSpacing(4)
        self.column.addWidget(label(tr("Address"), "secondary"))
        self.column.addWidget(self.address)
        self.column.addSpacing(8)
        self.column.addWidget(label(tr("Key"), "secondary"))
        self.column.addWidget(self.key)
        noted = QHBoxLayout()
        noted.addWidget(self.key_note, 1)
        noted.addWidget(self.forget_button)
        self.column.addLayout(noted)
        self.column.addSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.line, 1)
        row.addWidget(self.stop_button)
        row.addWidget(self.find_button)
        self.column.addLayout(row)

    def show_state(self, state: ServerState) -> None:
        """Show what is so; what is being typed is left alone."""
        if not self.address.hasFocus() and self.address.text() != state.address:
            self.address.setText(state.address)
        self.key_note.setText(state.key_note)
        self.key_note.setVisible(bool(state.key_note))
        self.forget_button.setVisible(state.key_kept)
        asking = state.stage is ServerStage.ASKING
        self.find_button.setEnabled(bool(state.address.strip()) and not state.busy)
        self.find_button.setVisible(not state.busy)
        self.stop_button.setVisible(state.busy)
        self.stop_button.setEnabled(state.stage is not ServerStage.STOPPING)
        self.line.setText(state.line if asking or not state.models else "")
        restyle(self.find_button, kind="edged" if state.models else "main")


class OfferCard(Card):
    """The server's models, of which one is tried and used."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.models = ChoiceBox(theme, tr("Model on the server"))
        self.line = label(kind="secondary", wrap=True)
        self.try_button = dialog_button(tr("Try it"))
        self.try_button.setToolTip(tr("Ask it about a sample picture, to see that it can look"))
        self.use_button = dialog_button(tr("Use it now"), "main")
        self.column.addWidget(label(tr("Model"), "secondary"))
        self.column.addWidget(self.models)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.line, 1)
        row.addWidget(self.try_button)
        row.addWidget(self.use_button)
        self.column.addLayout(row)

    def show_state(self, state: ServerState) -> None:
        """Show the models and which of them answers."""
        self.setVisible(bool(state.models))
        listed = tuple(self.models.itemText(row) for row in range(self.models.count()))
        if listed != state.models:
            self.models.clear()
            self.models.addItems(list(state.models))
        if state.model in state.models:
            self.models.setCurrentIndex(state.models.index(state.model))
        self.models.setEnabled(not state.busy)
        self.try_button.setEnabled(not state.busy)
        in_use = bool(state.model) and state.in_use == state.model
        words = tr("In use") if in_use else tr("Use it now")
        self.use_button.setText(words)
        self.use_button.setAccessibleName(words)
        self.use_button.setEnabled(not in_use and not state.busy)
        restyle(self.use_button, kind="edged" if in_use else "main")
        self.line.setText("" if state.stage is ServerStage.ASKING else state.line)


class ServerPage(QWidget):
    """Shows one server's state; fits into any window that has room for a form."""

    def __init__(self, theme: Theme, keeper: ServerKeeper, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keeper = keeper
        self.setAccessibleName(tr("A model on a server"))
        self.address_card = AddressCard()
        self.privacy = PrivacyCard(theme)
        self.notice = NoticeBar(theme, stacked=True)
        self.notice.close_button.hide()
        self.offer = OfferCard(theme)
        self.local_button = dialog_button(tr("Use the model on this computer again"))
        self._lay_out()
        self._listen()
        self._show(keeper.state)

    def _lay_out(self) -> None:
        words = tr(
            "Any server that speaks the OpenAI interface will do, such as vLLM, llama.cpp or "
            "Ollama with a model that sees. Answers then come from there."
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(label(words, "quiet", wrap=True))
        for part in (self.address_card, self.privacy, self.notice, self.offer):
            column.addWidget(part)
        column.addWidget(self.local_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)

    def _listen(self) -> None:
        keeper, card = self._keeper, self.address_card
        keeper.changed.connect(self._show)
        card.address.textEdited.connect(keeper.type_address)
        card.address.returnPressed.connect(self._find)
        card.key.returnPressed.connect(self._find)
        card.find_button.clicked.connect(self._find)
        card.stop_button.clicked.connect(keeper.stop)
        card.forget_button.clicked.connect(keeper.forget_key)
        self.offer.models.textActivated.connect(keeper.choose)
        self.offer.try_button.clicked.connect(self._try)
        self.offer.use_button.clicked.connect(keeper.use)
        self.local_button.clicked.connect(keeper.local_wished)
        self.notice.help_wished.connect(self._help)

    def focus_first(self) -> None:
        """Put the focus on what comes next."""
        card, offer = self.address_card, self.offer
        for widget in (offer.use_button, card.address):
            if widget.isVisible() and widget.isEnabled():
                widget.setFocus()
                return

    @Slot(object)
    def _show(self, state: ServerState) -> None:
        for part in (self.address_card, self.privacy, self.offer):
            part.show_state(state)
        self.local_button.setVisible(bool(state.in_use))
        if state.problem is None:
            self.notice.clear()
        elif state.problem is not self.notice.notice:
            self.notice.show_notice(state.problem)
        if state.key_note:
            self.address_card.key.clear()  # it is kept, and no longer needed here

    @Slot()
    def _find(self) -> None:
        if self._keeper.state.address.strip() and not self._keeper.state.busy:
            self._keeper.find(self.address_card.key.text())

    @Slot()
    def _try(self) -> None:
        self._keeper.try_model(self.offer.models.currentText())

    @Slot(object)
    def _help(self, help: Help) -> None:
        if help is Help.LOAD_AGAIN:
            self._find()


class ServerDialog(DialogInPlace):
    """The page in a window of its own."""

    def __init__(self, theme: Theme, keeper: ServerKeeper, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("A model on a server"))
        self.setAccessibleName(tr("A model on a server"))
        self.resize(pixels(560), pixels(560))
        self.setMinimumSize(420, 320)
        self.page = ServerPage(theme, keeper)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addWidget(label(tr("A model on a server"), "title"))
        column.addWidget(self.page, 1)
        area = QScrollArea()
        area.setAccessibleName(tr("A model on a server"))
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)


def _tone(state: ServerState) -> str:
    return "danger" if state.exposed else "accent"
