"""Regions on tables of monitor layouts: negative origins, mixed scales, drags of any direction."""

from __future__ import annotations

from itertools import pairwise

import pytest

from desktop_app.capture.geometry import (
    Rect,
    Screen,
    beside,
    between,
    monitor_of,
    part_of_desktop,
    to_picture,
    union,
)

ONE = Screen("one", 0, 0, 1920, 1080)
LEFT = Screen("left", -1920, 0, 1920, 1080)
ABOVE = Screen("above", 0, -1440, 2560, 1440)
RETINA = Screen("retina", 0, 0, 1440, 900, 2.0)
# 1366 x 768 at 125 %: Qt tells 1093 x 614, and 1093 * 1.25 is 1366.25
FRACTION = Screen("fraction", 1920, 0, 1093, 614, 1.25)


@pytest.mark.parametrize(
    ("screen", "native"),
    [
        (ONE, Rect(0, 0, 1920, 1080)),
        (LEFT, Rect(-1920, 0, 1920, 1080)),
        (RETINA, Rect(0, 0, 2880, 1800)),
        (FRACTION, Rect(1920, 0, 1366, 768)),
        (Screen("150", -2560, -300, 1707, 960, 1.5), Rect(-2560, -300, 2560, 1440)),
    ],
)
def test_native_pixels_of_a_monitor(screen: Screen, native: Rect) -> None:
    assert screen.native == native


@pytest.mark.parametrize(
    ("screens", "picture", "parts"),
    [
        # one monitor, at 100 % and at 200 %
        ([ONE], (1920, 1080), [Rect(0, 0, 1920, 1080)]),
        ([RETINA], (2880, 1800), [Rect(0, 0, 2880, 1800)]),
        # a monitor to the left of the main one: the picture begins at -1920
        ([ONE, LEFT], (3840, 1080), [Rect(1920, 0, 1920, 1080), Rect(0, 0, 1920, 1080)]),
        # a larger one above
        (
            [ONE, ABOVE],
            (2560, 2520),
            [Rect(0, 1440, 1920, 1080), Rect(0, 0, 2560, 1440)],
        ),
        # native pixels of X11: origins are native, sizes are scaled
        (
            [ONE, Screen("b", 1920, 0, 1280, 720, 2.0)],
            (4480, 1440),
            [Rect(0, 0, 1920, 1080), Rect(1920, 0, 2560, 1440)],
        ),
        # Wayland: the whole desktop drawn at the largest scale
        (
            [ONE, Screen("b", 1920, 0, 1280, 720, 2.0)],
            (6400, 2160),
            [Rect(0, 0, 3840, 2160), Rect(3840, 0, 2560, 1440)],
        ),
        # Wayland with 125 %: edges are shared, nothing is lost between
        (
            [Screen("a", 0, 0, 1536, 864, 1.25), Screen("b", 1536, 0, 1536, 864, 1.25)],
            (3840, 1080),
            [Rect(0, 0, 1920, 1080), Rect(1920, 0, 1920, 1080)],
        ),
        # a gap in the middle, and an origin that is negative both ways
        (
            [Screen("a", -800, -600, 800, 600), Screen("b", 100, 0, 800, 600)],
            (1700, 1200),
            [Rect(0, 0, 800, 600), Rect(900, 600, 800, 600)],
        ),
    ],
)
def test_parts_of_a_picture_of_the_desktop(
    screens: list[Screen], picture: tuple[int, int], parts: list[Rect]
) -> None:
    assert [part_of_desktop(screen, screens, picture) for screen in screens] == parts


@pytest.mark.parametrize("width", range(3001, 3041, 3))
def test_neighbours_share_an_edge_at_odd_scales(width: int) -> None:
    row = [Screen("a", -700, 0, 700, 500), ONE, Screen("c", 1920, 0, 411, 500)]
    parts = [part_of_desktop(screen, row, (width, 1333)) for screen in row]
    assert parts[0].x == 0
    assert parts[-1].right == width
    assert all(one.right == other.x for one, other in pairwise(parts))


