"""All keys: those that work everywhere, and those of the window, with conflicts and reset."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.actions import GROUPS, Keymap, WindowAction, normal, shown
from desktop_app.i18n import tr
from desktop_app.preferences import Preferences
from desktop_app.settings import Settings
from desktop_app.theme import Theme, pixels
from desktop_app.ui.parts import IconButton, dialog_button, label
from desktop_app.ui.settings.keys_field import KeysField
from desktop_app.ui.settings.page import SettingsPage, text_is_large

FIELD, WIDEST = 168, 260  # pixels
EVERYWHERE = ("hotkey_ocr", "hotkey_capture")
COMMAND = "minicpmv --ocr"


class KeysRow(QWidget):
    """A field for keys, the way back to the usual ones, and what is wrong."""

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__()
        self.field = KeysField(title)
        self.field.setFixedWidth(min(pixels(FIELD), WIDEST))
        self.back = IconButton(
            theme, "back", tr("Usual keys for: {action}").format(action=title), size=16
        )
        policy = self.back.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.back.setSizePolicy(policy)
        self.problem = label(kind="alarm", wrap=True)
        self.problem.setMaximumWidth(min(pixels(FIELD), WIDEST) + 36)
        self.problem.hide()
        line = QHBoxLayout()
        line.setSpacing(4)
        if not text_is_large():
            line.addStretch(1)
        line.addWidget(self.field)
        line.addWidget(self.back)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(line)
        column.addWidget(self.problem)

    def show_keys(self, keys: str, changed: bool) -> None:
        """The keys in use, and whether there are others to go back to."""
        self.field.show_keys(keys)
        self.back.setVisible(changed)
        self.tell("")

    def tell(self, problem: str) -> None:
        """Say why the keys were not taken."""
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self.field.setAccessibleDescription(problem)


def _no_problem(setting: str) -> str:
    return ""


class HotkeysPage(SettingsPage):
    """The shortcut editor."""

    icon = "keyboard"
    listening = Signal(bool)  # a field waits for keys, which must reach it

    def __init__(
        self, theme: Theme, preferences: Preferences, problem: Callable[[str], str] = _no_problem
    ) -> None:
        """``problem`` says why the hotkey of a setting does not work."""
        super().__init__(tr("Hotkeys"), tr("Click a field and press the keys that you want."))
        self._preferences, self._problem = preferences, problem
        self.everywhere: dict[str, KeysRow] = {}
        self.rows: dict[str, KeysRow] = {}
        self._add_everywhere(theme)
        for group in GROUPS:
            card = self.add_card(tr(group.title))
            for action in group.actions:
                card.add_row(tr(action.title), self._window_row(theme, action))
        self.reset_button = dialog_button(tr("All keys as usual"))
        self.reset_button.clicked.connect(self._reset)
        self.add_below(self._right(self.reset_button))
        preferences.changed.connect(self._follow)
        self._show()

    def _add_everywhere(self, theme: Theme) -> None:
        card = self.add_card(tr("Everywhere on the desktop"))
        titles = (tr("Read text from the screen"), tr("Capture the screen"))
        for name, title in zip(EVERYWHERE, titles, strict=True):
            row = KeysRow(theme, title)
            row.field.chosen.connect(partial(self._choose_hotkey, name))
            row.field.listening.connect(self.listening)
            row.back.clicked.connect(partial(self._choose_hotkey, name, getattr(Settings(), name)))
            self.everywhere[name] = row
            card.add_row(title, row)
        self.copy_button = IconButton(theme, "copy", tr("Copy the command"), size=16)
        self.copy_button.clicked.connect(self._copy_command)
        words = tr("Always works: bind this command to keys in the settings of your desktop.")
        part = QWidget()
        line = QHBoxLayout(part)
        line.setContentsMargins(0, 0, 0, 0)
        command = label(COMMAND)
        command.setObjectName("command")
        line.addWidget(command)
        line.addWidget(self.copy_button)
        card.add_row(tr("Or by command"), part, words)

    def _window_row(self, theme: Theme, action: WindowAction) -> KeysRow:
        row = KeysRow(theme, tr(action.title))
        row.field.chosen.connect(partial(self._choose, action.name))
        row.field.listening.connect(self.listening)
        row.back.clicked.connect(partial(self._choose, action.name, action.keys))
        self.rows[action.name] = row
        return row

    def _right(self, part: QWidget) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(0, 8, 0, 0)
        row.addStretch(1)
        row.addWidget(part)
        return row

    # What the person wishes

    def _choose(self, name: str, keys: str, *_: object) -> None:
        keymap, row = Keymap(self._preferences.settings.shortcuts), self.rows[name]
        problem = self._objection(keymap, name, keys)
        if problem:
            row.field.show_keys(keymap.keys(name))
            row.tell(problem)
            return
        self._preferences.set(shortcuts=keymap.with_keys(name, keys))
        self._show()

    def _objection(self, keymap: Keymap, name: str, keys: str) -> str:
        """Why an action of the window cannot have these keys."""
        if keymap.belongs_to_text(keys):
            return tr("{keys} is needed for writing.").format(keys=shown(keys))
        owner = keymap.owner(keys, name)
        if owner is not None:
            taken = tr("{keys} belongs to “{action}”.")
            return taken.format(keys=shown(keys), action=tr(owner.title))
        return ""

    def _choose_hotkey(self, name: str, keys: str, *_: object) -> None:
        row, others = self.everywhere[name], [each for each in EVERYWHERE if each != name]
        settings = self._preferences.settings
        if keys and any(normal(getattr(settings, other)) == normal(keys) for other in others):
            row.tell(tr("{keys} is the other hotkey already.").format(keys=shown(keys)))
        elif keys and Keymap().belongs_to_text(keys):
            row.tell(tr("{keys} is needed for writing.").format(keys=shown(keys)))
        else:
            self._preferences.set(**{name: normal(keys)})
            self._show()

    @Slot(str, str)
    def tell_conflict(self, name: str, problem: str) -> None:
        """The system, or another program, has the keys of a hotkey."""
        self.everywhere[name].tell(problem)

    @Slot()
    def _reset(self) -> None:
        usual = {name: getattr(Settings(), name) for name in EVERYWHERE}
        self._preferences.set(shortcuts=(), **usual)
        self._show()

    @Slot()
    def _copy_command(self) -> None:
        QGuiApplication.clipboard().setText(COMMAND)
        self.copy_button.use_icon("check")

    @Slot(object)
    def _follow(self, names: frozenset[str]) -> None:
        if names & {"shortcuts", *EVERYWHERE}:
            self._show()

    def _show(self) -> None:
        settings = self._preferences.settings
        keymap = Keymap(settings.shortcuts)
        for name, row in self.rows.items():
            row.show_keys(keymap.keys(name), keymap.is_changed(name))
        for name, row in self.everywhere.items():
            keys = getattr(settings, name)
            row.show_keys(keys, keys != getattr(Settings(), name))
            row.tell(self._problem(name))
