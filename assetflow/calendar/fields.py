"""Owns what the five fields of a cron expression mean: the times of a day, and the days of a year; the door of cronsim.

Days and times are those that clocks on walls show. Knows nothing of time zones.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from assetflow.calendar.clocks import DAY, HOUR, clock_of, year_begin


@dataclass(frozen=True)
class Fields:
    """The fields of an expression.

    ``times``: the seconds of a day at which the first two match. ``of_day``: the other three. ``is_fixed``: whether it
    comes at fixed times, once a day, as Debian's cron has it; others come whenever clocks show it, also twice.
    """

    times: tuple[int, ...]
    of_day: str
    is_fixed: bool

    def days(self, begin: int, end: int) -> tuple[int, ...]:
        """Return the midnights of the days that match and have a part between two times that clocks show."""
        first, last = clock_of(begin).year, clock_of(end).year
        found = _days(self.of_day, first)
        for year in range(first + 1, last + 1):
            found += _days(self.of_day, year)
        return found[bisect_left(found, begin - DAY + 1) : bisect_left(found, end)]

    def all(self, begin: int, end: int) -> list[int]:
        """Return all that match from ``begin`` on and before ``end``, as clocks show them."""
        found = [day + time for day in self.days(begin, end) for time in self.times]
        return found[bisect_left(found, begin) : bisect_left(found, end)]

    def first(self, begin: int, end: int) -> int | None:
        """Return the first of ``all``, without looking for the others."""
        for day in self.days(begin, end):
            place = bisect_left(self.times, begin - day)
            if place < len(self.times):
                found = day + self.times[place]
                return found if found < end else None
        return None

    def last(self, begin: int, end: int) -> int | None:
        """Return the last of ``all``, without looking for the others."""
        for day in reversed(self.days(begin, end)):
            place = bisect_left(self.times, end - day)
            if place:
                found = day + self.times[place - 1]
                return found if found >= begin else None
        return None


@lru_cache(maxsize=4096)
def fields_of(expression: str) -> Fields | None:
    """Read an expression of five fields; None where they cannot be read."""
    from cronsim import CronSim, CronSimError

    try:
        read = CronSim(expression, datetime(2024, 1, 1, tzinfo=UTC))
    except CronSimError:
        return None
    minute, hour, *of_day = expression.split()
    times = sorted(hour * HOUR + minute * 60 for hour in read.hours for minute in read.minutes)
    return Fields(tuple(times), " ".join(of_day), not minute.startswith("*") and not hour.startswith("*"))


@lru_cache(maxsize=4096)
def _days(of_day: str, year: int) -> tuple[int, ...]:
    """Return the days of a year that match, as the seconds of their midnights since that of 1970."""
    from cronsim import CronSim

    begin = year_begin(year)
    read = CronSim(f"0 0 {of_day}", datetime(2024, 1, 1, tzinfo=UTC))
    days = (
        date(year, 1, 1) + timedelta(days=number) for number in range((year_begin(year + 1) - begin) // DAY)
    )
    return tuple(
        begin + number * DAY
        for number, day in enumerate(days)
        if day.month in read.months and read.match_day(day)
    )
