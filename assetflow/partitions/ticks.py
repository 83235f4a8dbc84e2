"""Owns the ticks of a cron expression, as Debian's cron has them on both changes of the clock; the door of cronsim.

Knows nothing of partitions.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from assetflow.errors import Problem
from assetflow.partitions.written import LAST_YEAR
from assetflow.partitions.zones import DAY, clock_of, instant, jumps, local, shown, year_begin, year_of

_FIELDS = ("minute", "hour", "day of month", "month", "day of week")
_MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_AROUND = 2 * DAY  # what a jump of the clock can shift lies nearer than this
_ALLOWED = "minute 0-59, hour 0-23, day of month 1-31 or L, month 1-12 or JAN-DEC, day of week 0-7 or SUN-SAT"


def cron_problem(expression: str) -> Problem | None:
    """Say what is wrong with a cron expression, and how to mend it."""
    from cronsim import CronSim, CronSimError

    fields = expression.split()
    if len(fields) != len(_FIELDS):
        hint = f"write {_MACROS[expression.strip()]!r}" if expression.strip() in _MACROS else None
        return Problem(
            f"the cron expression {expression!r} has {len(fields)} fields instead of five",
            hint=hint or f"they are: {', '.join(_FIELDS)}",
        )
    try:
        next(CronSim(expression, datetime(2024, 1, 1, tzinfo=UTC)))
    except CronSimError as error:
        return Problem(f"the cron expression {expression!r} does not parse: {error}", hint=_ALLOWED)
    except StopIteration:
        return Problem(f"the cron expression {expression!r} never comes in fifty years", hint=_ALLOWED)
    return None


def canonical(expression: str) -> str:
    """Return the expression with single blanks and capitals."""
    return " ".join(expression.upper().split())


def ticks(expression: str, zone: ZoneInfo, first: int, until: int) -> array[int]:
    """Return the instants of all ticks from ``first`` on, ascending, with at least one that is later than ``until``."""
    found: array[int] = array("q")
    for year in range(year_of(first), LAST_YEAR):
        found += _ticks_of_year(expression, zone, year)
        if found and found[-1] > until:
            break
    return found[bisect_left(found, first) :]


def ticks_by_cronsim(expression: str, zone: ZoneInfo, first: int, end: int) -> list[int]:
    """Return the ticks from ``first`` and before ``end``, one by one: the definition."""
    from cronsim import CronSim

    found: list[int] = []
    for tick in CronSim(expression, local(first - 1, zone)):
        when = instant(tick)
        if when >= end:
            break
        if when >= first and (not found or when > found[-1]):
            found.append(when)
    return found


@lru_cache(maxsize=4096)
def _ticks_of_year(expression: str, zone: ZoneInfo, year: int) -> array[int]:
    """Return the ticks of a year of UTC: by arithmetic, but for the days around each jump of the clock."""
    first, end = year_begin(year), year_begin(year + 1)
    near = [*jumps(zone, year - 1), *jumps(zone, year), *jumps(zone, year + 1)]
    edges = sorted({first, end, *(edge for jump in near for edge in (jump - _AROUND, jump + _AROUND))})
    edges = [edge for edge in edges if first <= edge <= end]
    found: array[int] = array("q")
    for start, stop in pairwise(edges):
        calm = all(abs((start + stop) // 2 - jump) > _AROUND for jump in near)
        found.extend(
            _calm_ticks(expression, zone, start, stop)
            if calm
            else ticks_by_cronsim(expression, zone, start, stop)
        )
    return found


def _calm_ticks(expression: str, zone: ZoneInfo, start: int, stop: int) -> list[int]:
    """Return the ticks between two instants between which the zone's offset is always the same."""
    offset = shown(start, zone) - start
    times = _times_of_day(*expression.split()[:2])
    days = _days(" ".join(expression.split()[2:]), clock_of(start + offset).year)
    if clock_of(stop + offset).year != clock_of(start + offset).year:
        days += _days(" ".join(expression.split()[2:]), clock_of(stop + offset).year)
    inside = days[bisect_left(days, start + offset - DAY) : bisect_left(days, stop + offset)]
    found = [day + time - offset for day in inside for time in times]
    return found[bisect_left(found, start) : bisect_left(found, stop)]


@lru_cache(maxsize=256)
def _times_of_day(minute: str, hour: str) -> tuple[int, ...]:
    """Return the seconds of a day at which the first two fields of an expression match."""
    day = year_begin(2024)
    utc = ZoneInfo("UTC")
    return tuple(tick - day for tick in ticks_by_cronsim(f"{minute} {hour} * * *", utc, day, day + DAY))


@lru_cache(maxsize=4096)
def _days(fields: str, year: int) -> tuple[int, ...]:
    """Return the days of a year that the last three fields match, as the seconds of their midnights on local clocks."""
    from cronsim import CronSim

    first = year_begin(year)
    if fields == "* * *":
        return tuple(range(first, year_begin(year + 1), DAY))
    found: list[int] = []
    for tick in CronSim(f"0 0 {fields}", datetime(year, 1, 1, tzinfo=UTC) - timedelta(seconds=1)):
        if tick.year != year:
            break
        found.append(instant(tick))
    return tuple(found)
