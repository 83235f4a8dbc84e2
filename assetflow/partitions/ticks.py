"""Owns the ticks of a cron expression, as Debian's cron has them on both changes of the clock; the door of cronsim.

Knows nothing of partitions.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise, takewhile
from zoneinfo import ZoneInfo

from assetflow.errors import Problem
from assetflow.partitions.written import LAST_YEAR
from assetflow.partitions.zones import DAY, clock_of, instant, jumps, shown, year_begin, year_of

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


@lru_cache(maxsize=4096)
def _ticks_of_year(expression: str, zone: ZoneInfo, year: int) -> array[int]:
    """Return the ticks of a year of UTC, from one jump of the clock to the next.

    cronsim has the fields; jumps are treated here as it does: it takes 30 us for each tick, and where a clock jumped at
    one minute past midnight (St. John's, until 2011) it can loop for ever.
    """
    edges = sorted({year_begin(year), *jumps(zone, year), year_begin(year + 1)})
    found: array[int] = array("q")
    for start, stop in pairwise(edges):
        offset = shown(start, zone) - start
        before, after = shown(start - 1, zone) + 1, start + offset
        begin = after
        if not _follows_the_clock(expression):
            begin = max(before, after)  # what was shown already does not come again
            if before < after and _local_ticks(expression, before, after):
                found.append(start + -after % 60)  # what was jumped over comes at once
        came = found[-1] if found else start - 1
        local_ticks = _local_ticks(expression, begin, stop + offset)
        found.extend(tick - offset for tick in local_ticks if tick - offset > came)
    return found


def _follows_the_clock(expression: str) -> bool:
    """Tell whether ticks come whenever clocks show them, also twice; others come once a day, as in Debian's cron."""
    return any(field.startswith("*") for field in expression.split()[:2])


def _local_ticks(expression: str, begin: int, end: int) -> list[int]:
    """Return what local clocks show at the ticks between two times that they show."""
    minute, hour, *of_day = expression.split()
    years = range(clock_of(begin).year, clock_of(end).year + 1)
    days = [day for year in years for day in _days(" ".join(of_day), year)]
    inside = days[bisect_left(days, begin - DAY + 1) : bisect_left(days, end)]
    found = [day + time for day in inside for time in _times_of_day(minute, hour)]
    return found[bisect_left(found, begin) : bisect_left(found, end)]


@lru_cache(maxsize=256)
def _times_of_day(minute: str, hour: str) -> tuple[int, ...]:
    """Return the seconds of a day at which the first two fields of an expression match."""
    from cronsim import CronSim

    day = year_begin(2024)
    every_day = CronSim(f"{minute} {hour} * * *", datetime(2024, 1, 1, tzinfo=UTC) - timedelta(seconds=1))
    return tuple(takewhile(lambda second: second < DAY, (instant(tick) - day for tick in every_day)))


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
