"""The server that is asked instead of a model here: its state for the window, and the wishes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from desktop_app import notices, remote_wording
from desktop_app.exchange import ModelChoice
from desktop_app.i18n import tr
from desktop_app.jobs import Failed
from desktop_app.remote_settings import KeyPlace, RemoteSettings
from desktop_app.server_state import ServerStage, ServerState
from desktop_app.server_worker import Forgotten, Listed, ServerWorker, Tried
from engine.errors import EngineError

if TYPE_CHECKING:
    from engine.remote.address import Server


class ServerKeeper(QObject):
    """Owns what is known of the server; lives on the GUI thread; reads its worker's events."""

    changed = Signal(object)  # ServerState
    use_wished = Signal(str, str)  # address, model
    local_wished = Signal()  # the model on this computer shall answer again

    def __init__(
        self,
        worker: ServerWorker,
        chosen: RemoteSettings,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._worker = worker
        self._job = 0
        self._state = ServerState(address=chosen.address, model=chosen.model)
        worker.happened.connect(self._read_event)
        self.type_address(chosen.address)

    @property
    def state(self) -> ServerState:
        """What is known now."""
        return self._state

    # Wishes

    def type_address(self, address: str) -> None:
        """What is being typed; it says beforehand what would leave this machine."""
        server = _server(address)
        leaves = remote_wording.privacy(server) if server is not None else ""
        exposed = bool(leaves) and server is not None and not server.encrypted
        state = replace(self._state, privacy=leaves, exposed=exposed)
        if address != self._state.address:  # what was found belongs to the other one
            self._drop_job()
            state = replace(
                state,
                stage=ServerStage.EMPTY,
                address=address,
                models=(),
                line="",
                key_note="",
                key_kept=False,
                problem=None,
            )
        self._set(state)

    def find(self, key: str = "") -> None:
        """Ask the server for its models, with a new key or the one that is kept."""
        line = tr("Asking the server for its models…")
        self._begin(ServerStage.ASKING, line, self._worker.find(self._state.address, key))

    def try_model(self, model: str) -> None:
        """See whether a model looks at pictures."""
        line = tr("{model} looks at a sample picture…").format(model=model)
        number = self._worker.try_model(self._state.address, model)
        self._begin(ServerStage.TRYING, line, number)

    def choose(self, model: str) -> None:
        """Another of its models."""
        self._set(replace(self._state, model=model, line=""))

    def forget_key(self) -> None:
        """Remove the key from keyring and memory."""
        self._drop_job()
        self._job = self._worker.forget_key(self._state.address)

    def stop(self) -> None:
        """Ask no longer."""
        if self._job and self._state.busy:
            self._worker.stop(self._job)
            self._set(replace(self._state, stage=ServerStage.STOPPING))

    def use(self) -> None:
        """Let the chosen model answer."""
        self.use_wished.emit(self._state.address, self._state.model)

    def show_in_use(self, choice: ModelChoice | None) -> None:
        """Which model answers now."""
        same = choice is not None and bool(choice.server) and choice.server == self._state.address
        self._set(replace(self._state, in_use=choice.name if same and choice is not None else ""))

    def shutdown(self) -> None:
        """Hang up, and wait until the thread has ended."""
        self._job = 0
        self._worker.shutdown()

    # What happens

    def _begin(self, stage: ServerStage, line: str, number: int) -> None:
        self._drop_job()
        self._job = number
        self._set(replace(self._state, stage=stage, line=line, problem=None))

    def _drop_job(self) -> None:
        if self._job:
            self._worker.stop(self._job)
        self._job = 0

    @Slot(int, object)
    def _read_event(self, job: int, event: object) -> None:
        if job != self._job:
            return
        match event:
            case Listed():
                self._listed(event)
            case Tried():
                words = tr("It answers and sees pictures: {seconds} s for a sample.")
                self._end(words.format(seconds=f"{event.seconds:.1f}"))
            case Forgotten():
                self._job = 0
                self._set(_with_key(self._state, event.key_place))
            case Failed():
                self._job = 0
                problem = notices.explain(event.error)
                self._set(replace(self._state, stage=ServerStage.FAILED, line="", problem=problem))
            case _ if _closing(event):
                self._end("")

    def _listed(self, event: Listed) -> None:
        model = self._state.model
        if model not in event.models:
            model = event.models[0] if event.models else ""
        found = len(event.models)
        words = tr("1 model") if found == 1 else tr("{count} models").format(count=found)
        if not found:
            words = tr("The server answers, but it has no model to offer.")
        state = replace(self._state, address=event.address, models=event.models, model=model)
        self._state = _with_key(state, event.key_place)
        self._end(words)

    def _end(self, line: str) -> None:
        self._job = 0
        stage = ServerStage.LISTED if self._state.models else ServerStage.EMPTY
        self._set(replace(self._state, stage=stage, line=line))

    def _set(self, state: ServerState) -> None:
        self._state = state
        self.changed.emit(state)


def _closing(event: object) -> bool:
    from desktop_app.server_worker import ENDS

    return isinstance(event, ENDS)


def _with_key(state: ServerState, place: KeyPlace) -> ServerState:
    """A server that wants no key needs no word about it."""
    note = "" if place is KeyPlace.NOWHERE else remote_wording.key_place(place)
    kept = place in (KeyPlace.RUN, KeyPlace.KEYRING)
    return replace(state, key_note=note, key_kept=kept)


def _server(address: str) -> Server | None:
    from engine.remote.address import parse

    try:
        return parse(address) if address.strip() else None
    except EngineError:
        return None
