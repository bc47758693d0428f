"""The order in which Tab goes through parts that come and go, and where the focus stays."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def stops_in(part: QWidget) -> list[QWidget]:
    """Where Tab may stop in a part, in the order in which it was made."""
    tab = Qt.FocusPolicy.TabFocus
    return [each for each in part.findChildren(QWidget) if each.focusPolicy() & tab]


def in_order(stops: Iterable[QWidget]) -> None:
    """Tab goes from each of these to the next."""
    for before, behind in pairwise(stops):
        QWidget.setTabOrder(before, behind)


def keep_focus(held: QWidget | None, *instead: QWidget) -> None:
    """One that had the focus and cannot have it any more gives it to the first that can."""
    if held is None or (held.isEnabled() and held.isVisible()):
        return
    for each in instead:
        if each.isEnabled() and each.isVisible():
            each.setFocus()
            return
