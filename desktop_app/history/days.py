"""Conversations by the day on which they were last used."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum

from desktop_app.history.records import Summary


class Day(str, Enum):
    """The groups of the list, in their order."""

    PINNED = "pinned"
    TODAY = "today"
    YESTERDAY = "yesterday"
    WEEK = "week"
    EARLIER = "earlier"


def by_day(summaries: Iterable[Summary], now: datetime) -> dict[Day, list[Summary]]:
    """The groups that hold something, each in the order given; ``now`` names the time zone."""
    starts = _starts(now)
    groups: dict[Day, list[Summary]] = {day: [] for day in Day}
    for summary in summaries:
        groups[_day_of(summary, starts)].append(summary)
    return {day: group for day, group in groups.items() if group}


def _starts(now: datetime) -> tuple[tuple[float, Day], ...]:
    """Where each group begins; a day has 23 or 25 hours where the clocks change."""
    ages = ((0, Day.TODAY), (1, Day.YESTERDAY), (7, Day.WEEK))
    return tuple((_midnight(now, days).timestamp(), day) for days, day in ages)


def _midnight(now: datetime, days_ago: int) -> datetime:
    date = now.date() - timedelta(days=days_ago)
    return datetime(date.year, date.month, date.day, tzinfo=now.tzinfo)


def _day_of(summary: Summary, starts: tuple[tuple[float, Day], ...]) -> Day:
    if summary.pinned:
        return Day.PINNED
    return next((day for start, day in starts if summary.updated >= start), Day.EARLIER)
