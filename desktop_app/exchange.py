"""The frozen values of a conversation: what goes on, and who asked and answered what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from engine.messages import Speaker, Statistics, StopReason, Turn


class Activity(str, Enum):
    """What the conversation is doing now."""

    NO_MODEL = "no_model"
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
class Exchange:
    """One question of the person and the model's answer to it."""

    number: int
    question: str
    answer: str = ""
    state: AnswerState = AnswerState.WAITING
    reason: StopReason | None = None
    statistics: Statistics | None = None

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The turns that the model is reminded of; none where nothing was answered."""
        if not self.answer:
            return ()
        return (Turn(Speaker.USER, self.question), Turn(Speaker.ASSISTANT, self.answer))


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which model to load, and on what."""

    name: str
    folder: Path
    device: str = "auto"
    precision: str = "auto"
