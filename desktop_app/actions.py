"""What the window can do and by which keys: menus, tooltips, settings and help read this table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtGui import QKeySequence

from desktop_app.i18n import noted
from desktop_app.settings import Pairs

NATIVE = QKeySequence.SequenceFormat.NativeText
PORTABLE = QKeySequence.SequenceFormat.PortableText


@dataclass(frozen=True, slots=True)
class WindowAction:
    """One thing that the window does, with its usual keys; ``tr`` says its title."""

    name: str
    title: str
    keys: str


@dataclass(frozen=True, slots=True)
class ActionGroup:
    """Actions that belong together."""

    title: str
    actions: tuple[WindowAction, ...]


GROUPS = (
    ActionGroup(
        noted("Pictures"),
        (
            WindowAction("open", noted("Open a picture"), "Ctrl+O"),
            WindowAction("paste", noted("Paste"), "Ctrl+V"),
            WindowAction("capture", noted("Capture the screen"), "Ctrl+Shift+S"),
            WindowAction("read_screen", noted("Read text from the screen"), "Ctrl+Shift+R"),
            WindowAction("read_again", noted("Read the same region again"), "Ctrl+Shift+E"),
            WindowAction("remove", noted("Remove the picture"), "Ctrl+Backspace"),
        ),
    ),
    ActionGroup(
        noted("Conversations"),
        (
            WindowAction("new", noted("New conversation"), "Ctrl+N"),
            WindowAction("history", noted("Show or hide the history"), "Ctrl+B"),
            WindowAction("search", noted("Search the history"), "Ctrl+F"),
            WindowAction("prompts", noted("All prompts"), "Ctrl+K"),
        ),
    ),
    ActionGroup(
        noted("Program"),
        (
            WindowAction("models", noted("Models"), "Ctrl+M"),
            WindowAction("settings", noted("Settings"), "Ctrl+,"),
            WindowAction("larger", noted("Larger text"), "Ctrl++"),
            WindowAction("smaller", noted("Smaller text"), "Ctrl+-"),
            WindowAction("usual_size", noted("Usual text size"), "Ctrl+0"),
            WindowAction("help", noted("Keys and help"), "F1"),
            WindowAction("quit", noted("Quit"), "Ctrl+Q"),
        ),
    ),
)
# What belongs to a field or a list, and cannot be changed.
FIXED = (
    (noted("Ask the first of the prompts, and so on to the ninth"), "Ctrl+1"),
    (noted("Show the next of several pictures"), "Ctrl+PgDown"),
    (noted("Send the question"), "Return"),
    (noted("New line in the question"), "Shift+Return"),
    (noted("Change the last question"), "Up"),
    (noted("Stop the answer, or close what lies on top"), "Esc"),
)


def all_actions() -> Iterator[WindowAction]:
    """Every action of the table."""
    for group in GROUPS:
        yield from group.actions


def action(name: str) -> WindowAction:
    """An action by its name."""
    return next(each for each in all_actions() if each.name == name)


def normal(keys: str) -> str:
    """Keys as they are stored, however they are written; empty where they mean nothing."""
    sequence = QKeySequence(keys)
    return sequence.toString(PORTABLE) if sequence.count() else ""


def shown(keys: str) -> str:
    """Keys as this system writes them."""
    return QKeySequence(keys).toString(NATIVE)


class Keymap:
    """The keys in use: the usual ones, except where the person chose others."""

    def __init__(self, changed: Pairs = ()) -> None:
        self._changed = dict(changed)

    def keys(self, name: str) -> str:
        """The keys of an action; empty where it has none."""
        return self._changed.get(name, action(name).keys)

    def is_changed(self, name: str) -> bool:
        """Whether the person chose them."""
        return self.keys(name) != action(name).keys

    def owner(self, keys: str, other_than: str = "") -> WindowAction | None:
        """The action that has these keys already."""
        wanted = normal(keys)
        for each in all_actions():
            if wanted and each.name != other_than and normal(self.keys(each.name)) == wanted:
                return each
        return None

    def belongs_to_text(self, keys: str) -> bool:
        """Whether a text field needs the keys: a letter, an arrow, or one of the fixed ones."""
        wanted = normal(keys)
        fixed = {normal(each) for _, each in FIXED} | {f"Ctrl+{digit}" for digit in range(2, 10)}
        plain = not wanted.startswith(("Ctrl+", "Alt+", "Meta+"))
        function_key = re.fullmatch(r"(Shift\+)?F\d+", wanted)
        return wanted in fixed or bool(wanted and plain and not function_key)

    def with_keys(self, name: str, keys: str) -> Pairs:
        """The changes, with other keys for one action; the usual ones are no change."""
        changed = {**self._changed, name: normal(keys)}
        known = {each.name: normal(each.keys) for each in all_actions()}
        return tuple(
            sorted((each, chosen) for each, chosen in changed.items() if known.get(each) != chosen)
        )
