"""What the streams of this package yield: frozen values, standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from .errors import FetchFault


class FileState(str, Enum):
    """What is known of one file of a model."""

    GOOD = "good"
    UNCHECKED = "unchecked"  # the length is right, nobody has hashed it yet
    PARTIAL = "partial"  # a download of it was begun
    MISSING = "missing"
    WRONG_LENGTH = "wrong_length"
    WRONG_HASH = "wrong_hash"
    WRONG_CONTENT = "wrong_content"


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file: its state, and the bytes that are on the disk."""

    name: str
    state: FileState
    size: int


@dataclass(frozen=True, slots=True)
class Choosing:
    """The sources are asked which of them has the files, and none has answered yet."""


@dataclass(frozen=True, slots=True)
class SourceChosen:
    """The files come from here from now on."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class FetchProgress:
    """Bytes over all files of the model, those that were there already included.

    ``speed`` is bytes a second of late; ``seconds_left`` is None while nothing arrives.
    """

    bytes_done: int
    bytes_total: int
    file: str
    speed: float
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class Retrying:
    """A try failed; the next one is ``seconds`` away. Comes again while the wait shortens."""

    file: str
    reason: FetchFault
    detail: str
    attempt: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Verifying:
    """``done`` of ``total`` bytes of a file are hashed."""

    file: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class LicenceText:
    """Closes a ``fetch_licence`` stream."""

    text: str


@dataclass(frozen=True, slots=True)
class FetchFinished:
    """Closes a ``download`` stream: every file is there and checked."""

    folder: str
    bytes_fetched: int


@dataclass(frozen=True, slots=True)
class VerifyFinished:
    """Closes a ``verify`` stream."""

    folder: str
    files: tuple[FileReport, ...]

    @property
    def bad(self) -> tuple[FileReport, ...]:
        """The files that are missing or damaged."""
        return tuple(file for file in self.files if file.state is not FileState.GOOD)


VerifyEvent = Verifying | VerifyFinished
FetchEvent = Choosing | SourceChosen | FetchProgress | Retrying | Verifying | FetchFinished
