"""The two streams: their order, what they cost, what a stop leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from engine import reading
from engine.engine import Engine
from engine.errors import (
    ModelError,
    ModelFault,
    OutOfMemory,
)
from engine.messages import (
    Finished,
    Phase,
    PictureSeen,
    Progress,
    Ready,
    Sampling,
    StopReason,
    TextDelta,
)
from tests.engine.streams.kit import (
    DECODINGS,
    ask,
    asking,
    following,
    fresh,
    loaded,
)


def test_load_counts_bytes_and_ends_with_ready_once(folder: Path) -> None:
    engine = Engine(folder, device="cpu", precision="float32")
    assert engine.info is None
    *steps, last = engine.load()
    assert isinstance(last, Ready)
    assert last.info == engine.info
    counts = [(step.done, step.total) for step in steps if isinstance(step, Progress)]
    assert len(counts) == len(steps) > 10
    assert all(isinstance(step, Progress) and step.phase is Phase.LOADING for step in steps)
    assert counts == sorted(set(counts))
    assert counts[-1][0] == counts[-1][1] == last.info.weight_bytes
    assert {total for _, total in counts} == {last.info.weight_bytes}
    assert last.info.weight_bytes == 4 * last.info.parameters
    assert last.info.context_length == 4096


def test_a_relative_folder_has_a_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    engine = loaded(Path())
    assert engine.info is not None
    assert engine.info.name == folder.name


def test_a_question_needs_a_loaded_model(folder: Path) -> None:
    engine = Engine(folder, device="cpu")
    with pytest.raises(ModelError) as caught:
        list(engine.answer(asking()))
    assert caught.value.fault is ModelFault.NOT_LOADED
    assert caught.value.folder == str(folder)


def test_close_drops_the_model_and_load_brings_it_back(engine: Engine) -> None:
    before = ask(engine, asking()).token_ids
    engine.close()
    assert engine.info is None
    with pytest.raises(ModelError):
        list(engine.answer(asking()))
    list(engine.load())
    assert ask(engine, asking()).token_ids == before


def test_a_stopped_load_leaves_nothing_loaded(engine: Engine) -> None:
    with closing(engine.load()) as stream:  # type: ignore[type-var]
        next(stream)
    assert engine.info is None
    with pytest.raises(ModelError):
        list(engine.answer(asking()))
    list(engine.load())
    assert ask(engine, asking()).token_ids


def test_no_room_for_the_weights(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> Iterator[None]:
        raise MemoryError

    engine = Engine(folder, device="cpu", precision="float32")
    monkeypatch.setattr("engine.engine.load_into", full)
    with pytest.raises(OutOfMemory):
        list(engine.load())
    assert engine.info is None


# The order of an answer


@pytest.mark.parametrize("sampling", DECODINGS.values(), ids=DECODINGS)
def test_events_come_in_order(engine: Engine, sampling: Sampling) -> None:
    events = list(engine.answer(asking(sampling=sampling)))
    first, last = events[0], events[-1]
    assert isinstance(first, PictureSeen)
    assert (first.grid, len(first.views)) == ((1, 2), 3)
    assert isinstance(last, Finished)
    prompt = len(last.prompt_token_ids)
    assert prompt > 3 * reading.READ_AT_ONCE
    middle = events[1:-1]
    progress = [event for event in middle if isinstance(event, Progress)]
    reads = [*range(0, prompt, reading.READ_AT_ONCE), prompt]
    assert progress == [
        *(Progress(Phase.SEEING, done, 3) for done in range(4)),
        *(Progress(Phase.READING, done, prompt) for done in reads),
        Progress(Phase.WRITING, 0, 0),
    ]
    deltas = [event for event in middle if isinstance(event, TextDelta)]
    assert middle == [*progress, *deltas]
    assert deltas
    assert "".join(delta.text for delta in deltas) == last.text
    assert last.statistics.tokens_written == len(last.token_ids) == 5
    assert last.reason is StopReason.LENGTH


def test_a_text_only_question_sees_nothing(engine: Engine) -> None:
    events = list(engine.answer(asking(None)))
    assert not any(isinstance(event, PictureSeen) for event in events)
    phases = {event.phase for event in events if isinstance(event, Progress)}
    assert phases == {Phase.READING, Phase.WRITING}


def test_statistics_add_up(engine: Engine) -> None:
    told = ask(engine, asking()).statistics
    assert told.load_seconds > 0
    assert told.see_seconds > 0
    assert told.read_seconds > 0
    assert told.first_token_seconds >= told.see_seconds + told.read_seconds
    assert told.tokens_per_second == pytest.approx(4 / told.write_seconds)
    assert (told.views_encoded, told.views_reused) == (3, 0)
    assert told.prompt_tokens_reused == 0


@pytest.mark.parametrize("sampling", DECODINGS.values(), ids=DECODINGS)
def test_every_forward_pass_is_followed_by_an_event(
    engine: Engine, forwards: list[str], sampling: Sampling
) -> None:
    passes = []
    for _ in engine.answer(asking(sampling=sampling)):
        passes.append(len(forwards))
        forwards.clear()
    assert max(passes) == 1
    assert sum(passes) > 3 + 3 + 4


# Stopping


@pytest.mark.parametrize("sampling", DECODINGS.values(), ids=DECODINGS)
@pytest.mark.parametrize("known", [False, True], ids=["new picture", "known picture"])
def test_a_stop_anywhere_costs_nothing_more_and_harms_nothing(
    engine: Engine, folder: Path, forwards: list[str], known: bool, sampling: Sampling
) -> None:
    stopped = asking("olive", sampling=sampling)
    after = (asking("olive"), asking("navy", "hello"), asking(None))
    expected = [fresh(folder, question) for question in after]
    points = len(list(loaded(folder).answer(stopped)))
    assert points > 12
    for point in range(points):
        if not known:
            engine.forget()
        with closing(engine.answer(stopped)) as stream:  # type: ignore[type-var]
            assert len(list(islice(stream, point))) == point or known
            forwards.clear()
        assert forwards == [], f"after {point} events"
        assert ask(engine, after[point % 3]).token_ids == expected[point % 3], point


def test_a_stop_while_seeing_keeps_the_views_that_are_done(
    engine: Engine, folder: Path, forwards: list[str]
) -> None:
    with closing(engine.answer(asking())) as stream:  # type: ignore[type-var]
        assert Progress(Phase.SEEING, 1, 3) in (next(stream), next(stream), next(stream))
    assert forwards == ["see"]
    forwards.clear()
    answer = ask(engine, asking())
    assert forwards.count("see") == 2
    assert (answer.statistics.views_encoded, answer.statistics.views_reused) == (2, 1)
    assert answer.token_ids == fresh(folder, asking())


def test_an_interrupt_within_a_pass_harms_nothing(engine: Engine, folder: Path) -> None:
    """Ctrl+C can come between two layers, when only one of them has its keys."""
    question = asking()
    prompt = ask(engine, question).prompt_token_ids
    layer = engine._loaded().runner.model.llm.model.layers[1]
    passes: list[int] = []

    def interrupt(*_: Any) -> None:
        passes.append(1)
        if len(passes) == 2:
            raise KeyboardInterrupt

    handle = layer.register_forward_pre_hook(interrupt)
    with pytest.raises(KeyboardInterrupt):
        ask(engine, question)
    handle.remove()
    again = ask(engine, question)
    assert again.prompt_token_ids == prompt
    assert again.token_ids == fresh(folder, question)
    follow_up = following(question, again, "hello")
    assert ask(engine, follow_up).token_ids == fresh(folder, follow_up)


# What is computed once
