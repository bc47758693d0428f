"""A combination of keys, read from Qt's spelling and written as each system wants it. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Modifier(str, Enum):
    """What is held down, by Qt's portable names: on macOS Ctrl is Command, and Meta is Control."""

    CONTROL = "Ctrl"
    ALT = "Alt"
    SHIFT = "Shift"
    META = "Meta"


MODIFIERS = {modifier.value.lower(): modifier for modifier in Modifier}

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"
FUNCTIONS = tuple(f"F{number}" for number in range(1, 25))


class UnknownKeys(ValueError):
    """The text does not name a combination that can be had everywhere on a desktop."""


@dataclass(frozen=True, slots=True)
class Combination:
    """Some modifiers and one key."""

    modifiers: frozenset[Modifier]
    key: str

    def __str__(self) -> str:
        """As Qt spells it."""
        held = [modifier.value for modifier in (*_ORDER,) if modifier in self.modifiers]
        return "+".join([*held, self.key])


_ORDER = (Modifier.META, Modifier.CONTROL, Modifier.ALT, Modifier.SHIFT)


def parse(text: str) -> Combination:
    """Read ``Ctrl+Shift+O``. Raises UnknownKeys.

    A letter or a figure needs a modifier other than Shift: it would be taken from all writing.
    """
    if "," in text[:-1] and not text.endswith("+,"):
        raise UnknownKeys(text)  # a sequence of several
    body, plus = (text[:-2], "+") if text.endswith("++") else (text, "")
    parts = [part.strip() for part in body.split("+")] + ([plus] if plus else [])
    names, key = parts[:-1], _canonical(parts[-1])
    try:
        modifiers = frozenset(MODIFIERS[name.lower()] for name in names if name)
    except KeyError as error:
        raise UnknownKeys(text) from error
    if key not in X_KEYSYMS:
        raise UnknownKeys(text)
    if not modifiers - {Modifier.SHIFT} and key not in STANDS_ALONE:
        raise UnknownKeys(text)
    return Combination(modifiers, key)


def _canonical(key: str) -> str:
    return _BY_LOWER.get(key.lower(), key)


def alternatives(taken: Combination) -> tuple[Combination, ...]:
    """Other combinations with the same key, the handiest first."""
    held = Modifier
    sets = (
        {held.META, held.SHIFT},
        {held.CONTROL, held.ALT},
        {held.CONTROL, held.SHIFT},
        {held.META, held.ALT},
        {held.CONTROL, held.ALT, held.SHIFT},
        {held.META, held.CONTROL, held.SHIFT},
    )
    tries = tuple(Combination(frozenset(each), taken.key) for each in sets)
    return tuple(each for each in tries if each != taken)


# X11: keysyms, and masks of modifiers

X_KEYSYMS = {
    **{letter: ord(letter.lower()) for letter in LETTERS},
    **{digit: ord(digit) for digit in DIGITS},
    **{name: 0xFFBE + number for number, name in enumerate(FUNCTIONS)},
    **{sign: ord(sign) for sign in "`-=[]\\;',./+"},
    "Space": 0x20,
    "Backspace": 0xFF08,
    "Tab": 0xFF09,
    "Return": 0xFF0D,
    "Pause": 0xFF13,
    "Esc": 0xFF1B,
    "Home": 0xFF50,
    "Left": 0xFF51,
    "Up": 0xFF52,
    "Right": 0xFF53,
    "Down": 0xFF54,
    "PgUp": 0xFF55,
    "PgDown": 0xFF56,
    "End": 0xFF57,
    "Print": 0xFF61,
    "Ins": 0xFF63,
    "Del": 0xFFFF,
}
_BY_LOWER = {name.lower(): name for name in X_KEYSYMS}
STANDS_ALONE = {*FUNCTIONS, "Print", "Pause"}
X_MASKS = {Modifier.SHIFT: 1, Modifier.CONTROL: 4, Modifier.ALT: 8, Modifier.META: 64}


def x_mask(combination: Combination) -> int:
    """The state that an X server reports while the modifiers are held."""
    return sum(X_MASKS[modifier] for modifier in combination.modifiers)


