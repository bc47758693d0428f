"""The thread on which servers are asked for their models, and the keyring for their keys."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject

from desktop_app.jobs import Failed, Stopped
from desktop_app.paths import resource
from desktop_app.remote_settings import KeyPlace, Keys, RemoteSettings, open_remote
from desktop_app.stream_thread import StreamThread
from engine.messages import (
    AnswerEvent,
    Finished,
    LoadEvent,
    Picture,
    Progress,
    Question,
    Ready,
    Sampling,
    Speaker,
    Turn,
)

TRIAL = "samples/line.png"  # ours, so that nothing of the person is sent
TRIAL_QUESTION = "Read the text."
TRIAL_TOKENS = 16


@dataclass(frozen=True, slots=True)
class Listed:
    """Closes the search for models: a whole address, their names, and where the key is."""

    address: str
    models: tuple[str, ...]
    key_place: KeyPlace


@dataclass(frozen=True, slots=True)
class Tried:
    """Closes a trial: the model looked at a picture and wrote something."""

    text: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Closes the wish to forget a key."""

    key_place: KeyPlace


ENDS = (Listed, Tried, Forgotten, Failed, Stopped)


class ServerWorker(StreamThread):
    """One job at a time; a keyring that wants to be unlocked keeps nobody else waiting."""

    def __init__(self, keys: Keys, parent: QObject | None = None) -> None:
        super().__init__("server", lambda event: isinstance(event, ENDS), parent=parent)
        self._keys = keys

    def find(self, address: str, key: str = "") -> int:
        """Ask a server for its models; a key that works is kept. The job's number."""
        return self.give(partial(self._find, address, key))

    def try_model(self, address: str, model: str) -> int:
        """Have a model look at a picture of ours; the job's number."""
        return self.give(partial(self._try, address, model))

    def forget_key(self, address: str) -> int:
        """Remove a server's key; the job's number."""
        return self.give(partial(self._forget, address))

    def _find(self, address: str, key: str) -> Generator[Progress | Listed, None, None]:
        from engine.remote.address import parse
        from engine.remote.engine import list_models

        server = parse(address)
        asked = parse(address, key or self._keys.key(server))
        with closing(list_models(asked)) as asking:
            models = yield from asking
        place = self._keys.keep(server, key) if key else self._keys.place(server)
        yield Listed(server.address, tuple(model.name for model in models), place)

    def _try(
        self, address: str, model: str
    ) -> Generator[LoadEvent | AnswerEvent | Tried, None, None]:
        engine = open_remote(RemoteSettings(address, model), self._keys)
        for event in engine.load():
            if not isinstance(event, Ready):
                yield event
        picture = Picture.read(resource(TRIAL))
        turns = (Turn(Speaker.USER, TRIAL_QUESTION),)
        question = Question(picture, turns, Sampling.greedy(max_new_tokens=TRIAL_TOKENS))
        for told in engine.answer(question):
            if isinstance(told, Finished):
                statistics = told.statistics
                seconds = statistics.first_token_seconds + statistics.write_seconds
                yield Tried(told.text, seconds)
                return
            yield told

    def _forget(self, address: str) -> Generator[Forgotten, None, None]:
        from engine.remote.address import parse

        server = parse(address)
        self._keys.forget(server)
        yield Forgotten(self._keys.place(server))
