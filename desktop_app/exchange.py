"""The frozen values of a conversation: what goes on, and who asked and answered what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from engine.messages import Speaker, Statistics, StopReason, Turn

# why an answer ended that the model can still go on with, where the person wants it to
GOES_ON = (StopReason.LENGTH, StopReason.REPEATS)


class Activity(str, Enum):
    """What the conversation is doing now."""

    NO_MODEL = "no_model"
    RESTING = "resting"  # let go while nobody asked; the next question brings it back
    LOADING = "loading"
    IDLE = "idle"
    ANSWERING = "answering"
    STOPPING = "stopping"


class AnswerState(str, Enum):
    """How far an answer has come."""

    WAITING = "waiting"
    GROWING = "growing"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Version:
    """A question as it was put once, and the answer to it.

    ``following`` is what was said after it, while another version is shown in its place.
    """

    question: str
    answer: str = ""
    state: AnswerState = AnswerState.WAITING
    reason: StopReason | None = None
    statistics: Statistics | None = None
    following: tuple[Exchange, ...] = ()
    model: str = ""  # the name of the one that was asked

    @property
    def unfinished(self) -> bool:
        """Whether the model could go on where this answer ends."""
        cut = self.state in (AnswerState.STOPPED, AnswerState.FAILED)
        return bool(self.answer) and (cut or self.reason in GOES_ON)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question of the person and the model's answer to it, in one or more versions."""

    number: int
    versions: tuple[Version, ...]
    shown: int = 0

    @classmethod
    def of(cls, number: int, question: str, model: str = "") -> Exchange:
        """A question that has just been asked."""
        return cls(number, (Version(question, model=model),))

    @property
    def version(self) -> Version:
        """The version that is shown."""
        return self.versions[self.shown]

    @property
    def question(self) -> str:
        """The question that is shown."""
        return self.version.question

    @property
    def answer(self) -> str:
        """The text of the answer that is shown."""
        return self.version.answer

    @property
    def state(self) -> AnswerState:
        """How far the answer that is shown has come."""
        return self.version.state

    @property
    def reason(self) -> StopReason | None:
        """Why the answer that is shown ended."""
        return self.version.reason

    @property
    def statistics(self) -> Statistics | None:
        """What the answer that is shown cost."""
        return self.version.statistics

    @property
    def asked(self) -> Turn:
        """The question as a turn."""
        return Turn(Speaker.USER, self.question)

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The turns that the model is reminded of; none where nothing was answered."""
        if not self.answer:
            return ()
        return (self.asked, Turn(Speaker.ASSISTANT, self.answer))

    def changed(self, **what: object) -> Exchange:
        """The same with something else in the version that is shown."""
        versions = list(self.versions)
        versions[self.shown] = replace(self.version, **what)  # type: ignore[arg-type]
        return replace(self, versions=tuple(versions))


def together(first: Statistics | None, then: Statistics | None) -> Statistics | None:
    """What an answer cost that was written in two goes."""
    if first is None or then is None:
        return then or first
    return replace(
        then,
        tokens_written=first.tokens_written + then.tokens_written,
        write_seconds=first.write_seconds + then.write_seconds,
    )


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which model answers: a folder on a device, or a name on a server.

    ``anyway`` loads even what seems too large for the memory.
    """

    name: str
    folder: Path
    device: str = "auto"
    precision: str = "auto"
    server: str = ""  # its address; empty: the model runs here
    anyway: bool = False
