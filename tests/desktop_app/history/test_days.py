"""The list by days, on clocks that stand still."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from desktop_app.history.days import Day, by_day
from desktop_app.history.records import Summary

SHANGHAI = timezone(timedelta(hours=8))
NOW = datetime(2026, 3, 10, 9, 30, tzinfo=SHANGHAI)


def used(when: datetime, pinned: bool = False) -> Summary:
    moment = when.timestamp()
    return Summary(when.isoformat(), "title", moment, moment, pinned=pinned)


@pytest.mark.parametrize(
    ("when", "day"),
    [
        (datetime(2026, 3, 10, 9, 29, tzinfo=SHANGHAI), Day.TODAY),
        (datetime(2026, 3, 10, 0, 0, tzinfo=SHANGHAI), Day.TODAY),
        (datetime(2026, 3, 9, 16, 0, tzinfo=UTC), Day.TODAY),
        (datetime(2026, 3, 9, 23, 59, 59, tzinfo=SHANGHAI), Day.YESTERDAY),
        (datetime(2026, 3, 9, 0, 0, tzinfo=SHANGHAI), Day.YESTERDAY),
        (datetime(2026, 3, 8, 23, 59, 59, tzinfo=SHANGHAI), Day.WEEK),
        (datetime(2026, 3, 3, 0, 0, tzinfo=SHANGHAI), Day.WEEK),
        (datetime(2026, 3, 2, 23, 59, 59, tzinfo=SHANGHAI), Day.EARLIER),
        (datetime(1970, 1, 1, tzinfo=UTC), Day.EARLIER),
        (datetime(2026, 3, 11, 9, 0, tzinfo=SHANGHAI), Day.TODAY),  # a clock was put back
    ],
)
def test_each_moment_has_its_day(when: datetime, day: Day) -> None:
    assert list(by_day([used(when)], NOW)) == [day]


def test_groups_come_in_order_and_keep_the_order_within() -> None:
    moments = [NOW - timedelta(hours=hours) for hours in (1, 2, 12, 20, 100, 1000, 2000)]
    pinned = used(NOW - timedelta(days=400), pinned=True)
    groups = by_day([*map(used, moments), pinned], NOW)
    assert list(groups) == list(Day)
    assert [len(group) for group in groups.values()] == [1, 2, 2, 1, 2]
    assert [s.updated for s in groups[Day.TODAY]] == [m.timestamp() for m in moments[:2]]
    assert by_day([], NOW) == {}


@pytest.mark.parametrize(("month", "day"), [(3, 29), (10, 25)])
def test_a_day_on_which_the_clocks_change_ends_at_midnight(month: int, day: int) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    changed = datetime(2026, month, day, tzinfo=berlin)
    now = datetime(2026, month, day, 12, tzinfo=berlin) + timedelta(days=1)
    assert list(by_day([used(changed)], now)) == [Day.YESTERDAY]
    assert list(by_day([used(datetime(2026, month, day - 1, 23, 59, tzinfo=berlin))], now)) == [
        Day.WEEK
    ]
