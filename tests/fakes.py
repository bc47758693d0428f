"""A scripted engine: its streams yield events, raise exceptions and wait at gates."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from desktop_app.exchange import ModelChoice
from engine.messages import (
    AnswerEvent,
    ChoiceReason,
    DeviceChoice,
    Finished,
    LoadEvent,
    ModelInfo,
    Phase,
    Precision,
    Progress,
    Question,
    Ready,
    Statistics,
    StopReason,
    TextDelta,
)

LONGEST_WAIT = 20  # seconds, so that a broken test ends


class Gate:
    """A stream that comes here waits until the test opens it."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self._opened = threading.Event()

    def open(self) -> None:
        """Let the stream go on."""
        self._opened.set()

    def wait(self) -> None:
        """Called by the stream."""
        self.reached.set()
        if not self._opened.wait(LONGEST_WAIT):
            raise TimeoutError("nobody opened the gate")


Step = LoadEvent | AnswerEvent | BaseException | Gate
CHOICE = DeviceChoice(
    "cpu", Precision.BFLOAT16, ChoiceReason.NO_ACCELERATOR, ChoiceReason.CPU_HAS_BFLOAT16
)
INFO = ModelInfo("starter", "starter", 18_400_000, 36_800_000, 4096, CHOICE)
LOADS: tuple[Step, ...] = (Progress(Phase.LOADING, 1, 2), Ready(INFO))


def says(text: str, *before: Step) -> list[Step]:
    """A whole answer: one delta a word, then the end."""
    words = [word + " " for word in text.split(" ")]
    return [*before, Progress(Phase.WRITING, 0, 0), *map(TextDelta, words), finished(text)]


def finished(text: str) -> Finished:
    """The end of an answer."""
    return Finished(StopReason.END, text, (), (), Statistics(write_seconds=1, tokens_written=11))


@dataclass
class FakeEngines:
    """The factory that a worker is given, and a record of what was asked of its engines."""

    loads: list[Sequence[Step]] = field(default_factory=list)
    answers: list[Sequence[Step]] = field(default_factory=list)
    made: list[tuple[Path, str, str]] = field(default_factory=list)
    choices: list[ModelChoice] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    closed_streams: int = 0
    closed_engines: int = 0
    threads: set[str] = field(default_factory=set)
    _gates: list[Gate] = field(default_factory=list)

    def make(self, choice: ModelChoice) -> FakeEngine:
        """What the worker calls."""
        self.made.append((choice.folder, choice.device, choice.precision))
        self.choices.append(choice)
        return FakeEngine(self)

    def play(self, steps: Sequence[Step]) -> Iterator[LoadEvent | AnswerEvent]:
        """Run a script."""
        self.threads.add(threading.current_thread().name)
        self._gates += [step for step in steps if isinstance(step, Gate)]
        try:
            for step in steps:
                if isinstance(step, Gate):
                    step.wait()
                elif isinstance(step, BaseException):
                    raise step
                else:
                    yield step
        finally:
            self.closed_streams += 1

    def open_all(self) -> None:
        """Let everything go on."""
        for gate in self._gates:
            gate.open()


class FakeEngine:
    """Plays the next script of its factory; without one it loads, and says "Yes."."""

    def __init__(self, engines: FakeEngines) -> None:
        self._engines = engines

    def load(self) -> Iterator[LoadEvent]:
        """Play the next load."""
        steps = self._engines.loads.pop(0) if self._engines.loads else LOADS
        return cast(Iterator[LoadEvent], self._engines.play(steps))

    def answer(self, question: Question) -> Iterator[AnswerEvent]:
        """Play the next answer."""
        self._engines.questions.append(question)
        steps = self._engines.answers.pop(0) if self._engines.answers else says("Yes.")
        return cast(Iterator[AnswerEvent], self._engines.play(steps))

    def close(self) -> None:
        """Count it."""
        self._engines.closed_engines += 1
