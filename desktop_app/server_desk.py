"""Brings a model on a server to the window: its page, the notice before it answers, the change."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from desktop_app import remote_wording
from desktop_app.conversation import Conversation
from desktop_app.exchange import ModelChoice
from desktop_app.remote_settings import Keys, RemoteSettings
from desktop_app.server_keeper import ServerKeeper
from desktop_app.server_worker import ServerWorker
from desktop_app.settings import Settings
from desktop_app.theme import Theme
from desktop_app.ui.main_window import MainWindow
from desktop_app.ui.server_page import ServerDialog, ServerPage
from engine.messages import ModelInfo


class ServerDesk(QObject):
    """Connects the keeper of the server with the window and its conversation."""

    server_changed = Signal(str, str)  # address and model, to be remembered; empty: none
    local_wished = Signal()

    def __init__(
        self,
        theme: Theme,
        window: MainWindow,
        conversation: Conversation,
        keys: Keys,
        settings: Settings,
    ) -> None:
        super().__init__(window)
        self._theme = theme
        self._window = window
        self._conversation = conversation
        self.dialog: ServerDialog | None = None
        self._told = ""  # the server about which the person knows
        self.keeper = ServerKeeper(ServerWorker(keys), RemoteSettings.of(settings), self)
        self.keeper.use_wished.connect(self._use)
        self.keeper.local_wished.connect(self._leave)
        conversation.model_changed.connect(self._model_changed)
        window.rebuilt.connect(self._rebuild)

    def make_page(self) -> ServerPage:
        """Another page about the same server, for a window of settings."""
        return ServerPage(self._theme, self.keeper)

    @Slot()
    def show_page(self) -> None:
        """Open the page in a window of its own, or bring it to the front."""
        if self.dialog is None:
            self.dialog = ServerDialog(self._theme, self.keeper, self._window)
        self.dialog.show()
        self.dialog.activateWindow()
        self.dialog.page.focus_first()

    def shutdown(self) -> None:
        """Hang up."""
        self.keeper.shutdown()

    @Slot(str, str)
    def _use(self, address: str, model: str) -> None:
        self._conversation.use_model(ModelChoice(model, Path(), server=address))
        self.server_changed.emit(address, model)

    @Slot()
    def _leave(self) -> None:
        self.local_wished.emit()
        self.server_changed.emit("", "")

    @Slot(object)
    def _model_changed(self, info: ModelInfo | None) -> None:
        choice = self._conversation.choice
        if choice is not None and choice.server and choice.server != self.keeper.state.address:
            self.keeper.type_address(choice.server)  # from settings that were imported
            self.keeper.choose(choice.name)
        self.keeper.show_in_use(choice)
        self._window.empty.say_what_leaves(_leaves(choice))
        if choice is None or not choice.server:
            self._told = ""
        elif info is not None and self._told != choice.server:
            self._told = choice.server
            self._tell(choice.server)

    def _tell(self, address: str) -> None:
        """Before the first question: what will leave this machine."""
        from engine.remote.address import parse

        notice = remote_wording.privacy_notice(parse(address))
        if notice is not None:
            self._window.show_notice(notice)

    @Slot()
    def _rebuild(self) -> None:
        if self.dialog is not None:
            dialog, self.dialog = self.dialog, None
            shown = dialog.isVisible()
            dialog.hide()
            dialog.deleteLater()
            if shown:
                self.show_page()
        self._window.empty.say_what_leaves(_leaves(self._conversation.choice))


def _leaves(choice: ModelChoice | None) -> str:
    """What leaves this machine, in words; nothing for a model or a server that is here."""
    if choice is None or not choice.server:
        return ""
    from engine.remote.address import parse

    return remote_wording.privacy(parse(choice.server))
