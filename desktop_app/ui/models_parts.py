"""The cards of the models page: progress, place, licence, what can be done, a question in place."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
)

from desktop_app.i18n import tr
from desktop_app.model_state import LicenceTerms, ModelState, Stage, Work
from desktop_app.theme import Theme
from desktop_app.ui.form_parts import CheckBox, ChoiceBox
from desktop_app.ui.parts import IconLabel, label, push_button, restyle
from desktop_app.wording import size_of

STEPS = 1000  # of the bar


class Card(QFrame):
    """A column of things that belong together."""

    def __init__(self, kind: str = "card") -> None:
        super().__init__()
        self.setProperty("kind", kind)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(16, 16, 16, 16)
        self.column.setSpacing(8)


def dialog_button(text: str, kind: str = "edged") -> QPushButton:
    """A button that Return does not press from elsewhere in the dialog."""
    button = push_button(text, kind)
    button.setAutoDefault(False)
    return button


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
        short = state.free < missing
        words = tr("{size} free on this disk").format(size=size_of(state.free))
        if short:
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

    def __init__(self, theme: Theme, terms: LicenceTerms) -> None:
        super().__init__()
        self._address = terms.address
        self.column.setSpacing(6)
        self.column.addWidget(label(tr("Licence"), "strong"))
        for point in terms.points:
            self.column.addWidget(self._point(point))
        self.read_button = dialog_button(tr("Read the licence"), "link")
        self.read_button.setToolTip(terms.address)
        self.read_button.clicked.connect(self._read)
        self.box = CheckBox(theme, tr("I have read the licence and accept it"))
        self.box.toggled.connect(self.agreed)
        row = QHBoxLayout()
        row.addWidget(self.box, 1)
        row.addWidget(self.read_button)
        self.column.addSpacing(4)
        self.column.addLayout(row)

    def _point(self, point: str) -> QLabel:
        if point != self._address:
            return label(point, "quiet", wrap=True)
        made = label(point, "secondary")
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return made

    @Slot()
    def _read(self) -> None:
        QDesktopServices.openUrl(QUrl(self._address))


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
