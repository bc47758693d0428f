"""The script that measures the quick reader: its counting, its pages, and one whole row."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from engine.quick.reader import QuickReader
from measure import errors, plain, row
from quick_pages import KINDS, draw


@pytest.mark.parametrize(
    ("told", "read", "expected"),
    [("", "", 0), ("abc", "abc", 0), ("abc", "", 3), ("abc", "abd", 1), ("abc", "xabc", 1)],
)
def test_errors_are_counted(told: str, read: str, expected: int) -> None:
    assert errors(told, read) == errors(read, told) == expected


def test_spaces_count_where_they_are_written() -> None:
    assert plain(" a \n b\t中文 字☐ ") == "a b中文字"


@pytest.mark.parametrize("kind", KINDS)
def test_pages_follow_from_their_seed(qtbot: QtBot, kind: str) -> None:
    first, again, other = draw(kind, "en", 3), draw(kind, "en", 3), draw(kind, "en", 4)
    assert first == again
    assert first.lines != other.lines
    assert all(first.lines)


def test_a_row_of_the_table(qtbot: QtBot) -> None:
    """A real Qt window, read by the real reader with next to no error."""
    told = row("sidebar, en", [draw("sidebar", "en", 0)], QuickReader(), show=False)
    _, name, letters, wrong, rate, seconds, _ = (part.strip() for part in told.split("|"))
    assert name == "sidebar, en"
    assert int(wrong) <= 0.02 * int(letters)
    assert rate.endswith(" %")
    assert float(seconds) > 0
