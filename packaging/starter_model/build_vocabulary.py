"""Write the starter model's vocabulary: one piece a character, controls at MiniCPM's ids."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from sentencepiece import sentencepiece_model_pb2 as sentencepiece_format

Piece = sentencepiece_format.ModelProto.SentencePiece

CLOSING_ID = 2  # behind an answer, and behind the shorter ones of a batch
CONTROL_IDS = {
    1: "<s>",
    CLOSING_ID: "</s>",
    101: "<image>",
    102: "</image>",
    103: "<ref>",
    104: "</ref>",
    105: "<box>",
    106: "</box>",
    107: "<quad>",
    108: "</quad>",
    109: "<point>",
    110: "</point>",
    111: "<slice>",
    112: "</slice>",
}
NEWLINE_ID = 5
TYPOGRAPHY = "‘’“”–—…•·×÷°±€£¥©®™←↑→↓✓✗█■□●○▲△▼▽★☆«»§¶¿¡àâäáçèéêëíîïñóôöùúûüßÀÄÇÈÉÖÜæøåœ"
CHINESE_PUNCTUATION = "、。〈〉《》「」『』【】〔〕・！（），．：；？～％＋－／＝￥"


def gb2312_level_one() -> Iterator[str]:
    """Yield the 3,755 commonest simplified characters in the order of the GB2312 standard."""
    for high in range(0xB0, 0xD8):
        for low in range(0xA1, 0xFF):
            if (high, low) < (0xD7, 0xFA):
                yield bytes((high, low)).decode("gb2312")


def characters() -> list[str]:
    """Return every single-character piece once, in a fixed order; a space is a mark."""
    ascii_characters = ["\u2581"] + [chr(code) for code in range(0x21, 0x7F)]
    rest = [*TYPOGRAPHY, *CHINESE_PUNCTUATION, *gb2312_level_one()]
    return list(dict.fromkeys([*ascii_characters, *rest]))


def pieces() -> list[tuple[str, int]]:
    """Return (text, kind) for every id: fixed ids first, the rest filled in order."""
    fixed = {0: ("<unk>", Piece.UNKNOWN), NEWLINE_ID: ("\n", Piece.NORMAL)}
    fixed |= {index: (text, Piece.CONTROL) for index, text in CONTROL_IDS.items()}
    free = [(text, Piece.NORMAL) for text in characters()]
    free += [(f"<0x{value:02X}>", Piece.BYTE) for value in range(256)]
    remaining = iter(free)
    return [fixed[i] if i in fixed else next(remaining) for i in range(len(free) + len(fixed))]


def build() -> bytes:
    """Return the serialised model: no normalising, no dummy prefix, bytes as the fallback."""
    model = sentencepiece_format.ModelProto()
    for text, kind in pieces():
        model.pieces.add(piece=text, score=0.0, type=kind)
    trainer = model.trainer_spec
    trainer.model_type = sentencepiece_format.TrainerSpec.UNIGRAM
    trainer.vocab_size = len(model.pieces)
    trainer.byte_fallback = True
    trainer.unk_id, trainer.bos_id, trainer.eos_id, trainer.pad_id = 0, 1, CLOSING_ID, -1
    normalizer = model.normalizer_spec
    normalizer.name = "identity"
    normalizer.add_dummy_prefix = False
    normalizer.remove_extra_whitespaces = False
    normalizer.escape_whitespaces = True
    serialised: bytes = model.SerializeToString(deterministic=True)
    return serialised


def main() -> None:
    """Write tokenizer.model into the folder given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("resources/starter"))
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.model").write_bytes(build())


if __name__ == "__main__":
    main()