# Windows: virtual keys, of a US keyboard where signs are meant

WINDOWS_KEYS = {
    **{name: ord(name) for name in LETTERS + DIGITS},
    **{name: 0x70 + number for number, name in enumerate(FUNCTIONS)},
    **dict(zip(";=,-./`", range(0xBA, 0xC1), strict=True)),
    **dict(zip("[\\]'", range(0xDB, 0xDF), strict=True)),
    "+": 0xBB,
    "Backspace": 0x08,
    "Tab": 0x09,
    "Return": 0x0D,
    "Pause": 0x13,
    "Esc": 0x1B,
    "Space": 0x20,
    "PgUp": 0x21,
    "PgDown": 0x22,
    "End": 0x23,
    "Home": 0x24,
    "Left": 0x25,
    "Up": 0x26,
    "Right": 0x27,
    "Down": 0x28,
    "Print": 0x2C,
    "Ins": 0x2D,
    "Del": 0x2E,
}
WINDOWS_MASKS = {Modifier.ALT: 1, Modifier.CONTROL: 2, Modifier.SHIFT: 4, Modifier.META: 8}
NO_REPEAT = 0x4000


def windows_mask(combination: Combination) -> int:
    """The modifiers of RegisterHotKey, without repetition while the key is held."""
    return NO_REPEAT | sum(WINDOWS_MASKS[modifier] for modifier in combination.modifiers)


# macOS: codes of places on the keyboard

_MAC_ROWS = (  # the codes that are left out belong to other keys
    (0, "ASDFHGZXCV"),
    (11, "BQWERYT123465=97-80]OU[IP"),
    (37, "LJ'K;\\,/NM."),
    (50, "`"),
)
_MAC_FUNCTIONS = (122, 120, 99, 118, 96, 97, 98, 100, 101, 109, 103, 111, 105, 107, 113, 106)
MAC_KEYS = {
    **{sign: first + place for first, row in _MAC_ROWS for place, sign in enumerate(row)},
    **{f"F{number}": code for number, code in enumerate(_MAC_FUNCTIONS, 1)},
    "Return": 36,
    "Tab": 48,
    "Space": 49,
    "Backspace": 51,
    "Esc": 53,
    "+": 24,
    "Home": 115,
    "PgUp": 116,
    "Del": 117,
    "End": 119,
    "PgDown": 121,
    "Left": 123,
    "Right": 124,
    "Down": 125,
    "Up": 126,
}
MAC_MASKS = {
    Modifier.CONTROL: 0x0100,  # Command
    Modifier.SHIFT: 0x0200,
    Modifier.ALT: 0x0800,  # Option
    Modifier.META: 0x1000,  # Control
}


def mac_mask(combination: Combination) -> int:
    """The modifiers of RegisterEventHotKey."""
    return sum(MAC_MASKS[modifier] for modifier in combination.modifiers)


# The portal: names of keysyms, as the shortcuts specification of freedesktop.org writes them

_PORTAL_MODIFIERS = {
    Modifier.CONTROL: "CTRL",
    Modifier.ALT: "ALT",
    Modifier.SHIFT: "SHIFT",
    Modifier.META: "LOGO",
}
_KEYSYM_NAMES = {
    "Backspace": "BackSpace",
    "Esc": "Escape",
    "PgUp": "Prior",
    "PgDown": "Next",
    "Ins": "Insert",
    "Del": "Delete",
    "Space": "space",
    "`": "grave",
    "-": "minus",
    "=": "equal",
    "[": "bracketleft",
    "]": "bracketright",
    "\\": "backslash",
    ";": "semicolon",
    "'": "apostrophe",
    ",": "comma",
    ".": "period",
    "/": "slash",
    "+": "plus",
}


def portal_trigger(combination: Combination) -> str:
    """What the desktop is asked for, and may change."""
    held = [_PORTAL_MODIFIERS[each] for each in Modifier if each in combination.modifiers]
    key = combination.key
    name = key.lower() if key in LETTERS else _KEYSYM_NAMES.get(key, key)
    return "+".join([*held, name])
