"""A region that is dragged, moved and resized stays on its frame, in whole pixels."""

from __future__ import annotations

import pytest

from desktop_app.capture.geometry import Rect
from desktop_app.capture.selection import EDGES, Grip, Selection, handle_of

REACH = 6


REGION = Rect(20, 20, 40, 20)


def selected(rect: Rect = REGION) -> Selection:
    made = Selection(200, 100)
    made.place(rect)
    return made


def dragged(selection: Selection, start: tuple[float, float], end: tuple[float, float]) -> bool:
    selection.press(start, REACH)
    selection.drag(end)
    return selection.release()


def test_a_drag_makes_a_region() -> None:
    selection = Selection(200, 100)
    assert dragged(selection, (50, 60), (10.5, 20.5))
    assert selection.rect == Rect(10, 20, 40, 40)


@pytest.mark.parametrize("end", [(11, 90), (12, 11), (10, 10)])
def test_a_slip_is_forgotten(end: tuple[float, float]) -> None:
    selection = Selection(200, 100)
    assert not dragged(selection, (10, 10), end)
    assert selection.rect is None


@pytest.mark.parametrize("grip", EDGES)
def test_each_handle_moves_its_edges(grip: Grip) -> None:
    selection = selected()
    start = handle_of(Rect(20, 20, 40, 20), grip)
    assert selection.grip_at(start, REACH) is grip
    assert dragged(selection, start, (start[0] + 5 * grip.across, start[1] + 5 * grip.down))
    assert selection.rect == Rect(
        20 - 5 * (grip.across < 0),
        20 - 5 * (grip.down < 0),
        40 + 5 * abs(grip.across),
        20 + 5 * abs(grip.down),
    )


def test_an_edge_can_be_pulled_past_the_other() -> None:
    selection = selected()
    assert dragged(selection, (60, 30), (5, 30))  # the right edge, far to the left
    assert selection.rect == Rect(5, 20, 15, 20)


def test_inside_moves_and_outside_begins_anew() -> None:
    selection = selected()
    assert dragged(selection, (40, 30), (500, 500))
    assert selection.rect == Rect(160, 80, 40, 20)  # as far as the frame goes
    assert dragged(selection, (10, 10), (40, 40))
    assert selection.rect == Rect(10, 10, 30, 30)


def test_keys_alone() -> None:
    selection = Selection(300, 200)
    selection.nudge(1, 0)
    assert selection.rect == Rect(100, 75, 100, 50)
    selection.nudge(1, -1)
    selection.grow(10, 5)
    assert selection.rect == Rect(101, 74, 110, 55)
    selection.nudge(-1000, 1000)
    assert selection.rect == Rect(0, 145, 110, 55)
    selection.grow(-1000, 1000)
    assert selection.rect == Rect(0, 145, 1, 55)
    selection.clear()
    assert selection.rect is None


def test_an_earlier_region_is_cut_to_the_frame() -> None:
    assert selected(Rect(150, 50, 500, 500)).rect == Rect(150, 50, 50, 50)
    assert selected(Rect(500, 500, 10, 10)).rect is None
