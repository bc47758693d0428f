"""Which server is asked instead of a model here, and its key: in the system's keyring, no file."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.exchange import ModelChoice
from desktop_app.settings import Settings

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

    from engine.remote.address import Server
    from engine.remote.engine import RemoteEngine

LOG = logging.getLogger(__name__)
SERVICE = "minicpmv"  # the keyring's word for whose entry it is
KEY_VARIABLE = "MINICPMV_API_KEY"
# backends that keep nothing, refuse everything, or write a plain file
UNSAFE = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")


class KeyPlace(str, Enum):
    """Where a key is."""

    NOWHERE = "nowhere"
    RUN = "run"  # in memory, until the program ends
    KEYRING = "keyring"
    ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class RemoteSettings:
    """A server and one of its models; no address means that the model runs here."""

    address: str = ""
    model: str = ""

    @classmethod
    def of(cls, settings: Settings) -> RemoteSettings:
        """What the person has set."""
        return cls(settings.server, settings.server_model)

    def within(self, settings: Settings) -> Settings:
        """The person's settings with these, to be saved."""
        return replace(settings, server=self.address, server_model=self.model)

    def server(self) -> Server:
        """The address made whole. Raises RemoteError."""
        from engine.remote.address import parse

        return parse(self.address)


def server_choice(settings: Settings) -> ModelChoice | None:
    """The model on a server that the person has set, if any."""
    chosen = RemoteSettings.of(settings)
    if not chosen.address:
        return None
    return ModelChoice(chosen.model, Path(), server=chosen.address)


class Keys:
    """The keys of servers, each for one server only.

    A key in the environment goes before all others. What the keyring does not take is kept for
    this run. The keyring may ask the person to unlock it, so call on no thread that must not wait.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._environment = environment
        self._of_this_run: dict[str, str] = {}

    @property
    def can_be_kept(self) -> bool:
        """Whether this system has a keyring that is safe to use."""
        return _backend() is not None

    def key(self, server: Server) -> str:
        """The server's key, or an empty text."""
        return self._find(server)[0]

    def place(self, server: Server) -> KeyPlace:
        """Where the server's key is."""
        return self._find(server)[1]

    def keep(self, server: Server, key: str) -> KeyPlace:
        """Keep a key in place of the one before, and say where; an empty one is forgotten."""
        self.forget(server)
        key, backend = key.strip(), _backend()
        if not key:
            return KeyPlace.NOWHERE
        if backend is not None:
            try:
                backend.set_password(SERVICE, _entry(server), key)
                return KeyPlace.KEYRING
            except Exception as error:  # noqa: BLE001 - each system's library has errors of its own
                LOG.warning("keyring: %s", type(error).__name__)
        self._of_this_run[_entry(server)] = key
        return KeyPlace.RUN

    def forget(self, server: Server) -> None:
        """Remove a server's key from keyring and memory."""
        self._of_this_run.pop(_entry(server), None)
        backend = _backend()
        if backend is None or not _read(backend, server):
            return
        try:
            backend.delete_password(SERVICE, _entry(server))
        except Exception as error:  # noqa: BLE001 - as above
            LOG.warning("keyring: %s", type(error).__name__)

    def _find(self, server: Server) -> tuple[str, KeyPlace]:
        given = self._environment.get(KEY_VARIABLE, "").strip()
        if given:
            return given, KeyPlace.ENVIRONMENT
        remembered = self._of_this_run.get(_entry(server), "")
        if remembered:
            return remembered, KeyPlace.RUN
        backend = _backend()
        kept = _read(backend, server) if backend is not None else ""
        return kept, KeyPlace.KEYRING if kept else KeyPlace.NOWHERE


def open_remote(chosen: RemoteSettings, keys: Keys) -> RemoteEngine:
    """An engine that asks the server; its ``load`` is still to be pulled. Raises RemoteError."""
    from engine.remote.engine import RemoteEngine

    return RemoteEngine(chosen.address, chosen.model, keys.key(chosen.server()))


def _entry(server: Server) -> str:
    """What the key is kept under: another server never gets it, however alike its path."""
    return f"{server.scheme}://{server.name}"


def _backend() -> KeyringBackend | None:
    try:
        import keyring

        backend = keyring.get_keyring()
    except Exception as error:  # noqa: BLE001 - as above
        LOG.warning("keyring: %s", type(error).__name__)
        return None
    parts = getattr(backend, "backends", None) or [backend]  # one may stand for several
    safe = all(not type(part).__module__.startswith(UNSAFE) for part in parts)
    return backend if safe else None


def _read(backend: KeyringBackend, server: Server) -> str:
    try:
        return backend.get_password(SERVICE, _entry(server)) or ""
    except Exception as error:  # noqa: BLE001 - as above
        LOG.warning("keyring: %s", type(error).__name__)
        return ""
