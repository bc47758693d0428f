"""The two streams: their order, what they cost, what a stop leaves behind, what is reused."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from engine import reading
from engine.engine import Engine
from engine.errors import (
    EngineError,
    ModelError,
    ModelFault,
    OutOfMemory,
    PictureError,
    QuestionError,
    QuestionFault,
)
from engine.messages import (
    AnswerEvent,
    Decoding,
    Finished,
    Phase,
    Picture,
    PictureSeen,
    Progress,
    Question,
    Ready,
    Sampling,
    Speaker,
    StopReason,
    TextDelta,
    Turn,
    TurnsDropped,
)
from engine.reading import common_length
from engine.runner import Runner
from tests.tiny import tiny_folder

FORWARDS = ("see", "read", "step")
GREEDY = Sampling.greedy(max_new_tokens=5)
BEAMS = Sampling.beam(max_new_tokens=5)
SAMPLE = Sampling(max_new_tokens=5, seed=7)
DECODINGS = {"greedy": GREEDY, "beams": BEAMS, "sample": SAMPLE}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tiny") / "model"
    tiny_folder(path)
    return path


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every prompt here is read in several passes."""
    monkeypatch.setattr(reading, "READ_AT_ONCE", 24)


@pytest.fixture
def engine(folder: Path) -> Engine:
    return loaded(folder)


