"""Owns what begins a partition of time: each hour, day, week, month, or tick of a cron expression.

Knows nothing of now.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from assetflow.calendar.cron import Cron
from assetflow.calendar.expressions import canonical, expression_problem
from assetflow.errors import Problem
from assetflow.keys import did_you_mean
from assetflow.partitions.lines import (
    DayLine,
    HourLine,
    Line,
    MonthLine,
    TickLine,
    WeekLine,
    hour_line,
    skipped_dates,
)
from assetflow.partitions.written import Unit, Written

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Step(Protocol):
    """What begins a partition. ``unit``: how finely its keys are written; ``example``: a key."""

    @property
    def name(self) -> str:
        """The function that declares it."""

    @property
    def unit(self) -> Unit:
        """How finely its keys are written."""

    @property
    def example(self) -> str:
        """A key, to show how they are written."""

    @property
    def options(self) -> tuple[str, ...]:
        """What else was declared, as canonical text."""

    def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong with the step itself."""

    def start_problem(self, start: datetime) -> Problem | None:
        """Say why no partition begins at ``start`` on local clocks."""

    def line(self, start: Written, zone: ZoneInfo, until: int) -> Line:
        """Return the partitions from ``start`` on, right for all instants up to ``until``."""


class _Plain:
    """A step without options."""

    @property
    def options(self) -> tuple[str, ...]:
        """Return nothing."""
        return ()

    def problems(self) -> tuple[Problem, ...]:
        """Return nothing."""
        return ()


@dataclass(frozen=True)
class Hours(_Plain):
    """Each hour of local clocks."""

    name = "hourly"
    unit = Unit.MINUTE
    example = "2026-11-23T05:00+01:00"

    def start_problem(self, start: datetime) -> Problem | None:
        """Refuse what is not on the hour."""
        if start.minute or start.second:
            full = f"{start:%Y-%m-%dT%H}:00"
            return Problem(f"hours begin on the hour, not at {start:%H:%M}", hint=f"did you mean {full!r}?")
        return None

    def line(self, start: Written, zone: ZoneInfo, until: int) -> HourLine:
        """Return the hours."""
        return hour_line(zone, start.begin(zone), until)


@dataclass(frozen=True)
class Days(_Plain):
    """Each local date."""

    name = "daily"
    unit = Unit.DAY
    example = "2026-11-23"

    def start_problem(self, start: datetime) -> Problem | None:
        """Refuse what is not midnight."""
        return _midnight_problem(start)

    def line(self, start: Written, zone: ZoneInfo, until: int) -> DayLine:
        """Return the days."""
        first = start.clock.toordinal()
        skipped = skipped_dates(zone, start.begin(zone), until)
        while first in skipped:
            first += 1
        return DayLine(zone, first, tuple(day for day in skipped if day > first))


@dataclass(frozen=True)
class Weeks:
    """Each week, named by its first day."""

    first_day: str = "monday"
    name = "weekly"
    unit = Unit.DAY
    example = "2026-11-23"

    @property
    def options(self) -> tuple[str, ...]:
        """Return the weekday, where it is not that of ISO weeks."""
        return () if self.first_day == "monday" else (f"first_day={self.first_day}",)

    def problems(self) -> tuple[Problem, ...]:
        """Refuse what is no weekday."""
        if self.first_day in WEEKDAYS:
            return ()
        by_beginning = [day for day in WEEKDAYS if self.first_day and day.startswith(self.first_day[:3])]
        near = (
            f"did you mean {by_beginning[0]!r}?" if by_beginning else did_you_mean(self.first_day, WEEKDAYS)
        )
        return (Problem(f"{self.first_day!r} is no weekday", hint=near or f"one of {', '.join(WEEKDAYS)}"),)

    def start_problem(self, start: datetime) -> Problem | None:
        """Refuse another weekday than that on which weeks begin."""
        if _midnight_problem(start) or self.first_day not in WEEKDAYS:
            return _midnight_problem(start)
        late = (start.weekday() - WEEKDAYS.index(self.first_day)) % 7
        if not late:
            return None
        before = start - timedelta(days=late)
        return Problem(
            f"{start:%Y-%m-%d} is a {WEEKDAYS[start.weekday()]}, and weeks begin on {self.first_day}",
            hint=f"did you mean '{before:%Y-%m-%d}' or '{before + timedelta(days=7):%Y-%m-%d}'?",
        )

    def line(self, start: Written, zone: ZoneInfo, until: int) -> WeekLine:  # noqa: ARG002 - every week exists
        """Return the weeks."""
        return WeekLine(zone, start.clock.toordinal())


@dataclass(frozen=True)
class Months(_Plain):
    """Each calendar month."""

    name = "monthly"
    unit = Unit.MONTH
    example = "2026-11"

    def start_problem(self, start: datetime) -> Problem | None:
        """Refuse what is not the first of a month."""
        if _midnight_problem(start) or start.day == 1:
            return _midnight_problem(start)
        return Problem(
            f"months begin on their first, not on {start:%Y-%m-%d}", hint=f"did you mean '{start:%Y-%m}'?"
        )

    def line(self, start: Written, zone: ZoneInfo, until: int) -> MonthLine:  # noqa: ARG002 - every month exists
        """Return the months."""
        return MonthLine(zone, start.clock.toordinal())


@dataclass(frozen=True)
class Ticks:
    """Each tick of a cron expression: from one to the next. Named by date where all fall on midnight."""

    expression: str
    name = "cron_partitions"

    @property
    def by_date(self) -> bool:
        """Tell whether all ticks are at midnight, so that their dates name them."""
        return self.expression.split()[:2] == ["0", "0"]

    @property
    def unit(self) -> Unit:
        """Return a day for ticks at midnight, else a minute."""
        return Unit.DAY if self.by_date else Unit.MINUTE

    @property
    def example(self) -> str:
        """Return a key."""
        return "2026-11-23" if self.by_date else "2026-11-23T05:30+01:00"

    @property
    def options(self) -> tuple[str, ...]:
        """Return the expression."""
        return (f"'{canonical(self.expression)}'",)

    def problems(self) -> tuple[Problem, ...]:
        """Refuse an expression that does not parse, or never comes."""
        problem = expression_problem(self.expression)
        return (problem,) if problem else ()

    def start_problem(self, start: datetime) -> None:  # noqa: ARG002 - the first tick at or after it
        """Refuse nothing: the first partition begins with the first tick from there on."""
        return

    def line(self, start: Written, zone: ZoneInfo, until: int) -> TickLine:
        """Return the ticks, up to the end of the year of ``until``."""
        found = Cron(canonical(self.expression), zone.key).ticks(start.begin(zone), until)
        return TickLine(zone, found, self.by_date)


def _midnight_problem(start: datetime) -> Problem | None:
    if start.hour or start.minute or start.second:
        return Problem(
            f"these partitions begin at midnight, not at {start:%H:%M}",
            hint=f"did you mean '{start:%Y-%m-%d}'?",
        )
    return None
