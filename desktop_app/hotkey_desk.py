"""Connects the hotkeys of the desktop with the settings, and says what became of them."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from desktop_app.actions import shown
from desktop_app.hotkeys.hotkeys import Hotkeys, Outcome, State
from desktop_app.i18n import tr
from desktop_app.notices import Help, Notice, Tone
from desktop_app.preferences import Preferences

SETTINGS = {"ocr": "hotkey_ocr", "capture": "hotkey_capture"}


def describe(name: str) -> str:
    """What a hotkey does, in the words that a desktop shows when it asks."""
    return {
        "ocr": tr("Read text from the screen"),
        "capture": tr("Ask about a part of the screen"),
    }.get(name, name)


class HotkeyDesk(QObject):
    """Registers what the settings say, at the start and after each change."""

    told = Signal(object)  # Notice
    problem_changed = Signal(str, str)  # the setting, and why it does not work, if so
    held_changed = Signal()

    def __init__(self, preferences: Preferences, hotkeys: Hotkeys | None = None) -> None:
        super().__init__()
        self._preferences = preferences
        self._taken = ""  # the name of a hotkey whose alternative was offered
        self.hotkeys = hotkeys or Hotkeys(describe, parent=self)
        self.hotkeys.changed.connect(self._changed)
        preferences.changed.connect(self._follow)

    def start(self) -> None:
        """Have the hotkeys; where the desktop would ask the person, offer it first, and once."""
        if self._may_register():
            self._register(*SETTINGS)
        elif self._preferences.settings.hotkey_consent == "open":
            self._preferences.set(hotkey_consent="offered")
            self.told.emit(offer(self._preferences.settings.hotkey_ocr))

    def allow(self) -> None:
        """The person wants hotkeys where the desktop has to be asked for them."""
        self._preferences.set(hotkey_consent="given")
        self._register(*SETTINGS)

    def problem(self, setting: str) -> str:
        """Why the hotkey of a setting does not work, in words; nothing where it does."""
        name = next(name for name, each in SETTINGS.items() if each == setting)
        return problem(self.hotkeys.outcome(name))

    def held(self) -> dict[str, str]:
        """The keys that do work now, by the name of what they do, as people here write them.

        Where the desktop decides, only what it said it bound: a wish is no promise.
        """
        found: dict[str, str] = {}
        for name in SETTINGS:
            outcome = self.hotkeys.outcome(name)
            if outcome.state is State.WORKS:
                found[name] = outcome.trigger if self.hotkeys.asks else shown(outcome.keys)
        return {name: keys for name, keys in found.items() if keys}

    def states(self) -> dict[str, str]:
        """What became of each hotkey, for a report."""
        return {name: self.hotkeys.outcome(name).state.value for name in SETTINGS}

    def use_alternative(self) -> None:
        """Take the free keys that were offered last."""
        outcome = self.hotkeys.outcome(self._taken)
        if outcome.alternative:
            self._preferences.set(**{SETTINGS[self._taken]: outcome.alternative})

    @Slot(bool)
    def pause(self, paused: bool) -> None:
        """While the person presses keys to choose them, none of them does anything."""
        self.hotkeys.pause(paused)

    def shutdown(self) -> None:
        """Give all back to the system."""
        self.hotkeys.shutdown()

    @Slot(object)
    def _follow(self, names: frozenset[str]) -> None:
        changed = [name for name, setting in SETTINGS.items() if setting in names]
        if not changed:
            return
        if self._may_register():
            self._register(*changed)
        else:
            self.allow()  # who chooses keys wants them

    def _may_register(self) -> bool:
        return self._preferences.settings.hotkey_consent == "given" or not self.hotkeys.asks

    def _register(self, *names: str) -> None:
        settings = self._preferences.settings
        for name in names:
            self.hotkeys.register(name, getattr(settings, SETTINGS[name]))

    @Slot(str, object)
    def _changed(self, name: str, outcome: Outcome) -> None:
        if outcome.state is State.TAKEN:
            self._taken = name
            self.told.emit(taken(name, outcome))
        if name in SETTINGS:
            self.problem_changed.emit(SETTINGS[name], problem(outcome))
            self.held_changed.emit()


def problem(outcome: Outcome) -> str:
    """Why a hotkey does not work, in a sentence or two; nothing where it does."""
    if outcome.state is State.TAKEN:
        words = tr("Another program has {keys}.").format(keys=outcome.keys)
        if outcome.alternative:
            words += " " + tr("{keys} would be free.").format(keys=outcome.alternative)
        return words
    if outcome.state is State.UNKNOWN:
        return tr("These keys cannot be had everywhere; add Ctrl, Alt or the like.")
    if outcome.state is State.UNSUPPORTED and outcome.reason:
        return tr("Not possible here: {reason}. The command below always works.").format(
            reason=outcome.reason
        )
    return ""


def offer(keys: str) -> Notice:
    """Where the desktop asks the person about hotkeys, it does so only after a wish."""
    return Notice(
        tr("Read the screen from anywhere"),
        tr("With {keys}, a region of the screen is read in any program.").format(keys=keys),
        tr("Your desktop asks you to allow it."),
        Help.ALLOW_HOTKEYS,
        Tone.INFO,
    )


def taken(name: str, outcome: Outcome) -> Notice:
    """The keys of a hotkey belong to somebody else."""
    what = describe(name)
    advice = tr("{keys} would be free.").format(keys=outcome.alternative)
    return Notice(
        tr("{keys} is used by another program").format(keys=outcome.keys),
        tr("So it does not do this here: {what}.").format(what=what),
        advice if outcome.alternative else tr("Choose other keys in the settings."),
        Help.FREE_KEYS if outcome.alternative else Help.NOTHING,
        Tone.INFO,
    )
