"""Text that comes in pieces, stripped as a whole."""

from __future__ import annotations


class Stripping:
    """All that ``push`` returns, joined, is all that it was given, joined and stripped.

    White space is held back until text follows it; only what ends the text is never returned.
    Text that ``continues`` another one keeps the white space at its start.
    """

    def __init__(self, continues: bool = False) -> None:
        self._held = ""
        self._begun = continues

    def push(self, text: str) -> str:
        """What has become certain with this piece."""
        if not text:
            return ""
        self._held += text if self._begun else text.lstrip()
        released = self._held.rstrip()
        self._held = self._held[len(released) :]
        self._begun = self._begun or bool(released)
        return released
