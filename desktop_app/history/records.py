"""The frozen values of the history, and its one error."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from desktop_app.exchange import AnswerState
from engine.messages import Speaker, StopReason


class HistoryFault(str, Enum):
    """What is wrong with the history, or with a file that was to be imported."""

    NEWER = "newer"  # written by a later program
    DAMAGED = "damaged"
    BUSY = "busy"  # another program writes for too long
    NO_ROOM = "no_room"
    UNREACHABLE = "unreachable"  # the file or its folder cannot be opened or written
    BAD_IMPORT = "bad_import"
    NEWER_IMPORT = "newer_import"


class HistoryError(Exception):
    """The history cannot do what was asked; ``detail`` says where, for a report."""

    def __init__(self, fault: HistoryFault, detail: str = "") -> None:
        super().__init__(f"{fault.value}: {detail}")
        self.fault = fault
        self.detail = detail


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A picture with its bytes; ``thumbnail`` is a PNG of at most 256 pixels a side."""

    key: str
    name: str
    media: str
    width: int
    height: int
    data: bytes = field(repr=False)
    thumbnail: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """One utterance.

    ``version`` tells the turns of one position apart, and ``follows`` is the version of the turn
    before it. Turns that follow the same one are versions of each other; one of them is shown.
    """

    position: int
    speaker: Speaker
    text: str
    created: float
    state: AnswerState = AnswerState.FINISHED
    stop_reason: StopReason | None = None
    tokens_written: int = 0
    write_seconds: float = 0.0
    version: int = 0
    shown: bool = True
    follows: int = 0
    model: str = ""  # the name of the one that was asked; empty: the conversation's


@dataclass(frozen=True, slots=True)
class Summary:
    """A line in the list of conversations; times are seconds since 1970."""

    id: str
    title: str
    created: float
    updated: float
    model: str = ""
    pinned: bool = False
    renamed: bool = False  # else the title follows the first question
    picture: str = ""  # its key
    picture_name: str = ""


@dataclass(frozen=True, slots=True)
class StoredConversation:
    """A whole conversation."""

    summary: Summary
    picture: StoredPicture | None
    turns: tuple[StoredTurn, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A conversation that was found, and the text around the match."""

    summary: Summary
    snippet: str
    start: int = 0
    length: int = 0  # 0 where the match is in the title


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did; conversations that were there already are left alone."""

    added: int
    skipped: int
