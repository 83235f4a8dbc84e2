"""Owns the ticks of a cron expression in a time zone: the last at or before a moment, the next after it, all of a span.

As Debian's cron: a job at a fixed time runs once on the days when clocks are changed, one at every so many minutes as
often as so many minutes pass.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from assetflow.calendar.clocks import instant
from assetflow.calendar.fields import Fields, fields_of
from assetflow.calendar.ticks import last_tick, next_tick, ticks


@dataclass(frozen=True)
class Cron:
    """A cron expression that makes sense, read in the zone ``tz``. ``expressions`` says what may be wrong with it."""

    expression: str
    tz: str = "UTC"

    def last(self, now: datetime) -> datetime | None:
        """Return the last tick at or before ``now``, in UTC; None where there was none in 50 years."""
        return _moment(last_tick(self._fields, ZoneInfo(self.tz), instant(now)))

    def next(self, now: datetime) -> datetime | None:
        """Return the first tick after ``now``, in UTC; None where there is none in 50 years."""
        return _moment(next_tick(self._fields, ZoneInfo(self.tz), instant(now)))

    def ticks(self, first: int, until: int) -> array[int]:
        """Return all ticks from the instant ``first`` on, with at least two that are later than ``until``."""
        return ticks(self._fields, ZoneInfo(self.tz), first, until)

    @property
    def _fields(self) -> Fields:
        fields = fields_of(self.expression)
        assert fields is not None  # what cannot be read is refused at its declaration
        return fields


def _moment(tick: int | None) -> datetime | None:
    return None if tick is None else datetime.fromtimestamp(tick, UTC)
