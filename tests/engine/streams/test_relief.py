"""Memory that runs out: the ladder down, what each step changes, and its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from engine import placing, relief
from engine.engine import Engine
from engine.errors import OutOfMemory, TooLarge
from engine.memory import MemoryNeed
from engine.messages import (
    AnswerEvent,
    ChoiceReason,
    Finished,
    MemoryRelieved,
    PictureSeen,
    Precision,
    Ready,
    Relief,
    Sampling,
    TextDelta,
)
from engine.placing import lower_precisions
from engine.quantised.loading import load_into
from engine.runner import Runner
from tests.engine.streams.kit import BEAMS, GREEDY, ask, asking, fresh

ERRORS = {
    "torch": torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    "cpu": RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9"),
    "mmap": RuntimeError("unable to mmap 9 bytes from file <a>: Cannot allocate memory (12)"),
    "mps": RuntimeError("MPS backend out of memory (MPS allocated: 1 GB)"),
    "python": MemoryError(),
}
ON_CPU = [
    Relief.CACHES,
    Relief.FEWER_VIEWS,
    Relief.SMALLER_PICTURE,
    Relief.LOWER_PRECISION,
]


class Short:
    """Forward passes of a kind fail with an allocator's error, as long as the test wants."""

    def __init__(self, patch: pytest.MonkeyPatch, name: str, fails: Callable[[int], bool]) -> None:
        self.error: Exception = ERRORS["torch"]
        self.calls = 0
        method = getattr(Runner, name)

        def run(*args: Any) -> Any:
            self.calls += 1
            if fails(self.calls):
                raise self.error
            return method(*args)

        patch.setattr(Runner, name, run)


def steps(events: list[AnswerEvent]) -> list[Relief]:
    return [event.relief for event in events if isinstance(event, MemoryRelieved)]


