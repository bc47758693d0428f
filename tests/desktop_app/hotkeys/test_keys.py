"""One spelling of keys, and what each system calls them."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QKeySequence

from desktop_app.hotkeys.keys import (
    MAC_KEYS,
    WINDOWS_KEYS,
    X_KEYSYMS,
    Combination,
    Modifier,
    UnknownKeys,
    alternatives,
    mac_mask,
    parse,
    portal_trigger,
    windows_mask,
    x_mask,
)
from desktop_app.settings import Settings


@pytest.mark.parametrize(
    ("text", "held", "key"),
    [
        ("Ctrl+Shift+O", {Modifier.CONTROL, Modifier.SHIFT}, "O"),
        ("ctrl+alt+o", {Modifier.CONTROL, Modifier.ALT}, "O"),
        ("Meta+PgDown", {Modifier.META}, "PgDown"),
        ("Print", set(), "Print"),
        ("Shift+F12", {Modifier.SHIFT}, "F12"),
        ("Ctrl++", {Modifier.CONTROL}, "+"),
        ("Ctrl+,", {Modifier.CONTROL}, ","),
    ],
)
def test_keys_are_read(text: str, held: set[Modifier], key: str) -> None:
    assert parse(text) == Combination(frozenset(held), key)


@pytest.mark.parametrize(
    "text", ["", "O", "Shift+O", "Ctrl", "Ctrl+", "Hyper+O", "Ctrl+Ö", "Ctrl+K, Ctrl+C", "Space"]
)
def test_what_cannot_be_had_everywhere(text: str) -> None:
    with pytest.raises(UnknownKeys):
        parse(text)


@pytest.mark.parametrize("key", sorted(X_KEYSYMS))
def test_the_spelling_is_qts(key: str) -> None:
    text = str(Combination(frozenset({Modifier.CONTROL, Modifier.SHIFT}), key))
    assert QKeySequence(text).toString(QKeySequence.SequenceFormat.PortableText) == text
    assert parse(text) == Combination(frozenset({Modifier.CONTROL, Modifier.SHIFT}), key)


def test_the_defaults_can_be_had() -> None:
    settings = Settings()
    assert str(parse(settings.hotkey_ocr)) == settings.hotkey_ocr
    assert str(parse(settings.hotkey_capture)) == settings.hotkey_capture


@pytest.mark.parametrize(
    ("keys", "keysym", "windows", "mac"),
    [  # from X's keysymdef.h, Windows' winuser.h and Carbon's Events.h
        ("A", 0x61, 0x41, 0),
        ("O", 0x6F, 0x4F, 31),
        ("M", 0x6D, 0x4D, 46),
        ("0", 0x30, 0x30, 29),
        ("5", 0x35, 0x35, 23),
        ("F1", 0xFFBE, 0x70, 122),
        ("F12", 0xFFC9, 0x7B, 111),
        ("/", 0x2F, 0xBF, 44),
        ("`", 0x60, 0xC0, 50),
        ("[", 0x5B, 0xDB, 33),
        ("'", 0x27, 0xDE, 39),
        ("-", 0x2D, 0xBD, 27),
        ("Left", 0xFF51, 0x25, 123),
        ("PgUp", 0xFF55, 0x21, 116),
        ("Del", 0xFFFF, 0x2E, 117),
        ("Esc", 0xFF1B, 0x1B, 53),
    ],
)
def test_codes(keys: str, keysym: int, windows: int, mac: int) -> None:
    assert (X_KEYSYMS[keys], WINDOWS_KEYS[keys], MAC_KEYS[keys]) == (keysym, windows, mac)


def test_no_two_keys_share_a_place() -> None:
    for table in (X_KEYSYMS, WINDOWS_KEYS, MAC_KEYS):
        codes = [code for key, code in table.items() if key != "+"]  # on the key of "="
        assert len(codes) == len(set(codes))
    assert set(X_KEYSYMS) == set(WINDOWS_KEYS)
    assert set(MAC_KEYS) < set(X_KEYSYMS)


def test_masks() -> None:
    every = parse("Meta+Ctrl+Alt+Shift+A")
    assert x_mask(every) == 1 | 4 | 8 | 64
    assert windows_mask(every) == 0x4000 | 1 | 2 | 4 | 8
    assert mac_mask(every) == 0x100 | 0x200 | 0x800 | 0x1000
    assert x_mask(parse("Ctrl+A")) == 4
    assert windows_mask(parse("Ctrl+A")) == 0x4002
    assert mac_mask(parse("Ctrl+A")) == 0x100  # Command


@pytest.mark.parametrize(
    ("keys", "trigger"),
    [
        ("Ctrl+Shift+O", "CTRL+SHIFT+o"),
        ("Meta+Alt+PgUp", "ALT+LOGO+Prior"),
        ("Print", "Print"),
        ("Ctrl+/", "CTRL+slash"),
        ("Ctrl+F5", "CTRL+F5"),
    ],
)
def test_what_the_portal_is_asked_for(keys: str, trigger: str) -> None:
    assert portal_trigger(parse(keys)) == trigger


def test_alternatives_keep_the_key() -> None:
    taken = parse("Ctrl+Alt+O")
    offered = alternatives(taken)
    assert offered
    assert taken not in offered
    assert {each.key for each in offered} == {"O"}
    assert [parse(str(each)) for each in offered] == list(offered)
