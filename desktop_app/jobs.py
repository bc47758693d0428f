"""What a job tells: the engine's events, and the two that only running on a thread adds."""

from __future__ import annotations

import traceback
from dataclasses import dataclass

from engine.errors import EngineError
from engine.messages import AnswerEvent, Finished, LoadEvent, Ready


class UnexpectedError(Exception):
    """A fault of the program itself. ``details`` is the traceback, for a report."""

    def __init__(self, summary: str, details: str = "") -> None:
        super().__init__(summary)
        self.summary = summary
        self.details = details

    @classmethod
    def of(cls, error: BaseException) -> UnexpectedError:
        """Keep what a report needs from an exception, but not the exception and its frames."""
        summary = "".join(traceback.format_exception_only(error)).strip()
        return cls(summary, "".join(traceback.format_exception(error)))


class UnreadableFile(Exception):
    """A file could not be read at all; ``reason`` is the system's own word, none of a folder."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason


JobError = EngineError | UnexpectedError


@dataclass(frozen=True, slots=True)
class Failed:
    """Closes a stream that broke."""

    error: JobError


@dataclass(frozen=True, slots=True)
class Stopped:
    """Closes a stream that the person stopped."""


@dataclass(frozen=True, slots=True)
class Unloaded:
    """Closes the wish to let go of the model."""


@dataclass(frozen=True, slots=True)
class Surveyed:
    """Closes a look at the devices: each one's name, and the bytes that are free there."""

    free: tuple[tuple[str, int], ...]


ClosingEvent = Ready | Finished | Failed | Stopped
JobEvent = LoadEvent | AnswerEvent | Failed | Stopped


def closes(event: object) -> bool:
    """Whether nothing follows this event in its stream."""
    return isinstance(event, (Ready, Finished, Failed, Stopped, Unloaded, Surveyed))
