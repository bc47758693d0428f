"""The hotkeys of the program: by name, each with its keys and what became of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication

from desktop_app.capture.backends import Session
from desktop_app.hotkeys.grabber import Grabber, Pressed, Taken, Unsupported, grabber_here
from desktop_app.hotkeys.keys import Combination, UnknownKeys, alternatives, parse


class State(str, Enum):
    """What became of a hotkey."""

    NONE = "none"  # none is wanted
    WORKS = "works"
    ASKED = "asked"  # the desktop decides, and may ask the person
    TAKEN = "taken"  # another program, or another of our own hotkeys, has it
    UNKNOWN = "unknown"  # the text names no keys that can be had everywhere
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The state of one hotkey; ``keys`` are those that were wished for."""

    state: State
    keys: str = ""
    alternative: str = ""  # free now, where the wish is taken
    reason: str = ""
    trigger: str = ""  # what the desktop bound instead, in its own words


MakeGrabber = Callable[[Pressed], Grabber]


def native_grabber(pressed: Pressed) -> Grabber:
    """The way of the system on which we run."""
    return grabber_here(pressed, QGuiApplication.platformName(), Session.here())


class Hotkeys(QObject):
    """Registers names; the grabber is made when the first is wanted."""

    pressed = Signal(str)
    changed = Signal(str, object)  # name, Outcome

    def __init__(
        self,
        describe: Callable[[str], str] = str,
        make_grabber: MakeGrabber = native_grabber,
        parent: QObject | None = None,
    ) -> None:
        """``describe`` gives the words for a name that a desktop shows when it asks."""
        super().__init__(parent)
        self._describe = describe
        self._make_grabber = make_grabber
        self._grabber: Grabber | None = None
        self._outcomes: dict[str, Outcome] = {}
        self._paused: set[str] = set()

    @property
    def asks(self) -> bool:
        """Whether the desktop would ask the person first."""
        return self._make().asks

    def outcome(self, name: str) -> Outcome:
        """What became of a hotkey."""
        return self._outcomes.get(name, Outcome(State.NONE))

    def register(self, name: str, keys: str) -> Outcome:
        """Have some keys for a name, in place of those before; no keys give it up."""
        self._release(name)
        outcome = self._try(name, keys) if keys else Outcome(State.NONE)
        self._set(name, outcome)
        return outcome

    def unregister(self, name: str) -> None:
        """Give a hotkey up."""
        self.register(name, "")

    def pause(self, paused: bool) -> None:
        """Let the keys go for a while, and have them again; where the desktop asks, they stay."""
        grabber = self._grabber
        if grabber is None or grabber.asks:
            return
        again, self._paused = self._paused, set()
        for name in again:
            self._have_again(grabber, name, self.outcome(name).keys)
        if paused:
            works = [name for name, each in self._outcomes.items() if each.state is State.WORKS]
            self._paused = set(works)
            for name in works:
                grabber.release(name)

    def shutdown(self) -> None:
        """Give all back to the system."""
        grabber, self._grabber = self._grabber, None
        self._outcomes = {}
        if grabber is not None:
            grabber.close()

    def _have_again(self, grabber: Grabber, name: str, keys: str) -> None:
        try:
            grabber.grab(name, parse(keys))
        except (Taken, Unsupported):
            self._set(name, Outcome(State.TAKEN, keys))

    def _try(self, name: str, keys: str) -> Outcome:
        try:
            combination = parse(keys)
        except UnknownKeys:
            return Outcome(State.UNKNOWN, keys)
        grabber = self._make()
        if combination in self._ours():
            return Outcome(State.TAKEN, keys, self._free(grabber, combination))
        try:
            grabber.grab(name, combination)
        except Taken:
            return Outcome(State.TAKEN, keys, self._free(grabber, combination))
        except Unsupported as error:
            return Outcome(State.UNSUPPORTED, keys, reason=str(error))
        return Outcome(State.ASKED if grabber.asks else State.WORKS, keys)

    def _free(self, grabber: Grabber, taken: Combination) -> str:
        """Another combination that can be had now, found out by having it for a moment."""
        for attempt in alternatives(taken):
            if attempt in self._ours():
                continue
            try:
                grabber.grab("", attempt)
            except (Taken, Unsupported):
                continue
            grabber.release("")
            return str(attempt)
        return ""

    def _ours(self) -> set[Combination]:
        held = (State.WORKS, State.ASKED)
        return {parse(each.keys) for each in self._outcomes.values() if each.state in held}

    def _release(self, name: str) -> None:
        held = self.outcome(name).state in (State.WORKS, State.ASKED)
        if self._grabber is not None and held and name not in self._paused:
            self._grabber.release(name)
        self._paused.discard(name)
        self._outcomes.pop(name, None)

    def _make(self) -> Grabber:
        if self._grabber is None:
            self._grabber = self._make_grabber(self.pressed.emit)
            from desktop_app.hotkeys.portal import PortalGrabber

            if isinstance(self._grabber, PortalGrabber):
                self._grabber.describe = self._describe
                self._grabber.bound.connect(self._bound)
                self._grabber.refused.connect(self._refused)
        return self._grabber

    @Slot(object)
    def _bound(self, triggers: dict[str, str]) -> None:
        """The desktop has decided."""
        for name, outcome in tuple(self._outcomes.items()):
            if outcome.state is State.ASKED and name in triggers:
                self._set(name, Outcome(State.WORKS, outcome.keys, trigger=triggers[name]))

    @Slot(str)
    def _refused(self, reason: str) -> None:
        for name, outcome in tuple(self._outcomes.items()):
            if outcome.state is State.ASKED:
                self._set(name, Outcome(State.UNSUPPORTED, outcome.keys, reason=reason))

    def _set(self, name: str, outcome: Outcome) -> None:
        self._outcomes[name] = outcome
        self.changed.emit(name, outcome)
