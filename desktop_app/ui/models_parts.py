"""The cards of the models page: place, licence, what can be done, a question in its place."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl, Signal, Slot
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
)

from desktop_app.i18n import tr
from desktop_app.model_state import LicenceTerms, ModelState
from desktop_app.paths import STARTER
from desktop_app.theme import Theme
from desktop_app.ui.form_parts import CheckBox, ChoiceBox
from desktop_app.ui.models_progress import Card
from desktop_app.ui.outside import open_outside
from desktop_app.ui.parts import IconLabel, dialog_button, label, restyle
from desktop_app.wording import model_name, size_of

TEXT_HEIGHT = 220  # pixels


class PlaceCard(Card):
    """Where the model shall lie, the room there, and where it comes from."""

    change_wished = Signal()
    source_wished = Signal(str)

    def __init__(self, theme: Theme, sources: tuple[tuple[str, str], ...]) -> None:
        """``sources`` are keys and names; a key that is none of them is an address."""
        super().__init__()
        self._keys = [key for key, _ in sources]
        self.folder = label(wrap=True)
        self.folder.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.room = label(kind="secondary")
        self.change_button = dialog_button(tr("Change…"))
        self.change_button.setAccessibleName(tr("Change the folder"))
        self.sources = ChoiceBox(theme, tr("Source"))
        self.sources.addItems([*(name for _, name in sources), tr("Own address")])
        self.address = QLineEdit()
        self.address.setAccessibleName(tr("Address of the files"))
        self.address.setPlaceholderText(tr("https://… below which the files lie"))
        self.address.hide()
        self.change_button.clicked.connect(self.change_wished)
        self.sources.activated.connect(self._choose)
        self.address.textChanged.connect(self._choose)
        self._lay_out()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        middle = Qt.AlignmentFlag.AlignVCenter
        grid.addWidget(label(tr("Folder"), "secondary"), 0, 0, middle)
        grid.addWidget(self.folder, 0, 1, middle)
        grid.addWidget(self.change_button, 0, 2, middle)
        grid.addWidget(self.room, 1, 1)
        grid.setRowMinimumHeight(2, 8)
        grid.addWidget(label(tr("Source"), "secondary"), 3, 0, middle)
        grid.addWidget(self.sources, 3, 1, 1, 2)
        grid.addWidget(self.address, 4, 1, 1, 2)
        self.column.addLayout(grid)

    def show_state(self, state: ModelState) -> None:
        """Show the folder that is chosen and the source."""
        self.folder.setText(state.folder)
        missing = state.total - state.done
        short = state.free is not None and state.free < missing
        words = tr("Looking at the disk…")
        if state.free is not None:
            words = tr("{size} free on this disk").format(size=size_of(state.free))
        if state.free is not None and short:
            words = tr("{free} free on this disk, {needed} are needed").format(
                free=size_of(state.free), needed=size_of(missing)
            )
        self.room.setText(words)
        restyle(self.room, kind="alarm" if short else "secondary")
        own = state.source not in self._keys
        if not self.address.hasFocus():
            self.sources.setCurrentIndex(len(self._keys) if own else self._keys.index(state.source))
            if own and self.address.text() != state.source:
                self.address.setText(state.source)
        self.address.setVisible(self.sources.currentIndex() == len(self._keys))

    @Slot()
    def _choose(self) -> None:
        index = self.sources.currentIndex()
        own = index == len(self._keys)
        self.address.setVisible(own)
        if own and self.sender() is self.sources:
            self.address.setFocus()
        self.source_wished.emit(self.address.text().strip() if own else self._keys[index])


class LicenceCard(Card):
    """The licence's points, the way to its text, and the box that has to be ticked."""

    agreed = Signal(bool)
    text_wished = Signal()

    def __init__(self, theme: Theme, terms: LicenceTerms) -> None:
        super().__init__()
        self._address = terms.address
        self.column.setSpacing(6)
        self.column.addWidget(label(tr("Licence"), "strong"))
        for point in terms.points:
            self.column.addWidget(self._point(point))
        self.text = QPlainTextEdit()
        self.text.setAccessibleName(tr("The licence's text"))
        self.text.setReadOnly(True)
        self.text.setMinimumHeight(TEXT_HEIGHT)
        self.text.hide()
        self.text_note = label(kind="secondary", wrap=True)
        self.text_note.hide()
        self.read_button = dialog_button(tr("Read the licence"), "link")
        self.read_button.setToolTip(terms.address)
        self.read_button.clicked.connect(self._fetch if terms.has_text else self._read)
        self.box = CheckBox(theme, tr("I have read the licence and accept it"))
        self.box.toggled.connect(self.agreed)
        row = QHBoxLayout()
        row.addWidget(self.box, 1)
        row.addWidget(self.read_button)
        self.column.addWidget(self.text)
        self.column.addWidget(self.text_note)
        self.column.addSpacing(4)
        self.column.addLayout(row)

    def show_text(self, text: str) -> None:
        """Show the licence itself, or in a browser where it cannot be had here."""
        self.text.setPlainText(text)
        self.text.setVisible(bool(text))
        self.read_button.setEnabled(True)
        self.read_button.setVisible(not text)
        words = tr("What you accept is the text above.")
        if not text:
            words = tr("The text could not be fetched; it is opened in the browser.")
            self._read()
        self.text_note.setText(words)

    @Slot()
    def _fetch(self) -> None:
        self.read_button.setEnabled(False)
        self.text_note.setText(tr("Fetching the text of the licence…"))
        self.text_note.show()
        self.text_wished.emit()

    def _point(self, point: str) -> QLabel:
        if point != self._address:
            return label(point, "quiet", wrap=True)
        made = label(point, "secondary")
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return made

    @Slot()
    def _read(self) -> None:
        open_outside(self, QUrl(self._address))


