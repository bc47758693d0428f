"""Fields that show one setting each and write it down as soon as it is good."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop_app.i18n import tr
from desktop_app.preferences import Preferences
from desktop_app.settings import RULES, range_of
from desktop_app.theme import Theme, pixels
from desktop_app.ui.form_parts import ChoiceBox
from desktop_app.ui.parts import label, restyle
from desktop_app.ui.settings.page import text_is_large
from desktop_app.ui.switch import Switch

CONTROL, WIDEST = 232, 320  # pixels


class Field(QWidget):
    """One setting: its control, and below it what is wrong with what was entered."""

    def __init__(self, preferences: Preferences, name: str) -> None:
        super().__init__()
        self.preferences = preferences
        self.name = name
        self.problem = label(kind="alarm", wrap=True)
        self.problem.hide()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        preferences.changed.connect(self._follow)

    def add_control(self, control: QWidget) -> None:
        """The control, in the room that all controls have."""
        if not isinstance(control, Switch):
            control.setFixedWidth(min(pixels(CONTROL), WIDEST))
        row = QHBoxLayout()
        if not text_is_large():
            row.addStretch(1)
        row.addWidget(control)
        self._column.addLayout(row)
        self._column.addWidget(self.problem)

    @property
    def value(self) -> object:
        """The setting as it is."""
        return getattr(self.preferences.settings, self.name)

    def put(self, value: object) -> bool:
        """Set it; False where it does not pass its check."""
        if not RULES[self.name](value):
            return False
        self.preferences.set(**{self.name: value})
        return True

    def tell(self, problem: str) -> None:
        """Say at the field what is wrong; nothing takes it away."""
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))

    def show_value(self) -> None:
        """Show the setting as it is."""

    @Slot(object)
    def _follow(self, names: frozenset[str]) -> None:
        if self.name in names:
            self.show_value()


class ChoiceField(Field):
    """One of a few values, each with its words."""

    def __init__(
        self,
        theme: Theme,
        preferences: Preferences,
        name: str,
        title: str,
        words: Mapping[str, str] | Mapping[int, str],
    ) -> None:
        super().__init__(preferences, name)
        self._values: list[object] = list(words)
        self.box = ChoiceBox(theme, title)
        self.box.addItems(list(words.values()))
        self.add_control(self.box)
        self.show_value()
        self.box.activated.connect(self._choose)

    def show_value(self) -> None:
        """A value that is in no list, from a file, is added as it is."""
        if self.value not in self._values:
            self._values.append(self.value)
            self.box.addItem(str(self.value))
        self.box.setCurrentIndex(self._values.index(self.value))

    @Slot(int)
    def _choose(self, index: int) -> None:
        self.put(self._values[index])


class SwitchField(Field):
    """On or off; the two values may have other names."""

    def __init__(
        self,
        theme: Theme,
        preferences: Preferences,
        name: str,
        title: str,
        values: tuple[object, object] = (False, True),
    ) -> None:
        super().__init__(preferences, name)
        self._values = values
        self.switch = Switch(theme, "")
        self.switch.setAccessibleName(title)
        self.add_control(self.switch)
        self.show_value()
        self.switch.toggled.connect(self._toggle)

    def show_value(self) -> None:
        """On or off."""
        self.switch.setChecked(self.value == self._values[1])

    @Slot(bool)
    def _toggle(self, on: bool) -> None:
        self.put(self._values[on])


class NumberField(Field):
    """A number in its range; what is no such number is told and not taken."""

    taken = Signal()

    def __init__(self, preferences: Preferences, name: str, title: str, whole: bool = True) -> None:
        super().__init__(preferences, name)
        self._whole = whole
        self.edit = QLineEdit()
        self.edit.setAccessibleName(title)
        self.add_control(self.edit)
        self.show_value()
        self.edit.textEdited.connect(self._enter)
        self.edit.editingFinished.connect(self._leave)

    def show_value(self) -> None:
        """The number, unless it is being written just now."""
        if not self.edit.hasFocus():
            self.edit.setText(
                f"{self.value:g}" if isinstance(self.value, float) else f"{self.value}"
            )
            self._mark("")

    @Slot(str)
    def _enter(self, text: str) -> None:
        try:
            number = int(text) if self._whole else float(text.replace(",", "."))
        except ValueError:
            number = None
        low, high = range_of(self.name)
        if number is not None and self.put(number):
            self._mark("")
            self.taken.emit()
            return
        limits = {"low": f"{low:g}", "high": f"{high:g}"}
        words = (
            tr("A whole number from {low} to {high}")
            if self._whole
            else tr("A number from {low} to {high}")
        )
        self._mark(words.format(**limits))

    @Slot()
    def _leave(self) -> None:
        """What could not be taken gives way to what is in use."""
        if self.problem.text() and not self.edit.hasFocus():
            self.show_value()

    def _mark(self, problem: str) -> None:
        self.tell(problem)
        restyle(self.edit, wrong=bool(problem))
        self.edit.setAccessibleDescription(problem)