@pytest.fixture
def forwards(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the forward passes as they happen."""
    seen: list[str] = []
    for name in FORWARDS:
        monkeypatch.setattr(Runner, name, noting(getattr(Runner, name), seen, name))
    return seen


def noting(method: Callable[..., Any], seen: list[str], name: str) -> Callable[..., Any]:
    def noted(*args: Any, **options: Any) -> Any:
        seen.append(name)
        return method(*args, **options)

    return noted


def loaded(folder: Path) -> Engine:
    engine = Engine(folder, device="cpu", precision="float32")
    assert isinstance(list(engine.load())[-1], Ready)
    return engine


def picture(shade: str = "teal", size: tuple[int, int] = (120, 230)) -> Picture:
    """Three views: an overview and two slices. Its upper part differs from its lower one."""
    image = Image.new("RGB", size, shade)
    image.paste("white", (10, 10, 60, 90))
    out = io.BytesIO()
    image.save(out, "PNG")
    return Picture.from_bytes(out.getvalue(), f"{shade}.png")


def user(text: str) -> Turn:
    return Turn(Speaker.USER, text)


def asking(
    shade: str | None = "teal", text: str = "what is in the image?", sampling: Sampling = GREEDY
) -> Question:
    return Question(picture(shade) if shade else None, (user(text),), sampling)


def ask(engine: Engine, question: Question) -> Finished:
    last = list(engine.answer(question))[-1]
    assert isinstance(last, Finished)
    return last


def following(question: Question, answer: Finished, text: str) -> Question:
    turns = (*question.turns, Turn(Speaker.ASSISTANT, answer.text), user(text))
    return Question(question.picture, turns, question.sampling)


def fresh(folder: Path, question: Question) -> tuple[int, ...]:
    return ask(loaded(folder), question).token_ids


# Loading


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
    monkeypatch.setattr("engine.engine.load_weights", full)
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


def test_a_picture_is_seen_once(engine: Engine, forwards: list[str]) -> None:
    first = ask(engine, asking())
    assert forwards.count("see") == 3
    forwards.clear()
    events = list(engine.answer(asking(text="hello world")))
    assert "see" not in forwards
    second = events[-1]
    assert isinstance(second, Finished)
    assert (second.statistics.views_encoded, second.statistics.views_reused) == (0, 3)
    assert isinstance(events[0], PictureSeen)
    assert first.prompt_token_ids != second.prompt_token_ids


def test_only_the_last_pictures_are_remembered(engine: Engine, forwards: list[str]) -> None:
    shades = ("red", "green", "blue", "white", "black", "gray", "pink", "gold", "tan")
    for shade in shades:
        ask(engine, asking(shade))
    forwards.clear()
    ask(engine, asking(shades[-1]))
    ask(engine, asking(shades[1]))
    assert "see" not in forwards
    ask(engine, asking(shades[0]))
    assert forwards.count("see") == 3


def test_forget_drops_pictures_and_conversation(engine: Engine) -> None:
    before = ask(engine, asking())
    engine.forget()
    after = ask(engine, asking())
    assert after.token_ids == before.token_ids
    assert after.statistics.views_encoded == 3
    assert after.statistics.prompt_tokens_reused == 0


@pytest.mark.parametrize("sampling", DECODINGS.values(), ids=DECODINGS)
@pytest.mark.parametrize("shade", ["teal", None])
def test_a_follow_up_computes_only_what_is_new(
    engine: Engine, folder: Path, shade: str | None, sampling: Sampling
) -> None:
    question = asking(shade, sampling=sampling)
    first = ask(engine, question)
    follow_up = following(question, first, "and a red disc?")
    second = ask(engine, follow_up)
    # what was written last is never fed; beams are written beside the prompt's cache
    fed = () if sampling is BEAMS else first.token_ids[:-1]
    common = common_length([*first.prompt_token_ids, *fed], second.prompt_token_ids[:-1])
    assert common >= len(first.prompt_token_ids)
    told = second.statistics
    assert told.prompt_tokens_reused == common
    assert told.prompt_tokens_computed == len(second.prompt_token_ids) - common
    assert second.token_ids == fresh(folder, follow_up)


def test_the_same_question_again_computes_one_token(engine: Engine) -> None:
    first, second = ask(engine, asking()), ask(engine, asking())
    assert second.statistics.prompt_tokens_computed == 1
    assert second.token_ids == first.token_ids


def test_decodings_take_turns_on_one_engine(engine: Engine, folder: Path) -> None:
    expected = {name: fresh(folder, asking(sampling=s)) for name, s in DECODINGS.items()}
    for name in ("beams", "greedy", "beams", "sample", "beams", "beams", "sample", "greedy"):
        assert ask(engine, asking(sampling=DECODINGS[name])).token_ids == expected[name], name


def test_pictures_with_equal_ids_are_told_apart(engine: Engine, folder: Path) -> None:
    """Both prompts have the same token ids; only the features differ."""
    expected = {shade: fresh(folder, asking(shade)) for shade in ("red", "blue")}
    assert expected["red"] != expected["blue"]
    for shade in ("red", "blue", "red", "blue"):
        assert ask(engine, asking(shade)).token_ids == expected[shade]


def test_placeholders_without_a_picture_are_told_apart(engine: Engine, folder: Path) -> None:
    """With special strings let through, a text can spell the very ids of a picture's prompt."""
    seen = asking("red", "hello")
    ids = ask(engine, seen).prompt_token_ids
    view = "<image>" + "<unk>" * 16 + "</image>"
    text = f"{view}<slice>{view}\n{view}</slice>\nhello"
    spelt = Question(None, (user(text),), GREEDY, special_tokens=True)
    expected = fresh(folder, spelt)
    assert expected != fresh(folder, seen)
    answer = ask(engine, spelt)
    assert answer.prompt_token_ids == ids
    assert answer.token_ids == expected
    assert ask(engine, seen).token_ids == fresh(folder, seen)


# How an answer ends


def test_the_closing_token_ends_an_answer(engine: Engine) -> None:
    longer = ask(engine, asking(None))
    head = engine._loaded().runner.model.llm.lm_head
    weight = head.weight.clone()
    weight[2] = 1.02 * weight[longer.token_ids[3]]  # what would have come fourth now closes
    head.weight = torch.nn.Parameter(weight, requires_grad=False)
    answer = ask(engine, asking(None))
    assert answer.reason is StopReason.END
    assert answer.token_ids == longer.token_ids[:3]
    follow_up = following(asking(None), answer, "hello")
    first = ask(engine, follow_up)
    assert first.statistics.prompt_tokens_reused >= len(answer.prompt_token_ids)
    engine.forget()
    assert ask(engine, follow_up).token_ids == first.token_ids


def test_an_answer_that_is_closed_at_once_is_empty(engine: Engine) -> None:
    first = ask(engine, asking(None)).token_ids[0]
    head = engine._loaded().runner.model.llm.lm_head
    weight = head.weight.clone()
    weight[2] = 2 * weight[first]
    head.weight = torch.nn.Parameter(weight, requires_grad=False)
    for sampling in (GREEDY, Sampling.beam(beams=1, max_new_tokens=5)):
        answer = ask(engine, asking(None, sampling=sampling))
        assert (answer.reason, answer.token_ids, answer.text) == (StopReason.END, (), "")
        assert answer.statistics.tokens_per_second == 0


@pytest.fixture(scope="module")
def short_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("short") / "model"
    tiny_folder(path, max_position_embeddings=160)
    return path


@pytest.mark.parametrize("decoding", [Decoding.GREEDY, Decoding.BEAM])
def test_an_answer_ends_where_the_context_does(short_folder: Path, decoding: Decoding) -> None:
    engine = loaded(short_folder)
    sampling = Sampling(decoding=decoding, beams=2, max_new_tokens=500)
    answer = ask(engine, asking(None, sampling=sampling))
    assert answer.reason is StopReason.CONTEXT
    assert len(answer.prompt_token_ids) + len(answer.token_ids) == 160
    assert ask(engine, asking(None)).token_ids == fresh(short_folder, asking(None))


def test_a_long_conversation_loses_its_oldest_turns(short_folder: Path) -> None:
    turns = [user("what is in the image? " * 2), Turn(Speaker.ASSISTANT, "a red disc")] * 4
    question = Question(None, (*turns, user("hello")), GREEDY)
    events = list(loaded(short_folder).answer(question))
    dropped = [event for event in events if isinstance(event, TurnsDropped)]
    assert len(dropped) == 1
    assert dropped[0].count % 2 == 0
    assert 0 < dropped[0].count <= 8
    kept = Question(None, question.turns[dropped[0].count :], GREEDY)
    last = events[-1]
    assert isinstance(last, Finished)
    assert last.token_ids == fresh(short_folder, kept)


def test_an_answer_can_be_continued(engine: Engine, folder: Path) -> None:
    turns = (user("what is in the image?"), Turn(Speaker.ASSISTANT, "a red"))
    question = Question(picture(), turns, GREEDY)
    answer = ask(engine, question)
    tokenizer = engine._loaded().tokenizer
    assert list(answer.prompt_token_ids)[-3:] == tokenizer.encode("<AI>a red")[-3:]
    assert tokenizer.decode(answer.prompt_token_ids).endswith("<AI>a red")
    assert ask(engine, asking()).token_ids == fresh(folder, asking())
    assert ask(engine, question).token_ids == answer.token_ids == fresh(folder, question)


# Errors


@pytest.mark.parametrize(
    ("turns", "fault"),
    [
        ((), QuestionFault.NO_TURNS),
        ((user(" "),), QuestionFault.EMPTY_TURN),
        ((Turn(Speaker.ASSISTANT, "a"), user("b")), QuestionFault.FIRST_TURN_NOT_USER),
        ((user("a b c d " * 100),), QuestionFault.TOO_LONG),
    ],
)
def test_a_bad_question_is_refused_before_any_pass(
    short_folder: Path, forwards: list[str], turns: tuple[Turn, ...], fault: QuestionFault
) -> None:
    engine = loaded(short_folder)
    with pytest.raises(QuestionError) as caught:
        list(engine.answer(Question(picture(), turns, GREEDY)))
    assert caught.value.fault is fault
    assert forwards == []
    assert ask(engine, asking()).token_ids == fresh(short_folder, asking())


def test_a_bad_picture_leaves_the_conversation_alone(engine: Engine) -> None:
    ask(engine, asking())
    with pytest.raises(PictureError):
        ask(engine, Question(Picture.from_bytes(b"no picture", "a.txt"), (user("a"),), GREEDY))
    assert ask(engine, asking()).statistics.prompt_tokens_computed == 1


ALLOCATORS = {
    "torch": torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    "cpu": RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9"),
    "mmap": RuntimeError("unable to mmap 9 bytes from file <a>: Cannot allocate memory (12)"),
    "mps": RuntimeError("MPS backend out of memory (MPS allocated: 1 GB)"),
    "python": MemoryError(),
}


def failing(monkeypatch: pytest.MonkeyPatch, name: str, error: Exception) -> None:
    """The second such forward pass fails."""
    method, calls = getattr(Runner, name), list[int]()

    def fail(*args: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise error
        return method(*args)

    monkeypatch.setattr(Runner, name, fail)


@pytest.mark.parametrize("error", ALLOCATORS.values(), ids=ALLOCATORS)
@pytest.mark.parametrize("name", FORWARDS)
@pytest.mark.parametrize("sampling", [GREEDY, BEAMS], ids=["greedy", "beams"])
def test_memory_that_runs_out_is_told_and_survived(
    engine: Engine,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    name: str,
    sampling: Sampling,
) -> None:
    question = asking(sampling=sampling)
    with monkeypatch.context() as patch:
        failing(patch, name, error)
        with pytest.raises(OutOfMemory) as caught:
            ask(engine, question)
    assert caught.value.device == "cpu"
    assert caught.value.__cause__ is error
    answer = ask(engine, question)
    assert answer.statistics.prompt_tokens_reused == 0
    assert answer.token_ids == expected_once(folder, sampling)


_EXPECTED: dict[tuple[Path, Decoding], tuple[int, ...]] = {}


def expected_once(folder: Path, sampling: Sampling) -> tuple[int, ...]:
    key = (folder, sampling.decoding)
    if key not in _EXPECTED:
        _EXPECTED[key] = fresh(folder, asking(sampling=sampling))
    return _EXPECTED[key]


def test_other_faults_stay_what_they_are(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, "step", RuntimeError("a fault of ours"))
    with pytest.raises(RuntimeError, match="a fault of ours") as caught:
        ask(engine, asking())
    assert not isinstance(caught.value, EngineError)
    assert ask(engine, asking()).statistics.prompt_tokens_reused == 0


def text_deltas(events: list[AnswerEvent]) -> list[str]:
    return [event.text for event in events if isinstance(event, TextDelta)]


def test_a_seed_repeats_an_answer(engine: Engine) -> None:
    def sampled(seed: int | None) -> list[str]:
        sampling = Sampling(max_new_tokens=12, temperature=1.5, top_p=1.0, seed=seed)
        return text_deltas(list(engine.answer(asking(None, sampling=sampling))))

    assert sampled(3) == sampled(3)
    assert len({"".join(sampled(seed)) for seed in (3, 4, 5, None)}) > 1