class CompleteCard(Card):
    """A model that is whole: where, how large, and what can be done with it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.note = label(kind="secondary", wrap=True)
        self.facts = label(kind="secondary", wrap=True)
        self.facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.use_button = dialog_button(tr("Use it now"), "main")
        self.folder_button = dialog_button(tr("Show folder"))
        self.verify_button = dialog_button(tr("Check"))
        self.verify_button.setToolTip(tr("Read every byte and compare it with what was published"))
        self.repair_button = dialog_button(tr("Repair"))
        self.repair_button.setToolTip(tr("Check, and fetch again only what is bad"))
        self.remove_button = dialog_button(tr("Remove…"))
        self._title: QLabel = label(kind="strong")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(IconLabel(theme, "check", "success"))
        head.addWidget(self._title, 1)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.use_button)
        row.addStretch(1)
        for button in (
            self.folder_button,
            self.verify_button,
            self.repair_button,
            self.remove_button,
        ):
            row.addWidget(button)
        self.column.addLayout(head)
        self.column.addWidget(self.facts)
        self.column.addWidget(self.note)
        self.column.addSpacing(4)
        self.column.addLayout(row)

    def show_state(self, state: ModelState, in_use: bool) -> None:
        """Show where it is, and whether it answers."""
        words = tr("Complete, used from its own folder") if state.imported else tr("Complete")
        self._title.setText(f"{words}  ·  {size_of(state.done)}")
        self.facts.setText(state.folder)
        self.note.setText(state.note)
        self.note.setVisible(bool(state.note))
        use = tr("In use") if in_use else tr("Use it now")
        self.use_button.setText(use)
        self.use_button.setAccessibleName(use)
        self.use_button.setEnabled(not in_use)
        restyle(self.use_button, kind="edged" if in_use else "main")


class AskCard(Card):
    """A question where the button was that raised it; nothing happens until it is answered."""

    agreed = Signal()
    declined = Signal()

    def __init__(self) -> None:
        super().__init__("error")
        self.words = label(wrap=True)
        self.yes_button = dialog_button(tr("Remove"), "danger")
        self.no_button = dialog_button(tr("Keep it"))
        self.yes_button.clicked.connect(self.agreed)
        self.no_button.clicked.connect(self.declined)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.words, 1)
        row.addWidget(self.no_button)
        row.addWidget(self.yes_button)
        self.column.addLayout(row)
        self.hide()

    def ask(self, state: ModelState) -> None:
        """Say what would be gone."""
        words = tr("Delete {size} in {folder}?")
        yes = tr("Delete")
        if state.imported:
            words, yes = tr("No longer use {folder}? Its files stay."), tr("No longer use")
        self.words.setText(words.format(size=size_of(state.done), folder=state.folder))
        self.yes_button.setText(yes)
        self.yes_button.setAccessibleName(yes)
        self.show()
        self.no_button.setFocus()


class RowCard(Card):
    """A sentence and a button."""

    def __init__(self, words: str, button: str) -> None:
        super().__init__()
        self.words = label(words, "secondary", wrap=True)
        self.button = dialog_button(button)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.words, 1)
        row.addWidget(self.button)
        self.column.addLayout(row)


class ImportCard(RowCard):
    """The way in for a folder that holds the model already."""

    def __init__(self) -> None:
        super().__init__("", tr("Choose its folder…"))
        self.offer(dragged=False)

    def offer(self, *, dragged: bool) -> None:
        """Say what can be done; while a folder is dragged, what dropping would do."""
        words = tr("You have it already? Drop its folder here, or choose it. It stays where it is.")
        if dragged:
            words = tr("Drop the folder to check it and use it where it is.")
        self.words.setText(words)
        restyle(self, kind="info" if dragged else "card")


class ServerCard(RowCard):
    """The way to a model that runs elsewhere."""

    def __init__(self) -> None:
        words = tr("Or ask a model that runs on a server: your own, or one that you trust.")
        super().__init__(words, tr("Set up a server…"))

    def show_server(self, address: str) -> None:
        """Say which server is in use, if one is."""
        words = tr("Or ask a model that runs on a server: your own, or one that you trust.")
        if address:
            words = tr("In use: a model on {server}.").format(server=address)
        self.words.setText(words)


class StarterCard(RowCard):
    """The way back to the model that ships with the program."""

    def __init__(self) -> None:
        words = tr("{model}: comes with the program, small and quick.")
        super().__init__(words.format(model=model_name(STARTER)), tr("Use it now"))
        self.button.setAccessibleName(tr("Use the starter model"))
