"""Token ids to text as they come, in pieces that are certain."""

from __future__ import annotations

from .stripping import Stripping
from .tokenizer import Tokenizer, Utf8


class TextStream:
    """Turns the ids of one answer into text.

    All that ``push`` and ``finish`` return, joined, is ``tokenizer.decode(ids).strip()``: nothing
    comes before the first visible character, and white space comes with the text that follows it.
    An answer that ``continues`` a turn keeps the white space between the two.
    A token costs the same however long the answer is.
    """

    def __init__(self, tokenizer: Tokenizer, continues: bool = False) -> None:
        self._tokenizer = tokenizer
        self._characters = Utf8()
        self._stripping = Stripping(continues)

    def push(self, token: int) -> str:
        """The text that has become certain with this id; empty within a character."""
        return self._stripping.push(self._characters.push(self._tokenizer.bytes_of(token)))

    def finish(self) -> str:
        """The rest, with U+FFFD for every byte of a character that was never completed."""
        return self._stripping.push(self._characters.push(b"", last=True))
