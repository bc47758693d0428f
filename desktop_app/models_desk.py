"""Brings the full model to the window: its page, its notices, and the change to it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot

from desktop_app import fetch_notices
from desktop_app.conversation import Conversation
from desktop_app.exchange import ModelChoice
from desktop_app.fetch_worker import FetchWorker
from desktop_app.i18n import tr
from desktop_app.jobs import Surveyed
from desktop_app.model_keeper import ModelKeeper
from desktop_app.model_state import ModelState, Stage
from desktop_app.notices import Help, Notice
from desktop_app.paths import FULL, STARTER, Paths, model_folder
from desktop_app.theme import Theme
from desktop_app.ui.main_window import MainWindow
from desktop_app.ui.models_page import ModelsPage
from desktop_app.worker import EngineWorker

NEEDS_PAGE = (Help.MODELS, Help.CHOOSE_FOLDER, Help.CHOOSE_IMPORT)


def make_keeper(paths: Paths, source: str = "") -> ModelKeeper:
    """The keeper of the full model, with a thread of its own."""
    from engine.fetch.library import Library
    from engine.fetch.manifest import MINICPM_V_2

    return ModelKeeper(FetchWorker(), Library(paths.data / "models"), MINICPM_V_2, source)


class ModelsDesk(QObject):
    """Connects the keeper of the full model with the window and its conversation."""

    server_wished = Signal()
    used_here = Signal()  # a model on this computer was chosen

    def __init__(
        self,
        theme: Theme,
        window: MainWindow,
        conversation: Conversation,
        keeper: ModelKeeper,
        paths: Paths,
        worker: EngineWorker,
    ) -> None:
        super().__init__(window)
        self._worker = worker
        self._survey = 0
        worker.happened.connect(self._surveyed)
        self._theme = theme
        self._window = window
        self._conversation = conversation
        self._keeper = keeper
        self._paths = paths
        self._page: ModelsPage | None = None
        window.models_wished.connect(self.show_page)
        window.help_wished.connect(self._help)
        keeper.told.connect(self._tell)
        keeper.changed.connect(self._show_progress)
        conversation.model_changed.connect(self._show_in_use)
        window.rebuilt.connect(self._rebuild)
        self._show_progress(keeper.state)

    @property
    def page(self) -> ModelsPage:
        """The page, made when it is first needed."""
        if self._page is None:
            self._page = ModelsPage(self._theme, self._keeper, self._window)
            self._page.use_wished.connect(self.use)
            self._page.server_wished.connect(self.server_wished)
            self._show_in_use()
        return self._page

    @Slot()
    def show_page(self) -> None:
        """Open the page, or bring it to the front."""
        self._survey = self._worker.survey()
        self.page.show()
        self.page.activateWindow()
        self.page.focus_first()

    @Slot()
    def _rebuild(self) -> None:
        """The window has parts in other words now, and the page needs them too."""
        self._show_progress(self._keeper.state)
        if self._page is None:
            return
        page, self._page = self._page, None
        shown = page.isVisible()
        page.hide()
        page.deleteLater()
        if shown:
            self.show_page()

    def offer(self) -> None:
        """At the start: offer to go on with a download that was interrupted."""
        state = self._keeper.state
        if state.stage is Stage.PAUSED and self._keeper.licence_accepted:
            self._window.show_notice(
                fetch_notices.unfinished(self._keeper.name, state.done, state.total)
            )

    @Slot(str)
    def use(self, name: str) -> None:
        """Let another model answer, on the same device."""
        now = self._conversation.choice or ModelChoice(name, model_folder(name, self._paths))
        folder = model_folder(name, self._paths)
        self._conversation.use_model(
            replace(now, name=name, folder=folder, server="", anyway=False)
        )
        self.used_here.emit()

    @Slot()
    def use_best(self) -> None:
        """Let the best model on this computer answer."""
        self.use(FULL if self._keeper.state.stage is Stage.COMPLETE else STARTER)

    @Slot(int, object)
    def _surveyed(self, job: int, event: object) -> None:
        if job == self._survey and isinstance(event, Surveyed):
            self._keeper.use_devices(event.free)

    @Slot(object)
    def _tell(self, notice: Notice) -> None:
        if self._page is None or not self._page.isVisible():
            self._window.show_notice(notice)

    @Slot(object)
    def _help(self, help: Help) -> None:
        if help in NEEDS_PAGE:
            self.show_page()
        self.page.help(help)

    @Slot(object)
    def _show_progress(self, state: ModelState) -> None:
        words = tr("Get the full model")
        if state.busy or state.stage is Stage.PAUSED:
            words = f"{self._keeper.name}: {int(100 * state.share)} %"
        elif state.stage is Stage.COMPLETE:
            words = tr("Use the full model")
        self._window.limits.say(words)

    @Slot()
    def _show_in_use(self) -> None:
        choice = self._conversation.choice
        if self._page is not None:
            name, server = (choice.name, choice.server) if choice is not None else ("", "")
            self._page.show_in_use(name, server)
