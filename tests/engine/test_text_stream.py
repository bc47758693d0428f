"""Streamed text never splits a character, and joins to what decoding gives."""

from __future__ import annotations

import random

import pytest

from engine.text_stream import TextStream
from engine.tokenizer import Tokenizer
from tests.golden import golden_json, vocabulary_folder
from tests.vocabulary import tiny_tokenizer


def stream(tokenizer: Tokenizer, ids: list[int]) -> list[str]:
    made = TextStream(tokenizer)
    return [*(made.push(token) for token in ids), made.finish()]


def test_a_character_comes_whole() -> None:
    tokenizer = tiny_tokenizer()
    ids = tokenizer.encode("a😀b")
    assert stream(tokenizer, ids) == ["a", "", "", "", "😀", "b", ""]


def test_white_space_waits_for_text() -> None:
    tokenizer = tiny_tokenizer()
    ids = tokenizer.encode(" \n a \n\n b \n")
    deltas = stream(tokenizer, ids)
    assert "".join(deltas) == "a \n\n b"
    assert all(delta == delta.rstrip() for delta in deltas)


def test_what_continues_a_turn_keeps_the_white_space_between() -> None:
    tokenizer = tiny_tokenizer()
    made = TextStream(tokenizer, continues=True)
    ids = tokenizer.encode("\n\n a \n")
    assert "".join([*map(made.push, ids), made.finish()]) == "\n\n a"


def test_an_unfinished_character_is_marked_at_the_end_only() -> None:
    tokenizer = tiny_tokenizer()
    ids = tokenizer.encode("😀")
    assert stream(tokenizer, ids[:3]) == ["", "", "", "\ufffd" * 3]
    broken = [*ids[:2], *tokenizer.encode("a")]
    assert stream(tokenizer, broken) == ["", "", "\ufffd\ufffda", ""]


def test_unk_bos_and_eos_are_no_text() -> None:
    tokenizer = tiny_tokenizer()
    ids = tokenizer.encode("😀")
    assert stream(tokenizer, [1, *ids[:2], 0, *ids[2:], 2]) == ["", "", "", "", "", "😀", "", ""]


def test_special_strings_are_text() -> None:
    tokenizer = tiny_tokenizer()
    ids = tokenizer.encode("<ref>a</ref>", special_tokens=True)
    assert stream(tokenizer, ids) == ["<ref>", "a", "</ref>", ""]


@pytest.mark.parametrize("ids", [[], [2], [0, 1, 2]])
def test_nothing_written(ids: list[int]) -> None:
    assert "".join(stream(tiny_tokenizer(), ids)) == ""


def test_any_ids_join_to_their_decoding() -> None:
    tokenizer = tiny_tokenizer()
    randomly = random.Random(0)
    for _ in range(500):
        some = randomly.choices(range(tokenizer.vocab_size), k=randomly.randrange(20))
        texts = [*tokenizer.encode(" 图😀 \u3000é\n"), *some]
        ids = [*some, *texts, *randomly.sample(texts, len(texts) // 2)]
        deltas = stream(tokenizer, ids)
        assert "".join(deltas) == tokenizer.decode(ids).strip()
        assert not deltas[0].startswith(" ")


def test_any_text_streams_without_marks() -> None:
    tokenizer = tiny_tokenizer()
    randomly = random.Random(1)
    for _ in range(500):
        text = "".join(randomly.choices("ab é中😀\U0010ffff\n\t<>", k=12))
        deltas = stream(tokenizer, tokenizer.encode(text))
        assert "".join(deltas) == text.strip()
        assert "\ufffd" not in "".join(deltas)


def test_golden_answers_stream() -> None:
    tokenizer = Tokenizer.from_folder(vocabulary_folder())
    for case in golden_json("cases.json"):
        ids, text = case["greedy"]["ids"], case["greedy"]["text"]
        assert "".join(stream(tokenizer, ids)) == text
