"""The tokenizer against the published class, and typed special strings that must stay text."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import sentencepiece

from engine.errors import ModelError, ModelFault
from engine.tokenizer import PUBLISHED_IDS, Tokenizer
from tests.golden import golden_json, vocabulary_folder
from tests.vocabulary import tiny_model, tiny_tokenizer

TEXTS = [
    "",
    " ",
    "  two  spaces ",
    "hello world",
    "图片里写了什么？\n请逐行抄写。",
    "😀👍🏽 naïve \x00 \U0010ffff",
    "a<b> 1<2 <<image>> </s",
    "<image></image><slice></slice>",
    "x<slice>y</slice>z <unk></s><s> <reserved_111><reserved_20>",
]


def test_golden_ids_and_text() -> None:
    rows = golden_json("tokenizer.json")
    tokenizer = Tokenizer.from_folder(vocabulary_folder())
    for row in rows:
        assert tokenizer.encode_with_bos(row["text"], special_tokens=True) == row["ids"]
        assert tokenizer.decode_published(row["ids"][1:]) == row["decoded"]
    assert len(rows) > 20


def test_golden_answers() -> None:
    tokenizer = Tokenizer.from_folder(vocabulary_folder())
    for case in golden_json("cases.json"):
        for decoding in ("greedy", "greedy_penalty_1.05", "beam3_penalty_1.2"):
            ids, text = case[decoding]["ids"], case[decoding]["text"]
            assert tokenizer.decode(ids).strip() == text
            assert tokenizer.decode_published(ids).strip() == text


def test_real_vocabulary_keeps_typed_special_strings_as_text() -> None:
    tokenizer = Tokenizer.from_folder(vocabulary_folder())
    assert tokenizer.vocab_size == 122753
    assert tokenizer.special_ids == PUBLISHED_IDS
    text = "<image> <reserved_22> </s> <slice>"
    ids = tokenizer.encode(text)
    assert not set(ids) & set(PUBLISHED_IDS.values())
    assert tokenizer.decode(ids) == text
    # What is no danger is encoded as always.
    assert tokenizer.encode("</s><s><unk>") == [1731, 95328, 3395, 95328, 3395, 5303, 95388]


@pytest.mark.parametrize("reserved", [False, True])
@pytest.mark.parametrize("text", TEXTS)
def test_text_comes_back_and_holds_no_special_id(text: str, reserved: bool) -> None:
    tokenizer = tiny_tokenizer(reserved)
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == text
    assert not set(ids) & set(tokenizer.special_ids.values())


@pytest.mark.parametrize("reserved", [False, True])
def test_special_strings_when_asked_for(reserved: bool) -> None:
    tokenizer = tiny_tokenizer(reserved)
    assert tokenizer.special_ids == PUBLISHED_IDS
    for name, token in PUBLISHED_IDS.items():
        around = [*tokenizer.encode("a "), token, *tokenizer.encode(" b")]
        assert tokenizer.encode(f"a {name} b", special_tokens=True) == around
    assert tokenizer.encode_with_bos("<slice>", special_tokens=True) == [1, 111]
    assert tokenizer.decode([111, 109, 0, 1, 2]) == "<slice><point>"


def test_attributes_of_the_published_class() -> None:
    tokenizer = tiny_tokenizer()
    assert (tokenizer.unk_id, tokenizer.bos_id, tokenizer.eos_id) == (0, 1, 2)
    assert (tokenizer.im_start, tokenizer.im_end) == ("<image>", "</image>")
    assert (tokenizer.slice_start, tokenizer.slice_end) == ("<slice>", "</slice>")
    assert (tokenizer.im_start_id, tokenizer.im_end_id) == (101, 102)
    assert (tokenizer.slice_start_id, tokenizer.slice_end_id) == (111, 112)


def test_published_decoding_has_its_odd_spaces() -> None:
    tokenizer = tiny_tokenizer()

    def through(text: str) -> str:
        return tokenizer.decode_published(tokenizer.encode(text, special_tokens=True))

    assert through(" hello") == "hello"
    assert through("x<slice>y</slice>z") == " x<slice> y</slice>z"
    assert through("<ref></ref> a") == "<ref></ref> a"
    assert tokenizer.decode_published([]) == ""


def test_random_ids_decode_as_sentencepiece_decodes_them() -> None:
    tokenizer = tiny_tokenizer()
    processor = sentencepiece.SentencePieceProcessor(model_proto=tiny_model())
    randomly = random.Random(0)
    first_byte = processor.piece_to_id("<0x00>")
    for _ in range(2000):
        text = bytes(randomly.choices((0xE4, 0xB8, 0xAD, 0xF0, 0x9F, 0x41, 0xED, 0xC0), k=5))
        ids = [first_byte + byte for byte in text]
        ids.insert(randomly.randrange(6), randomly.randrange(300, tokenizer.vocab_size))
        assert tokenizer.decode(ids) == processor.decode(ids)


def test_ids_beyond_the_vocabulary_and_lone_surrogates_do_no_harm() -> None:
    tokenizer = tiny_tokenizer()
    assert tokenizer.decode([tokenizer.vocab_size, -1, *tokenizer.encode("a")]) == "a"
    assert tokenizer.decode(tokenizer.encode("a\ud800b")) == "a?b"


def test_a_folder_or_the_file_itself(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.model").write_bytes(tiny_model())
    for path in (tmp_path, str(tmp_path), tmp_path / "tokenizer.model"):
        assert Tokenizer.from_folder(path).encode("hello") == tiny_tokenizer().encode("hello")


def test_a_missing_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "tokenizer.model"):
        with pytest.raises(ModelError) as caught:
            Tokenizer.from_folder(path)
        error = caught.value
        assert (error.fault, error.name) == (ModelFault.NO_FILE, "tokenizer.model")
        assert error.folder == str(tmp_path)


@pytest.mark.parametrize("data", [b"", b"garbage" * 99, tiny_model()[:500], tiny_model()[:-40]])
def test_a_damaged_file(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "tokenizer.model").write_bytes(data)
    with pytest.raises(ModelError) as caught:
        Tokenizer.from_folder(tmp_path)
    assert caught.value.fault is ModelFault.DAMAGED_FILE
    assert caught.value.name == "tokenizer.model"


def test_a_vocabulary_of_another_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.model").write_bytes(tiny_model().replace(b"<image>", b"<imaga>"))
    with pytest.raises(ModelError) as caught:
        Tokenizer.from_folder(tmp_path)
    assert caught.value.fault is ModelFault.DAMAGED_FILE
    assert "<image>" in caught.value.detail
