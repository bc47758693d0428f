"""Which characters are written without spaces between words."""

from __future__ import annotations

_RANGES = (
    (0x2E80, 0x303F),  # radicals, CJK punctuation
    (0x3040, 0x30FF),  # kana
    (0x3100, 0x312F),  # bopomofo
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFE30, 0xFE4F),
    (0xFF00, 0xFFEF),  # full-width letters and punctuation
    (0x20000, 0x3FFFF),
)


def is_cjk(character: str) -> bool:
    """Whether Chinese or Japanese writing sets it beside its neighbour without a space."""
    code = ord(character)
    return any(first <= code <= last for first, last in _RANGES)


def touch(before: str, after: str) -> bool:
    """Whether two pieces of text that were parted by a line's end belong without a space."""
    return not before or not after or (is_cjk(before[-1]) or is_cjk(after[0]))


def says_something(text: str) -> bool:
    """Whether there is more than squares and discs, as which a button or a picture may be read."""
    return any(not mark.isspace() and not "\u25a0" <= mark <= "\u25ff" for mark in text)
