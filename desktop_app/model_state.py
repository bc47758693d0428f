"""The frozen values about a model that can be fetched: where it is, how far, what went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from desktop_app.notices import Notice
from engine.messages import MemoryOutlook


class Stage(str, Enum):
    """What is so, or goes on, with the model's files."""

    ABSENT = "absent"
    PAUSED = "paused"  # some of it is here
    FETCHING = "fetching"
    WAITING = "waiting"  # before the next try
    CHECKING = "checking"
    STOPPING = "stopping"
    FAILED = "failed"
    COMPLETE = "complete"


class Work(str, Enum):
    """What was asked for."""

    GET = "get"
    VERIFY = "verify"
    REPAIR = "repair"
    IMPORT = "import"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class LicenceTerms:
    """What has to be agreed to: its points, of which one is the address of the whole text."""

    address: str
    points: tuple[str, ...]
    has_text: bool = False  # that can be fetched and shown


@dataclass(frozen=True, slots=True)
class ModelState:
    """Everything that a page about the model shows. ``done`` and ``total`` are bytes."""

    stage: Stage
    folder: str
    imported: bool = False
    done: int = 0
    total: int = 0
    free: int | None = None  # on the disk; None until it is measured
    source: str = ""
    memory: tuple[MemoryOutlook, ...] = ()  # what it needs in each precision, and what is free
    line: str = ""  # how far, in words
    note: str = ""  # which file, from where, or what was found
    problem: Notice | None = None
    work: Work | None = None  # what goes on, or failed

    @property
    def busy(self) -> bool:
        """Whether a job runs."""
        return self.stage in (Stage.FETCHING, Stage.WAITING, Stage.CHECKING, Stage.STOPPING)

    @property
    def share(self) -> float:
        """How much of it is here or checked, from 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0
