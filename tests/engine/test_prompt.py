"""The prompt's layout against the authors' ids, and what is left out when it is too long."""

from __future__ import annotations

import pytest

from engine.errors import QuestionError, QuestionFault
from engine.messages import Speaker, Turn
from engine.prompt import Prompt, build
from engine.tokenizer import Tokenizer
from tests.golden import golden_json, vocabulary_folder
from tests.vocabulary import tiny_tokenizer


def user(text: str) -> Turn:
    return Turn(Speaker.USER, text)


def model(text: str) -> Turn:
    return Turn(Speaker.ASSISTANT, text)


def make(
    *turns: Turn,
    grid: tuple[int, int] | None = None,
    picture: bool = True,
    limit: int = 4096,
    special_tokens: bool = False,
) -> Prompt:
    return build(
        turns,
        grid,
        tiny_tokenizer(),
        has_picture=picture,
        limit=limit,
        query_num=4,
        special_tokens=special_tokens,
    )


def text_of(prompt: Prompt) -> str:
    """The prompt as text, a view's placeholders as dots."""
    tokenizer = tiny_tokenizer()
    return "".join("." if i == 0 else tokenizer.decode([i]) for i in prompt.ids[1:])


def refusal(*turns: Turn, picture: bool = True, limit: int = 4096) -> QuestionError:
    with pytest.raises(QuestionError) as caught:
        make(*turns, picture=picture, limit=limit)
    return caught.value


def test_golden_prompts() -> None:
    cases = golden_json("cases.json")
    tokenizer = Tokenizer.from_folder(vocabulary_folder())
    for case in cases:
        turns = [Turn(Speaker(m["role"]), m["content"]) for m in case["messages"]]
        grid = tuple(case["grid"]) if case.get("grid") else None
        has_picture = case["image"] is not None
        prompt = build(turns, grid, tokenizer, has_picture=has_picture, limit=3072)
        assert list(prompt.ids) == case["input_ids"]
        assert [list(bound) for bound in prompt.image_bounds] == case["image_bound"]
        assert prompt.dropped_turns == 0
    assert len(cases) == 10


def test_markers_join_with_the_text_beside_them() -> None:
    """The authors' tokenizer sees one string; the mark before the last word joins its space."""
    tokenizer = Tokenizer.from_folder(vocabulary_folder())
    prompt = build([user("hi ")], None, tokenizer, has_picture=False, limit=99)
    assert list(prompt.ids) == tokenizer.encode_with_bos("<用户>hi <AI>", special_tokens=True)
    assert prompt.ids[-3:] == (1786, 10850, 95388)


def test_one_view() -> None:
    prompt = make(user("what?"))
    assert text_of(prompt) == "<用户><image>....</image>\nwhat?<AI>"
    assert prompt.ids[0] == tiny_tokenizer().bos_id
    ((start, end),) = prompt.image_bounds
    assert prompt.ids[start:end] == (0, 0, 0, 0)
    assert (prompt.ids[start - 1], prompt.ids[end]) == (101, 102)


def test_a_grid_is_laid_out_row_by_row() -> None:
    prompt = make(user("what?"), grid=(3, 2))
    view = "<image>....</image>"
    assert text_of(prompt) == f"<用户>{view}<slice>{view * 3}\n{view * 3}</slice>\nwhat?<AI>"
    assert len(prompt.image_bounds) == 7
    assert all(prompt.ids[start - 1] == 101 for start, _ in prompt.image_bounds)
    assert list(prompt.image_bounds) == sorted(prompt.image_bounds)


def test_several_turns_follow_one_another() -> None:
    prompt = make(user("a"), model("b"), user("c"))
    assert text_of(prompt) == "<用户><image>....</image>\na<AI>b<用户>c<AI>"


def test_an_open_answer_is_continued() -> None:
    assert text_of(make(user("a"), model("b and"))).endswith("a<AI>b and")
    assert make(user("a"), model("")) == make(user("a"))


def test_without_a_picture() -> None:
    prompt = make(user("a"), picture=False)
    assert text_of(prompt) == "<用户>a<AI>"
    assert prompt.image_bounds == ()
    assert text_of(make(model("b"), user("c"), picture=False)) == "<AI>b<用户>c<AI>"


def test_typed_special_strings_are_text_unless_asked_for() -> None:
    typed = user("a<image>b</slice></s>")
    prompt = make(typed)
    assert text_of(prompt).endswith("a<image>b</slice></s><AI>")
    assert [prompt.ids.count(i) for i in (101, 102, 111, 112, 2)] == [1, 1, 0, 0, 0]
    asked = make(typed, special_tokens=True)
    assert [asked.ids.count(i) for i in (101, 102, 111, 112, 2)] == [2, 1, 0, 1, 1]
    assert asked.image_bounds == prompt.image_bounds


def test_the_oldest_turns_go_and_the_picture_stays() -> None:
    turns = [user("one"), model("two"), user("three"), model("four"), user("five")]
    whole = make(*turns)
    assert make(*turns, limit=len(whole.ids)) == whole
    shorter = make(*turns, limit=len(whole.ids) - 1)
    assert shorter.ids == make(*turns[2:]).ids
    assert (shorter.dropped_turns, len(shorter.image_bounds)) == (2, 1)
    newest = make(*turns, limit=len(shorter.ids) - 1)
    assert text_of(newest) == "<用户><image>....</image>\nfive<AI>"
    assert newest.dropped_turns == 4


def test_every_limit_keeps_as_many_turns_as_fit() -> None:
    turns = [t for i in range(20) for t in (user(f"question {i}"), model("answer " * i))]
    turns.append(user("last"))
    sizes = [len(make(*turns[i:]).ids) for i in range(0, len(turns), 2)]
    for limit in range(sizes[-1], sizes[0] + 1, 7):
        prompt = make(*turns, limit=limit)
        kept = prompt.dropped_turns // 2
        assert len(prompt.ids) == sizes[kept] <= limit
        assert kept == 0 or sizes[kept - 1] > limit


def test_an_open_answer_keeps_its_question() -> None:
    turns = [user("one"), model("two"), user("three"), model("fo")]
    prompt = make(*turns, limit=len(make(*turns).ids) - 1)
    assert text_of(prompt).endswith("</image>\nthree<AI>fo")


def test_a_newest_question_that_does_not_fit() -> None:
    turns = [user("one"), model("two"), user("word " * 50)]
    needed = len(make(turns[-1]).ids)
    error = refusal(*turns, limit=needed - 1)
    assert error.fault is QuestionFault.TOO_LONG
    assert (error.tokens, error.limit) == (needed, needed - 1)


def test_questions_of_the_wrong_form() -> None:
    assert refusal().fault is QuestionFault.NO_TURNS
    assert refusal(model("a"), user("b")).fault is QuestionFault.FIRST_TURN_NOT_USER
    for blank in ("", " \n\u3000"):
        assert refusal(user(blank)).fault is QuestionFault.EMPTY_TURN
        assert refusal(user("a"), model("b"), user(blank)).fault is QuestionFault.EMPTY_TURN
        assert refusal(user(blank), picture=False).fault is QuestionFault.EMPTY_TURN
