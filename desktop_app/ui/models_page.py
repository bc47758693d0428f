"""The page on which the full model is got, kept, checked, imported and removed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop_app.i18n import tr
from desktop_app.model_keeper import ModelKeeper
from desktop_app.model_state import ModelState, Stage, Work
from desktop_app.notices import Help
from desktop_app.paths import STARTER
from desktop_app.theme import Theme
from desktop_app.ui.in_place import DialogInPlace
from desktop_app.ui.models_memory import MemoryCard
from desktop_app.ui.models_parts import (
    AskCard,
    CompleteCard,
    ImportCard,
    LicenceCard,
    PlaceCard,
    ServerCard,
    StarterCard,
)
from desktop_app.ui.models_progress import ProgressCard
from desktop_app.ui.notice_bar import NoticeBar
from desktop_app.ui.outside import open_outside
from desktop_app.ui.parts import IconLabel, dialog_button, label
from desktop_app.wording import size_of


class ModelsPage(DialogInPlace):
    """Shows one model's state; the window can be used while it is open, and while it is closed."""

    use_wished = Signal(str)  # a model
    server_wished = Signal()

    def __init__(self, theme: Theme, keeper: ModelKeeper, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keeper = keeper
        self._in_use = ""
        self._stage = keeper.state.stage
        self.setWindowTitle(tr("Models"))
        self.setAccessibleName(tr("Models"))
        self.resize(600, 740)
        self.setMinimumSize(480, 360)
        self.setAcceptDrops(True)
        self.notice = NoticeBar(theme, stacked=True)
        self.notice.close_button.hide()
        self.progress = ProgressCard()
        self.place = PlaceCard(theme, keeper.sources)
        self.licence = LicenceCard(theme, keeper.terms) if keeper.terms is not None else None
        self.meanwhile = label(kind="secondary", wrap=True)
        self.memory = MemoryCard()
        self.complete = CompleteCard(theme)
        self.ask_card = AskCard()
        size = size_of(keeper.size)
        self.get_button = dialog_button(
            tr("Get {model} ({size})").format(model=keeper.name, size=size), "main"
        )
        self.drop_button = dialog_button(tr("Remove what is here…"))
        self.import_card, self.starter_card = ImportCard(), StarterCard()
        self.server_card = ServerCard()
        self._lay_out(theme)
        self._listen()
        self._show(keeper.state)

    def _lay_out(self, theme: Theme) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addLayout(self._heading(theme))
        cards = [self.notice, self.progress, self.meanwhile, self.complete, self.place]
        for card in (*cards, *([self.licence] if self.licence else []), self.ask_card):
            column.addWidget(card)
        row = QHBoxLayout()
        row.addWidget(self.drop_button)
        row.addStretch(1)
        row.addWidget(self.get_button)
        column.addLayout(row)
        column.addWidget(self.memory)
        column.addWidget(self.import_card)
        column.addWidget(self.starter_card)
        column.addWidget(self.server_card)
        column.addStretch(1)
        area = QScrollArea()
        area.setAccessibleName(tr("Models"))
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)

    def _heading(self, theme: Theme) -> QHBoxLayout:
        texts = QVBoxLayout()
        texts.setSpacing(4)
        texts.addWidget(label(self._keeper.name, "title"))
        words = tr(
            "The full model: looks at photographs, documents, tables and signs, in English and "
            "Chinese. It runs on this computer, and no picture leaves it."
        )
        texts.addWidget(label(words, "quiet", wrap=True))
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(IconLabel(theme, "model", "accent", 32), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(texts, 1)
        return row

    def _listen(self) -> None:
        keeper = self._keeper
        keeper.changed.connect(self._show)
        self.get_button.clicked.connect(self._get)
        self.progress.stop_wished.connect(keeper.stop)
        self.progress.go_on_wished.connect(self._get)
        self.place.change_wished.connect(self.choose_folder)
        self.place.source_wished.connect(keeper.use_source)
        self.import_card.button.clicked.connect(self.choose_import)
        self.drop_button.clicked.connect(self._ask_removal)
        self.ask_card.agreed.connect(self._remove)
        self.ask_card.declined.connect(self._keep)
        self.notice.help_wished.connect(self.help)
        self.complete.use_button.clicked.connect(self._use)
        self.complete.folder_button.clicked.connect(self._show_folder)
        self.complete.verify_button.clicked.connect(keeper.verify)
        self.complete.repair_button.clicked.connect(keeper.repair)
        self.complete.remove_button.clicked.connect(self._ask_removal)
        self.starter_card.button.clicked.connect(self._use_starter)
        self.server_card.button.clicked.connect(self.server_wished)
        if self.licence is not None:
            self.licence.agreed.connect(self._allow)
            self.licence.text_wished.connect(keeper.fetch_licence)
            keeper.licence_read.connect(self.licence.show_text)

    # What is so

    def show_in_use(self, name: str, server: str = "") -> None:
        """Say which model answers, and on which server if on one."""
        self._in_use = "" if server else name
        self.server_card.show_server(server)
        self._show(self._keeper.state)

    def focus_first(self) -> None:
        """Put the focus on what comes next."""
        shown = (
            self.licence.box if self.licence is not None else None,
            self.get_button,
            self.notice.help_button,
            self.progress.go_on_button,
            self.progress.stop_button,
            self.complete.use_button,
            self.complete.folder_button,
        )
        for widget in shown:
            if widget is not None and widget.isVisible() and widget.isEnabled():
                widget.setFocus()
                return

    @Slot(object)
    def _show(self, state: ModelState) -> None:
        stage, failed = state.stage, state.stage is Stage.FAILED
        self.progress.show_state(state)
        begun = 0 < state.done < state.total
        self.progress.setVisible(state.busy or stage is Stage.PAUSED or (failed and begun))
        self.meanwhile.setText(_meanwhile(state))
        self.meanwhile.setVisible(bool(self.meanwhile.text()))
        self.complete.show_state(state, self._in_use == self._keeper.key)
        self.complete.setVisible(stage is Stage.COMPLETE)
        self.place.show_state(state)
        self.memory.show_outlooks(state.memory)
        self.place.setVisible(stage in (Stage.ABSENT, Stage.PAUSED) or failed)
        self.get_button.setVisible(stage is Stage.ABSENT)
        self.drop_button.setVisible(stage is Stage.PAUSED or (failed and state.done > 0))
        self.import_card.setVisible(stage in (Stage.ABSENT, Stage.PAUSED) or failed)
        full_used = self._in_use == self._keeper.key
        self.starter_card.setVisible(stage is Stage.COMPLETE and full_used)
        if self.licence is not None:
            self.licence.setVisible(stage is Stage.ABSENT and not self._keeper.licence_accepted)
        if state.busy or not state.done:
            self.ask_card.hide()
        self._show_problem(state)
        self._allow()
        if stage is not self._stage:  # the button that had the focus may be gone
            self._stage = stage
            self.focus_first()

    def _show_problem(self, state: ModelState) -> None:
        if state.problem is None:
            self.notice.clear()
        elif state.problem is not self.notice.notice:
            self.notice.show_notice(state.problem)

    @Slot()
    def _allow(self) -> None:
        """Nothing can be fetched before the licence is accepted."""
        self.get_button.setEnabled(self._accepted)

    @property
    def _accepted(self) -> bool:
        if self.licence is None or self._keeper.licence_accepted:
            return True
        return self.licence.box.isChecked()

    # What the person wishes

    @Slot()
    def _get(self) -> None:
        self._keeper.get(accepted=self._accepted)

    @Slot(object)
    def help(self, help: Help) -> None:
        """Do what a notice offers."""
        match help:
            case Help.FETCH_AGAIN:
                self._keeper.try_again()
            case Help.CONTINUE:
                self._get()
            case Help.REPAIR:
                self._keeper.repair()
            case Help.CHOOSE_FOLDER:
                self.choose_folder()
            case Help.CHOOSE_IMPORT:
                self.choose_import()
            case Help.USE_FULL:
                self._use()
            case _:
                pass

    @Slot()
    def choose_folder(self) -> None:
        """Choose where the model shall lie."""
        start = str(Path(self._keeper.state.folder).parent)
        folder = QFileDialog.getExistingDirectory(self, tr("Where the model shall lie"), start)
        if folder:
            self._keeper.choose_folder(Path(folder))
        else:
            self._show(self._keeper.state)

    @Slot()
    def choose_import(self) -> None:
        """Choose a folder that holds the model already."""
        folder = QFileDialog.getExistingDirectory(self, tr("The folder with the model"))
        if folder:
            self._keeper.import_folder(Path(folder))
        else:
            self._show(self._keeper.state)

    @Slot()
    def _use(self) -> None:
        self.use_wished.emit(self._keeper.key)

    @Slot()
    def _use_starter(self) -> None:
        self.use_wished.emit(STARTER)

    @Slot()
    def _show_folder(self) -> None:
        open_outside(self, QUrl.fromLocalFile(self._keeper.state.folder))

    @Slot()
    def _ask_removal(self) -> None:
        self.ask_card.ask(self._keeper.state)

    @Slot()
    def _keep(self) -> None:
        self.ask_card.hide()
        (self.complete.remove_button if self.complete.isVisible() else self.drop_button).setFocus()

    @Slot()
    def _remove(self) -> None:
        self.ask_card.hide()
        if self._in_use == self._keeper.key:
            self.use_wished.emit(STARTER)  # who answers must not lose its files
        self._keeper.remove()

    # A folder that is dropped

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Say what dropping would do."""
        if dropped_folder(event) is not None and not self._keeper.state.busy:
            event.acceptProposedAction()
            self.import_card.offer(dragged=True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """It went elsewhere."""
        self.import_card.offer(dragged=False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Check the folder and use it."""
        self.import_card.offer(dragged=False)
        folder = dropped_folder(event)
        if folder is not None:
            event.acceptProposedAction()
            self._keeper.import_folder(folder)

    def changeEvent(self, event: QEvent) -> None:
        """Who comes back may have made room on the disk meanwhile."""
        super().changeEvent(event)
        state = self._keeper.state
        quiet = state.stage in (Stage.ABSENT, Stage.PAUSED) and state.problem is None
        if event.type() is QEvent.Type.ActivationChange and self.isActiveWindow() and quiet:
            self._keeper.look()


def _meanwhile(state: ModelState) -> str:
    if not state.busy or state.work not in (Work.GET, Work.REPAIR):
        return ""
    return tr(
        "You can close this page and go on with the model in use. The program's end pauses the "
        "download; the next start offers to go on with it."
    )


def dropped_folder(event: QDropEvent) -> Path | None:
    """The local folder that is dragged, or the one of a file of a model."""
    urls = [url for url in event.mimeData().urls() if url.isLocalFile()]
    if not urls:
        return None
    path = Path(urls[0].toLocalFile())
    return path if path.is_dir() else path.parent
