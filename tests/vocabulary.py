"""A small SentencePiece vocabulary of the model's kind, trained on the spot."""

from __future__ import annotations

import io
from functools import cache

import sentencepiece

from engine.tokenizer import PUBLISHED_IDS, Tokenizer

LINES = (
    "hello world this is a tiny text",
    "what is in the image? a red disc and a wave",
    "你好 世界 用户 图片里写了什么 请逐行抄写",
    "a b c d e f g h i j k l m n o p q r s t u v w x y z A I",
    "0 1 2 3 4 5 6 7 8 9 . , ! ? < > / ( )",
)


@cache
def tiny_model(reserved: bool = False) -> bytes:
    """The bytes of a ``tokenizer.model`` with byte pieces and every special string at its id.

    With ``reserved``, points and slices sit on reserved pieces, as they do in the published one.
    """
    symbols = {i: f"<reserved_{i}>" for i in range(3, 113)}
    symbols |= {5: "\n"}
    last = PUBLISHED_IDS["</quad>"] if reserved else PUBLISHED_IDS["</slice>"]
    symbols |= {i: name for name, i in PUBLISHED_IDS.items() if 2 < i <= last}
    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(LINES * 4),
        model_writer=out,
        model_type="bpe",
        vocab_size=520,
        hard_vocab_limit=False,
        byte_fallback=True,
        character_coverage=1.0,
        add_dummy_prefix=False,
        remove_extra_whitespaces=False,
        normalization_rule_name="identity",
        user_defined_symbols=[symbols[i] for i in sorted(symbols)],
        minloglevel=9,
    )
    return out.getvalue()


@cache
def tiny_tokenizer(reserved: bool = False) -> Tokenizer:
    """A tokenizer that needs nothing but this file."""
    return Tokenizer.from_bytes(tiny_model(reserved))
