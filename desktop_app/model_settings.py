"""Has model and history follow the settings: which one, on what, how it writes, what is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Slot

from desktop_app.commands.session import chosen_model
from desktop_app.conversation import Conversation
from desktop_app.exchange import ModelChoice
from desktop_app.paths import Paths, model_folder
from desktop_app.preferences import Preferences
from desktop_app.recorder import Recorder
from desktop_app.remote_settings import server_choice
from desktop_app.settings import Settings
from desktop_app.worker import EngineFactory, EngineLike
from engine.messages import Decoding, Sampling

MODEL = frozenset({"model", "device", "precision", "threads"})
SERVER = frozenset({"server", "server_model"})
WRITING = frozenset(
    {"writing", "max_new_tokens", "temperature", "top_p", "top_k", "repetition_penalty"}
)
FORGET_EVERY_MS = 6 * 3_600_000
ChooseModel = Callable[[Settings], ModelChoice]


def choice_of(settings: Settings, paths: Paths) -> ModelChoice:
    """The model on this machine that the settings ask for."""
    name = chosen_model(settings.model)
    return ModelChoice(name, model_folder(name, paths), settings.device, settings.precision)


class ModelSettings(QObject):
    """Between the preferences and the conversation."""

    def __init__(
        self,
        preferences: Preferences,
        conversation: Conversation,
        recorder: Recorder,
        choose: ChooseModel,
    ) -> None:
        super().__init__(conversation)
        self._preferences = preferences
        self._conversation = conversation
        self._recorder = recorder
        self._choose = choose
        conversation.use_sampling(sampling_of(preferences.settings))
        self.forgetting = QTimer(self)  # a program in the tray may run for weeks
        self.forgetting.setInterval(FORGET_EVERY_MS)
        self.forgetting.timeout.connect(self._forget)
        self.forgetting.start()
        preferences.changed.connect(self._follow)

    @Slot(object)
    def _follow(self, names: frozenset[str]) -> None:
        settings = self._preferences.settings
        moved = bool(names & SERVER) and self._change_place()
        if names & MODEL and not moved:
            self._change_model(names & MODEL)
        if names & WRITING:
            self._conversation.use_sampling(sampling_of(settings))
        if "history" in names and self._recorder.keeping != (settings.history == "keep"):
            self._recorder.keep(settings.history == "keep")
        if "history_days" in names:
            self._forget()

    @Slot()
    def _forget(self) -> None:
        self._recorder.forget_older(int(self._preferences.settings.history_days))

    def _change_place(self) -> bool:
        """Follow settings that name another server, or none; False where all is as they say.

        They come from a file or a reset: what is chosen in the window is in use by then.
        """
        choice, settings = self._conversation.choice, self._preferences.settings
        server = server_choice(settings)
        if choice is None or (choice if choice.server else None) == server:
            return False
        self._conversation.use_model(server or self._choose(settings))
        return True

    def _change_model(self, names: frozenset[str]) -> None:
        """Load at once what was chosen, unless a server answers or nothing was loaded yet."""
        choice, wanted = self._conversation.choice, self._choose(self._preferences.settings)
        if choice is None or (choice.server and "model" not in names):
            return
        if names == {"model"} and wanted.name == choice.name and not choice.server:
            return  # chosen on the page of the models, and loaded from there
        self._conversation.use_model(wanted)
        if choice.server:
            self._preferences.set(server="", server_model="")

    @Slot()
    def remember(self) -> None:
        """What was chosen elsewhere in the window is the setting from now on."""
        choice = self._conversation.choice
        if choice is not None:
            best = chosen_model("auto") == choice.name
            self._preferences.set(server="", server_model="", model="auto" if best else choice.name)


def sampling_of(settings: Settings) -> Callable[[Sampling], Sampling] | None:
    """How the person wishes a model to write, given how its authors advise; None: as they do."""
    if settings.writing == "model" and not settings.max_new_tokens:
        return None
    changes = {
        "model": {},
        "exact": {"decoding": Decoding.GREEDY, "repetition_penalty": 1.0, "beams": 1},
        "balanced": {"decoding": Decoding.SAMPLE, "temperature": 0.7, "top_p": 0.8, "beams": 1},
        "free": {"decoding": Decoding.SAMPLE, "temperature": 1.0, "top_p": 0.95, "beams": 1},
        "own": {
            "decoding": Decoding.SAMPLE,
            "beams": 1,
            "temperature": settings.temperature,
            "top_p": settings.top_p,
            "top_k": settings.top_k,
            "repetition_penalty": settings.repetition_penalty,
        },
    }[settings.writing]
    if settings.max_new_tokens:
        changes["max_new_tokens"] = settings.max_new_tokens

    def change(advised: Sampling) -> Sampling:
        return replace(advised, **changes)  # type: ignore[arg-type]

    return change


def with_threads(make: EngineFactory, threads: Callable[[], int]) -> EngineFactory:
    """Engines that calculate on so many threads of the processor; 0 leaves it to torch."""

    def made(choice: ModelChoice) -> EngineLike:
        engine = make(choice)
        if choice.server:
            return engine
        import torch  # on the engine's thread, where it is loaded by now

        usual.append(torch.get_num_threads())
        torch.set_num_threads(threads() or usual[0])
        return engine

    usual: list[int] = []
    return made
