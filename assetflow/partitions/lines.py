"""Owns the arithmetic between ordinals, instants and keys of partitions that tile time.

A line begins at ordinal 0 and knows no end. Instants are whole seconds since 1970 in UTC.
Knows nothing of now, of which partitions are closed, or of declarations.
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from assetflow.calendar.clocks import (
    DAY,
    HOUR,
    first_instant,
    is_fixed,
    jumps,
    local,
    shown,
    year_of,
)
from assetflow.partitions.written import Written

_DATE_OF_1970 = dt.date(1970, 1, 1).toordinal()


class Line(ABC):
    """Partitions one after the other; each ends where the next begins."""

    zone: ZoneInfo

    @abstractmethod
    def begin(self, ordinal: int) -> int:
        """Return the instant at which a partition begins."""

    @abstractmethod
    def find(self, when: int) -> int:
        """Return the ordinal of the partition that holds an instant; before the first: a negative number."""

    @abstractmethod
    def key(self, ordinal: int) -> str:
        """Return the key of a partition."""

    def named(self, written: Written) -> int:
        """Return the ordinal of the partition that a date lies in."""
        return self.find(written.begin(self.zone))


@dataclass(frozen=True)
class _DateLine(Line):
    """Partitions that begin with a local date; ``first``: the number of the first, as of ``date.toordinal``."""

    zone: ZoneInfo
    first: int

    @abstractmethod
    def date(self, ordinal: int) -> dt.date:
        """Return the first date of a partition."""

    @abstractmethod
    def place(self, day: dt.date) -> int:
        """Return the ordinal of the partition that a date lies in."""

    def begin(self, ordinal: int) -> int:
        day = self.date(ordinal)
        if is_fixed(self.zone):
            return (day.toordinal() - _DATE_OF_1970) * DAY
        return first_instant(dt.datetime.combine(day, dt.time()), self.zone)

    def find(self, when: int) -> int:
        place = self.place(local(when, self.zone).date())
        while self.begin(place) > when:
            place -= 1
        while self.begin(place + 1) <= when:  # a date that comes twice, or midnight twice
            place += 1
        return place

    def key(self, ordinal: int) -> str:
        return self.date(ordinal).isoformat()

    def named(self, written: Written) -> int:
        return self.place(written.clock.date())


@dataclass(frozen=True)
class DayLine(_DateLine):
    """Each local date; ``skipped``: the dates behind the first that do not exist in the zone."""

    skipped: tuple[int, ...] = ()

    def date(self, ordinal: int) -> dt.date:
        """Return the date of a partition."""
        number = self.first + ordinal
        for skipped in self.skipped:
            number += number >= skipped
        return dt.date.fromordinal(number)

    def place(self, day: dt.date) -> int:
        """Return the ordinal of a date."""
        number = day.toordinal()
        return number - self.first - bisect_left(self.skipped, number)


@dataclass(frozen=True)
class WeekLine(_DateLine):
    """Seven local dates each."""

    def date(self, ordinal: int) -> dt.date:
        """Return the first date of a week."""
        return dt.date.fromordinal(self.first + 7 * ordinal)

    def place(self, day: dt.date) -> int:
        """Return the ordinal of the week that a date lies in."""
        return (day.toordinal() - self.first) // 7


@dataclass(frozen=True)
class MonthLine(_DateLine):
    """Calendar months; ``first`` is the number of a first of a month."""

    def date(self, ordinal: int) -> dt.date:
        """Return the first of a month."""
        year, month = divmod(_month(dt.date.fromordinal(self.first)) + ordinal, 12)
        return dt.date(year, month + 1, 1)

    def place(self, day: dt.date) -> int:
        """Return the ordinal of the month that a date lies in."""
        return _month(day) - _month(dt.date.fromordinal(self.first))

    def key(self, ordinal: int) -> str:
        """Return a month as ``2026-11``."""
        return self.date(ordinal).isoformat()[:7]


@dataclass(frozen=True)
class HourLine(Line):
    """The hours of local clocks. ``starts`` and ``ordinals``: stretches of hours that are 3,600 seconds apart.

    Where clocks jump by a fraction of an hour (Lord Howe), one partition is shorter or longer, so that days go on to
    begin with an hour.
    """

    zone: ZoneInfo
    starts: tuple[int, ...]
    ordinals: tuple[int, ...]

    def begin(self, ordinal: int) -> int:
        """Return the instant at which an hour begins."""
        stretch = max(bisect_right(self.ordinals, ordinal) - 1, 0)
        return self.starts[stretch] + (ordinal - self.ordinals[stretch]) * HOUR

    def find(self, when: int) -> int:
        """Return the ordinal of the hour that holds an instant."""
        stretch = max(bisect_right(self.starts, when) - 1, 0)
        ordinal = self.ordinals[stretch] + (when - self.starts[stretch]) // HOUR
        behind = self.ordinals[stretch + 1 : stretch + 2]
        return min(ordinal, behind[0] - 1) if behind else ordinal

    def key(self, ordinal: int) -> str:
        """Return the local time at which an hour begins, with its offset from UTC."""
        return local(self.begin(ordinal), self.zone).isoformat(timespec="minutes")


@dataclass(frozen=True)
class TickLine(Line):
    """From each tick of a cron expression to the next. ``by_date``: all of them fall on midnight."""

    zone: ZoneInfo
    ticks: array[int]
    by_date: bool

    def begin(self, ordinal: int) -> int:
        """Return the instant of a tick.

        Raises:
            IndexError: it is later than the ticks that were looked for.
        """
        if ordinal < 0:
            raise IndexError(ordinal)
        return self.ticks[ordinal]

    def find(self, when: int) -> int:
        """Return the ordinal of the last tick up to an instant."""
        return bisect_right(self.ticks, when) - 1

    def key(self, ordinal: int) -> str:
        """Return the local time of a tick with its offset from UTC, or its date."""
        tick = local(self.begin(ordinal), self.zone)
        return tick.date().isoformat() if self.by_date else tick.isoformat(timespec="minutes")


def hour_line(zone: ZoneInfo, first: int, until: int) -> HourLine:
    """Return the hours from the instant ``first``, which begins one; right for all instants up to ``until``."""
    starts, ordinals = [first], [0]
    late = shown(first, zone) % HOUR
    if late:  # it begins with a jump
        starts.append(first + HOUR - late)
        ordinals.append(1)
    for jump in _jumps(zone, first, until):
        before, after = shown(jump - 1, zone) + 1, shown(jump, zone)
        if (after - before) % HOUR == 0:
            continue
        ordinal = ordinals[-1] - (starts[-1] - jump) // HOUR
        next_full = jump + -after % HOUR
        if next_full > jump and -(-before // HOUR) * HOUR <= after:
            starts.append(jump)
            ordinals.append(ordinal)
            ordinal += 1
        starts.append(next_full)
        ordinals.append(ordinal)
    return HourLine(zone, tuple(starts), tuple(ordinals))


def skipped_dates(zone: ZoneInfo, first: int, until: int) -> tuple[int, ...]:
    """Return the dates, as of ``date.toordinal``, that never come in a zone between two instants."""
    found: list[int] = []
    for jump in _jumps(zone, first, until):
        before, after = shown(jump - 1, zone) + 1, shown(jump, zone)
        whole = range(-(-before // DAY), after // DAY)
        found += [_DATE_OF_1970 + day for day in whole]
    return tuple(found)


def _jumps(zone: ZoneInfo, first: int, until: int) -> list[int]:
    if is_fixed(zone):
        return []
    years = range(year_of(first), year_of(until) + 1)
    return [jump for year in years for jump in jumps(zone, year) if first < jump <= until]


def _month(day: dt.date) -> int:
    return day.year * 12 + day.month - 1