def text(events: list[AnswerEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def end(events: list[AnswerEvent]) -> Finished:
    assert isinstance(events[-1], Finished)
    return events[-1]


@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS)
def test_every_allocator_is_understood(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    short = Short(monkeypatch, "read", lambda call: call == 2)
    short.error = error
    events = list(engine.answer(asking()))
    assert steps(events) == [Relief.CACHES]


@pytest.mark.parametrize("name", ["see", "read", "step"])
@pytest.mark.parametrize("sampling", [GREEDY, BEAMS], ids=["greedy", "beams"])
def test_free_caches_are_often_enough(
    engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, sampling: Sampling
) -> None:
    question = asking(sampling=sampling)
    with monkeypatch.context() as patch:
        Short(patch, name, lambda call: call == 2)
        events = list(engine.answer(question))
    assert steps(events) == [Relief.CACHES]
    assert end(events).token_ids == fresh(folder, question)
    assert text(events) == end(events).text


def test_what_is_written_stays_and_is_gone_on_from(
    engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory runs out at the third token: nobody sees the first two again."""
    question = asking(sampling=Sampling.greedy(max_new_tokens=6))
    with monkeypatch.context() as patch:
        Short(patch, "step", lambda call: call == 3)
        events = list(engine.answer(question))
    told = next(i for i, event in enumerate(events) if isinstance(event, MemoryRelieved))
    before, after = text(events[:told]), text(events[told:])
    assert before
    assert after
    assert before + after == end(events).text
    assert end(events).token_ids == fresh(folder, question)
    assert end(events).statistics.tokens_written == 6


@pytest.mark.parametrize("taken", range(1, 5))
def test_the_ladder_goes_down_one_step_at_a_time(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    Short(monkeypatch, "see", lambda call: call <= taken)
    events = list(engine.answer(asking()))
    assert steps(events) == ON_CPU[:taken]
    last = [event for event in events if isinstance(event, PictureSeen)][-1]
    assert len(last.views) == (3 if taken == 1 else 1)
    assert (max(last.views[0]) < 112) == (taken >= 3)
    assert engine.info is not None
    half = taken == 4
    assert engine.info.choice.precision is (Precision.BFLOAT16 if half else Precision.FLOAT32)
    if half:
        assert engine.info.choice.precision_reason is ChoiceReason.MEMORY
    assert end(events).token_ids


def test_the_ladder_ends(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[AnswerEvent] = []
    with monkeypatch.context() as patch:
        short = Short(patch, "see", lambda _: True)
        with pytest.raises(OutOfMemory) as caught:
            events.extend(engine.answer(asking()))
        assert caught.value.__cause__ is short.error
        assert caught.value.device == "cpu"
        assert engine.info is not None
        exact = replace(engine.info.choice, precision=Precision.FLOAT32)
        assert short.calls == len(ON_CPU) + len(list(lower_precisions(exact)))
    assert ask(engine, asking()).token_ids  # with what is left, the next question is answered


def test_words_alone_have_no_views_to_give_up(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    Short(monkeypatch, "read", lambda call: call <= 2)
    assert steps(list(engine.answer(asking(None)))) == [Relief.CACHES, Relief.LOWER_PRECISION]


def test_another_picture_is_seen_in_full_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        Short(patch, "see", lambda call: call <= 2)
        list(engine.answer(asking()))
    first = next(iter(engine.answer(asking())))
    other = next(iter(engine.answer(asking("olive"))))
    assert isinstance(first, PictureSeen)
    assert isinstance(other, PictureSeen)
    assert (len(first.views), len(other.views)) == (1, 3)


def test_the_last_step_is_the_processor(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    """What seems to be a GPU with 16 bits has only the processor below it."""
    assert engine.info is not None
    engine._info = replace(
        engine.info,
        choice=replace(engine.info.choice, device="cuda:0", precision=Precision.BFLOAT16),
    )
    Short(monkeypatch, "read", lambda call: call <= 2)
    events = list(engine.answer(asking(None)))
    assert steps(events) == [Relief.CACHES, Relief.CPU]
    assert engine.info.choice.device == "cpu"
    assert engine.info.choice.device_reason is ChoiceReason.MEMORY
    assert next(e for e in events if isinstance(e, MemoryRelieved)).choice.device == "cuda:0"


def test_loading_walks_down_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, tried = load_into, list[Precision]()

    def full(model: Any, folder: Path, precision: Precision, device: str) -> Iterator[object]:
        tried.append(precision)
        if precision is Precision.FLOAT32:
            raise MemoryError
        yield from real(model, folder, precision, device)

    monkeypatch.setattr("engine.engine.load_into", full)
    engine = Engine(folder, device="cpu", precision="float32")
    events = list(engine.load())
    told = [event.relief for event in events if isinstance(event, MemoryRelieved)]
    assert told == [Relief.LOWER_PRECISION]
    assert tried == [Precision.FLOAT32, Precision.FLOAT32, Precision.BFLOAT16]
    assert isinstance(events[-1], Ready)
    assert events[-1].info.choice.precision is Precision.BFLOAT16
    assert ask(engine, asking()).token_ids


@pytest.fixture
def crowded(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """A machine with so many bytes free, for a model that needs 1,000 for each byte of width."""

    def need(_: Path, precision: Precision) -> MemoryNeed:
        return MemoryNeed(1000 * (4 if precision is Precision.FLOAT32 else 2), 0, 0)

    def free(size: int) -> None:
        monkeypatch.setattr(placing, "needed", need)
        monkeypatch.setattr(placing, "free_memory", lambda _: size)

    return free


def test_what_cannot_fit_is_not_begun(folder: Path, crowded: Callable[[int], None]) -> None:
    crowded(1999)
    engine = Engine(folder, device="cpu")
    with pytest.raises(TooLarge) as caught:
        list(engine.load())
    assert engine.info is None
    assert (caught.value.free, caught.value.device) == (1999, "cpu")
    assert caught.value.needed in (2000, 4000)
    insisting = Engine(folder, device="cpu", anyway=True)
    assert isinstance(list(insisting.load())[-1], Ready)


def test_what_nobody_asked_for_gives_way(
    folder: Path, crowded: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.device.cpu_has_bfloat16", lambda: False)
    crowded(2500)
    engine = Engine(folder, device="cpu")
    list(engine.load())
    assert engine.info is not None
    assert engine.info.choice.precision is Precision.BFLOAT16
    assert engine.info.choice.precision_reason is ChoiceReason.MEMORY
    assert engine.info.memory is not None
    assert (engine.info.memory.needed, engine.info.memory.free) == (2000, 2500)
    with pytest.raises(TooLarge):
        list(Engine(folder, device="cpu", precision="float32").load())


def test_no_processor_with_too_little_room(
    engine: Engine, crowded: Callable[[int], None], folder: Path
) -> None:
    assert engine.info is not None
    gpu = replace(engine.info.choice, device="cuda:0", precision=Precision.FLOAT16)
    assert [step for step, _ in relief.elsewhere(gpu, folder)] == [Relief.CPU]
    crowded(10)
    assert list(relief.elsewhere(gpu, folder)) == []
