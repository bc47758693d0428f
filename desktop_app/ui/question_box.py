"""A question to the person in a box of its own, whose buttons screen readers can name."""

from __future__ import annotations

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMessageBox, QWidget

from desktop_app.ui.parts import restyle


def question_box(parent: QWidget, title: str, text: str, more: str) -> QMessageBox:
    """The box, still without buttons."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setWindowTitle(title)
    box.setText(text)
    box.setInformativeText(more)
    return box


def show_question(box: QMessageBox) -> None:
    """Show a box that has all its buttons, which look as everywhere in the program."""
    for button in box.buttons():
        button.setAccessibleName(button.text())
        button.setIcon(QIcon())  # the system's own would be the only one of its kind
        restyle(button, kind="edged")
    box.open()
