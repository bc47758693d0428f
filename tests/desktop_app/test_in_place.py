"""A dialog comes again where it was, however soon it is closed."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect
from pytestqt.qtbot import QtBot

from desktop_app.ui.in_place import DialogInPlace


class Framed(DialogInPlace):
    """A dialog whose frame comes when the test says so, as that of a window manager does."""

    frame = 0

    def frameGeometry(self) -> QRect:
        return self.geometry().adjusted(-1, -self.frame, 1, 1) if self.frame else self.geometry()

    def pos(self) -> QPoint:
        return self.frameGeometry().topLeft()


def test_a_dialog_closed_before_its_frame_is_there_does_not_wander(qtbot: QtBot) -> None:
    dialog = Framed()
    qtbot.addWidget(dialog)
    dialog.move(100, 100)
    dialog.show()
    dialog.frame = 22
    place = dialog.pos()
    dialog.hide()
    for _ in range(2):
        dialog.frame = 0
        dialog.show()
        dialog.move(place + QPoint(1, 22))  # what Qt knows before the frame
        dialog.hide()
        assert dialog._left_at == place


def test_a_dialog_comes_again_where_it_was_left(qtbot: QtBot) -> None:
    dialog = DialogInPlace()
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.move(70, 80)
    dialog.hide()
    dialog.move(0, 0)
    dialog.show()
    assert (dialog.x(), dialog.y()) == (70, 80)


def test_a_dialog_that_is_shown_already_is_not_moved(qtbot: QtBot) -> None:
    dialog = DialogInPlace()
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.move(70, 80)
    dialog.hide()
    dialog.show()
    dialog.move(30, 40)
    dialog.show()
    assert (dialog.x(), dialog.y()) == (30, 40)
