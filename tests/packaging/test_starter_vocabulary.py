"""The starter's vocabulary: reproducible, MiniCPM's ids, nothing lost on the way."""

from pathlib import Path

import pytest
from sentencepiece import SentencePieceProcessor

import build_vocabulary

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "starter"


@pytest.fixture(scope="module")
def processor():
    return SentencePieceProcessor(model_proto=build_vocabulary.build())


def test_shipped_file_is_what_the_script_builds():
    assert (FOLDER / "tokenizer.model").read_bytes() == build_vocabulary.build()


@pytest.mark.parametrize(("index", "piece"), sorted(build_vocabulary.CONTROL_IDS.items()))
def test_control_pieces_have_the_published_ids(processor, index, piece):
    assert processor.id_to_piece(index) == piece
    assert processor.is_control(index)


def test_newline_and_unknown_have_the_published_ids(processor):
    assert processor.encode("\n") == [5]
    assert processor.unk_id() == 0
    assert processor.is_unknown(0)


@pytest.mark.parametrize(
    "text",
    [
        "Read the text.",
        "  two  spaces ",
        "<用户>这是什么？<AI>",
        "tab\tand\r\n",
        "smile 😀",
        "<image>",
        "▁",
    ],
)
def test_text_comes_back_as_it_went_in(processor, text):
    # SentencePiece writes a space as ▁, so a typed ▁ is the one character that cannot come back
    assert processor.decode(processor.encode(text)) == text.replace("▁", " ")


def test_no_prefix_is_added_and_one_piece_is_one_character(processor):
    assert len(processor.encode("Total: 42 EUR")) == len("Total: 42 EUR")


def test_typed_control_strings_are_text(processor):
    assert not set(processor.encode("<image></s>")) & set(build_vocabulary.CONTROL_IDS)


def test_every_common_chinese_character_has_a_piece():
    characters = list(build_vocabulary.gb2312_level_one())
    assert len(characters) == 3755
    assert set(characters) <= set(build_vocabulary.characters())
