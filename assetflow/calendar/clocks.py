"""Owns local time: which instant a local date or hour begins at, and when a zone's offset from UTC jumps.

Instants are whole seconds since 1970 in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

HOUR = 3600
DAY = 24 * HOUR
FIRST_YEAR, LAST_YEAR = 1000, 9990  # what UTC and every zone can say
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - what local clocks show is compared with what local clocks show
# No two jumps in the database of zones that undo each other are closer than 3.98 days (Freetown, 1939).
_APART = 3 * DAY


def instant(moment: datetime) -> int:
    """Return the whole seconds of an aware time, rounded down."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)


def local(when: int, zone: ZoneInfo) -> datetime:
    """Return the aware local time of an instant."""
    return datetime.fromtimestamp(when, zone)


def first_instant(clock: datetime, zone: ZoneInfo) -> int:
    """Return the first instant at which clocks of ``zone`` show ``clock`` or, where they jump over it, more.

    Hence a date that does not exist (Samoa, 2011-12-30) begins when the next one does, and lasts no time.
    """
    wanted = _seconds(clock - _EPOCH)
    early = wanted - _seconds(clock.replace(tzinfo=zone, fold=0).utcoffset())
    if shown(early, zone) == wanted:
        return early
    before, after = wanted - _seconds(clock.replace(tzinfo=zone, fold=1).utcoffset()), early
    while after - before > 1:
        middle = (before + after) // 2
        if shown(middle, zone) >= wanted:
            after = middle
        else:
            before = middle
    return after


def shown(when: int, zone: ZoneInfo) -> int:
    """Return what local clocks show at an instant, in seconds since they showed the beginning of 1970."""
    return when + _offset(when, zone)


def clock_of(seconds: int) -> datetime:
    """Return the naive time for what ``shown`` gives."""
    return _EPOCH + timedelta(seconds=seconds)


@lru_cache(maxsize=4096)
def jumps(zone: ZoneInfo, year: int) -> tuple[int, ...]:
    """Return the instants of a year (of UTC) from which on the zone's offset is another one."""
    first, end = year_begin(year), year_begin(year + 1)
    found: list[int] = []
    for start in range(first, end, _APART):
        found += _jumps_between(start - 1, min(start + _APART, end) - 1, zone)
    return tuple(found)


def year_begin(year: int) -> int:
    """Return the instant at which a year of UTC begins."""
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp())


def year_of(when: int) -> int:
    """Return the year of UTC of an instant."""
    return datetime.fromtimestamp(when, UTC).year


def is_fixed(zone: ZoneInfo) -> bool:
    """Tell whether the zone is UTC, by whichever of its names: nothing ever jumps there."""
    return zone.key in {"UTC", "Etc/UTC", "Etc/GMT", "GMT", "Zulu", "Etc/Zulu", "UCT", "Etc/UCT"}


def _jumps_between(before: int, after: int, zone: ZoneInfo) -> Iterator[int]:
    if _offset(before, zone) == _offset(after, zone):
        return
    if after - before == 1:
        yield after
        return
    middle = (before + after) // 2
    yield from _jumps_between(before, middle, zone)
    yield from _jumps_between(middle, after, zone)


def _offset(when: int, zone: ZoneInfo) -> int:
    return _seconds(datetime.fromtimestamp(when, zone).utcoffset())


def _seconds(length: timedelta | None) -> int:
    assert length is not None  # zones have an offset at all times
    return length.days * DAY + length.seconds
