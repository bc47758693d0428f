"""Text to token ids and back: the model's SentencePiece vocabulary and its special strings."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from pathlib import Path

from sentencepiece import SentencePieceProcessor

from .errors import ModelError, ModelFault

FILE_NAME = "tokenizer.model"
# The published ids. A vocabulary that holds a string as a piece of its own overrules them.
PUBLISHED_IDS = {
    "<unk>": 0,
    "<s>": 1,
    "</s>": 2,
    "<image>": 101,
    "</image>": 102,
    "<ref>": 103,
    "</ref>": 104,
    "<box>": 105,
    "</box>": 106,
    "<quad>": 107,
    "</quad>": 108,
    "<point>": 109,
    "</point>": 110,
    "<slice>": 111,
    "</slice>": 112,
}
_SPACE = "\N{LOWER ONE EIGHTH BLOCK}"  # how SentencePiece writes a space
_BYTE_PIECE = re.compile(r"<0x([0-9A-F]{2})>")
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")


class Tokenizer:
    """The vocabulary of one model.

    A special string in a text is text, unless ``special_tokens`` is asked for.
    """

    im_start = "<image>"
    im_end = "</image>"
    slice_start = "<slice>"
    slice_end = "</slice>"

    def __init__(self, processor: SentencePieceProcessor, special_ids: dict[str, int]) -> None:
        self._processor = processor
        self.special_ids = special_ids
        self._names = {token: name for name, token in special_ids.items()}
        self.vocab_size: int = processor.vocab_size()
        self.unk_id, self.bos_id, self.eos_id = (special_ids[s] for s in ("<unk>", "<s>", "</s>"))
        self.im_start_id, self.im_end_id = special_ids[self.im_start], special_ids[self.im_end]
        self.slice_start_id = special_ids[self.slice_start]
        self.slice_end_id = special_ids[self.slice_end]
        self._special = _any_of(special_ids)
        self._disarm = _inside_of(_reachable(processor, self._names))

    @classmethod
    def from_folder(cls, folder: str | Path) -> Tokenizer:
        """Load ``tokenizer.model``, given its folder or itself. Raises ModelError."""
        path = Path(folder)
        path = path / FILE_NAME if path.is_dir() else path
        if not path.is_file():
            raise ModelError(ModelFault.NO_FILE, str(path.parent), path.name)
        return cls.from_bytes(path.read_bytes(), path)

    @classmethod
    def from_bytes(cls, data: bytes, path: Path = Path(FILE_NAME)) -> Tokenizer:
        """Load the bytes of a ``tokenizer.model``; ``path`` is named where they are damaged."""
        try:
            processor = SentencePieceProcessor()
            processor.LoadFromSerializedProto(data)
            return cls(processor, _special_ids(processor))
        except (RuntimeError, KeyError, IndexError) as error:
            fault = ModelFault.DAMAGED_FILE
            raise ModelError(fault, str(path.parent), path.name, str(error)) from error

    def encode(self, text: str, special_tokens: bool = False) -> list[int]:
        """The ids of a text, without bos."""
        if not special_tokens:
            # Cut after its "<", a special string is no longer one, and decodes to the same text.
            return [i for part in self._disarm.split(_valid(text)) for i in self._ids(part)]
        ids: list[int] = []
        for part in self._special.split(_valid(text)):
            ids += [self.special_ids[part]] if part in self.special_ids else self._ids(part)
        return ids

    def encode_with_bos(self, text: str, special_tokens: bool = False) -> list[int]:
        """The ids of a text as the published tokenizer gives them, bos first."""
        return [self.bos_id, *self.encode(text, special_tokens)]

    def _ids(self, text: str) -> list[int]:
        return list(self._processor.encode(text)) if text else []

    def bytes_of(self, token: int) -> bytes:
        """What one id adds to a text, as UTF-8 that may be a part of a character.

        Unk, bos, eos and ids beyond the vocabulary add nothing.
        """
        if token in (self.unk_id, self.bos_id, self.eos_id) or not 0 <= token < self.vocab_size:
            return b""
        if token in self._names:
            return self._names[token].encode()
        if self._processor.is_byte(token):
            return bytes([self._byte(token)])
        if self._processor.is_control(token):
            return b""
        return str(self._processor.id_to_piece(token)).replace(_SPACE, " ").encode()

    def _byte(self, token: int) -> int:
        found = _BYTE_PIECE.fullmatch(self._processor.id_to_piece(token))
        return int(found[1], 16) if found else ord("?")

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ids, every character as it was; unk, bos and eos are left out."""
        return Utf8().push(b"".join(map(self.bytes_of, ids)), last=True)

    def decode_published(self, ids: Iterable[int]) -> str:
        """The text as the published tokenizer class writes it: with special strings and odd spaces.

        The first token's space is left out, and one is put in front of every run of ordinary
        tokens that a special string follows.
        """
        out, run = "", list[int]()
        for token in ids:
            if token not in self._names:
                run.append(token)
                continue
            out += (" " if run else "") + self._run_text(run, first=not out) + self._names[token]
            run = []
        return out + self._run_text(run, first=not out)

    def _run_text(self, run: list[int], *, first: bool) -> str:
        text = self.decode(run)
        spaced = first and run and self._processor.id_to_piece(run[0]).startswith(_SPACE)
        return text[1:] if spaced else text


class Utf8:
    """Joins bytes to characters, and holds back the bytes of a character that is incomplete."""

    def __init__(self) -> None:
        # With this handler the decoder gives one mark per wrong byte, as SentencePiece does.
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")

    def push(self, data: bytes, *, last: bool = False) -> str:
        """The characters that are complete; with ``last``, all, a wrong byte as U+FFFD."""
        return _ESCAPED_BYTE.sub("\N{REPLACEMENT CHARACTER}", self._decoder.decode(data, last))


def _special_ids(processor: SentencePieceProcessor) -> dict[str, int]:
    """The id of every special string that the vocabulary has a place for.

    The published vocabulary names some of these places ``<reserved_n>``.
    """
    ids = {"<unk>": processor.unk_id(), "<s>": processor.bos_id(), "</s>": processor.eos_id()}
    for name, published in PUBLISHED_IDS.items():
        found = processor.piece_to_id(name)
        if name in ids:
            continue
        if found != processor.unk_id():
            ids[name] = found
        elif processor.id_to_piece(published).startswith("<reserved_"):
            ids[name] = published
    return ids


def _valid(text: str) -> str:
    """The text without lone surrogates, which a paste can hold and UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _reachable(processor: SentencePieceProcessor, special: Iterable[int]) -> list[str]:
    """The pieces that a text can contain and that encode to a special id."""
    ids = [i for i in special if not processor.is_control(i) and not processor.is_unknown(i)]
    return [processor.id_to_piece(i) for i in ids]


def _any_of(strings: Iterable[str]) -> re.Pattern[str]:
    return re.compile(f"({'|'.join(map(re.escape, strings))})")


def _inside_of(strings: Iterable[str]) -> re.Pattern[str]:
    """Matches the place after the first character of each string."""
    places = [f"(?<={re.escape(s[0])})(?={re.escape(s[1:])})" for s in strings]
    return re.compile("|".join(places) or "(?!)")
