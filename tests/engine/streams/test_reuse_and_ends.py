"""What an answer reuses, how it ends, and what a fault leaves behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from engine.engine import Engine
from engine.errors import (
    EngineError,
    PictureError,
    QuestionError,
    QuestionFault,
)
from engine.messages import (
    AnswerEvent,
    Decoding,
    Finished,
    Picture,
    PictureSeen,
    Question,
    Sampling,
    Speaker,
    StopReason,
    TextDelta,
    Turn,
    TurnsDropped,
)
from engine.reading import common_length
from engine.runner import Runner
from tests.engine.streams.kit import (
    BEAMS,
    DECODINGS,
    GREEDY,
    ask,
    asking,
    following,
    fresh,
    loaded,
    picture,
    user,
)
from tests.tiny import tiny_folder


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


def test_what_was_written_is_not_read_again_when_it_is_continued(engine: Engine) -> None:
    first = ask(engine, asking())
    turns = (*asking().turns, Turn(Speaker.ASSISTANT, first.text))
    second = ask(engine, Question(picture(), turns, GREEDY))
    held = (*first.prompt_token_ids, *first.token_ids)
    known = common_length(held, second.prompt_token_ids)
    assert known >= len(first.prompt_token_ids)
    assert second.statistics.prompt_tokens_reused >= min(known, len(held) - 1) - 1


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


def failing(monkeypatch: pytest.MonkeyPatch, name: str, error: Exception) -> None:
    """The second such forward pass fails."""
    method, calls = getattr(Runner, name), list[int]()

    def fail(*args: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise error
        return method(*args)

    monkeypatch.setattr(Runner, name, fail)


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