@pytest.mark.parametrize(
    ("one", "other", "rect"),
    [
        ((10, 10), (20, 30), Rect(10, 10, 10, 20)),
        ((20, 30), (10, 10), Rect(10, 10, 10, 20)),
        ((20, 10), (10, 30), Rect(10, 10, 10, 20)),
        ((10.2, 10.7), (19.1, 29.9), Rect(10, 10, 10, 20)),  # down, then up
        ((-5, -5), (8, 8), Rect(0, 0, 8, 8)),
        ((90, 90), (500, 500), Rect(90, 90, 10, 10)),
        ((50, 50), (50, 50), Rect(50, 50, 0, 0)),
    ],
)
def test_a_drag_takes_every_pixel_that_it_touches(
    one: tuple[float, float], other: tuple[float, float], rect: Rect
) -> None:
    assert between(one, other, Rect(0, 0, 100, 100)) == rect


@pytest.mark.parametrize(
    ("point", "shown", "picture", "expected"),
    [
        ((100, 50), (1920, 1080), (1920, 1080), (100, 50)),
        ((100, 50), (1440, 900), (2880, 1800), (200, 100)),
        ((1093, 614), (1093, 614), (1366, 768), (1366, 768)),
        ((10, 10), (100, 200), (200, 200), (20, 10)),  # each axis by itself
    ],
)
def test_the_scale_is_measured(
    point: tuple[float, float],
    shown: tuple[int, int],
    picture: tuple[int, int],
    expected: tuple[float, float],
) -> None:
    assert to_picture(point, shown, picture) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("place", "found"),
    [
        (Rect(1920, 0, 1366, 767), Rect(1920, 0, 1366, 768)),  # Qt rounded
        (Rect(0, 0, 1920, 1080), Rect(0, 0, 1920, 1080)),
        (Rect(5000, 0, 800, 600), Rect(5000, 0, 800, 600)),  # not known: as Qt says
        (Rect(0, 0, 960, 540), Rect(0, 0, 960, 540)),  # a part is not the monitor
    ],
)
def test_the_monitor_as_the_system_measures_it(place: Rect, found: Rect) -> None:
    assert monitor_of(place, [Rect(0, 0, 1920, 1080), Rect(1920, 0, 1366, 768)]) == found


def test_without_monitors_the_place_itself() -> None:
    assert monitor_of(Rect(1, 2, 3, 4), []) == Rect(1, 2, 3, 4)


def test_common_and_kept() -> None:
    room = Rect(0, 0, 100, 100)
    assert Rect(-10, 90, 20, 20).common(room) == Rect(0, 90, 10, 10)
    assert Rect(200, 200, 5, 5).common(room).area == 0
    assert Rect(-10, 95, 20, 20).kept_in(room) == Rect(0, 80, 20, 20)
    assert Rect(-10, 95, 500, 20).kept_in(room) == Rect(0, 80, 100, 20)
    assert union([Rect(-5, 0, 5, 5), Rect(10, 10, 1, 1)]) == Rect(-5, 0, 16, 11)


@pytest.mark.parametrize(
    ("region", "place"),
    [
        (Rect(100, 100, 200, 50), Rect(100, 158, 300, 200)),  # below
        (Rect(100, 700, 200, 50), Rect(100, 492, 300, 200)),  # above, at the lower edge
        (Rect(100, 10, 200, 780), Rect(308, 10, 300, 200)),  # beside what is tall
        (Rect(790, 10, 200, 780), Rect(482, 10, 300, 200)),  # on its left
        (Rect(0, 0, 1000, 800), Rect(0, 600, 300, 200)),  # over what fills the screen
        (Rect(10, 10, 980, 600), Rect(10, 600, 300, 200)),  # covers as little as it can
        (Rect(900, 100, 100, 50), Rect(700, 158, 300, 200)),  # pushed in from the right
    ],
)
def test_a_window_beside_a_region(region: Rect, place: Rect) -> None:
    assert beside(region, (300, 200), Rect(0, 0, 1000, 800)) == place
