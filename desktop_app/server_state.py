"""The frozen values about a model on a server: what was typed, found, and went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from desktop_app.notices import Notice


class ServerStage(str, Enum):
    """How far the way to a server's model is gone."""

    EMPTY = "empty"
    ASKING = "asking"  # for its models
    LISTED = "listed"
    TRYING = "trying"  # one of them with a picture
    STOPPING = "stopping"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ServerState:
    """Everything that a page about a server shows. Only ``models`` are what it has told."""

    stage: ServerStage = ServerStage.EMPTY
    address: str = ""
    model: str = ""
    models: tuple[str, ...] = ()
    line: str = ""  # what goes on, or was found
    key_note: str = ""  # where the key is
    key_kept: bool = False
    privacy: str = ""  # what leaves this machine
    exposed: bool = False  # on a line that others can read
    problem: Notice | None = None
    in_use: str = ""  # the model of this address that answers

    @property
    def busy(self) -> bool:
        """Whether the server is being asked."""
        return self.stage in (ServerStage.ASKING, ServerStage.TRYING, ServerStage.STOPPING)
