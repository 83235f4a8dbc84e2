"""Owns dates as people write them: ``2026``, ``2026-11``, ``2026-11-23``, ``2026-11-23T05``, with or without an offset.

Knows nothing of partitions: each is a stretch of local time, as long as it is coarse.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

from assetflow.calendar.clocks import FIRST_YEAR, LAST_YEAR, first_instant, instant, local

_FORM = re.compile(
    r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ](\d{2})(?::(\d{2})(?::(\d{2}))?)?(Z|[+-]\d{2}:\d{2}(?::\d{2})?)?)?)?)?"
)
_UNPADDED = re.compile(r"(\d{4})[-/.]?(\d{1,2})(?:[-/.]?(\d{1,2}))?")


class Unit(IntEnum):
    """How finely a date is written."""

    YEAR = 1
    MONTH = 2
    DAY = 3
    HOUR = 4
    MINUTE = 5


@dataclass(frozen=True)
class Written:
    """A stretch of local time: from ``clock``, one ``unit`` long. ``offset``: that from UTC, where it was written."""

    clock: datetime
    unit: Unit
    offset: timedelta | None = None

    def begin(self, zone: ZoneInfo) -> int:
        """Return the first instant of the stretch in a zone."""
        return self._instant(self.clock, zone)

    def end(self, zone: ZoneInfo) -> int:
        """Return the first instant behind the stretch in a zone."""
        return self._instant(_after(self.clock, self.unit), zone)

    def contradicts(self, zone: ZoneInfo) -> bool:
        """Tell whether clocks of the zone never show this date with this offset."""
        return self.offset is not None and local(self.begin(zone), zone).utcoffset() != self.offset

    def _instant(self, clock: datetime, zone: ZoneInfo) -> int:
        if self.offset is None:
            return first_instant(clock, zone)
        return instant(clock.replace(tzinfo=UTC) - self.offset)


def read(text: str) -> Written | str:
    """Read a date; or say why it is none, and what was probably meant."""
    form = _FORM.fullmatch(text)
    if form is None:
        return _mended(text)
    numbers = [int(number) for number in form.groups()[:6] if number is not None]
    if not FIRST_YEAR <= numbers[0] <= LAST_YEAR:
        return f"years go from {FIRST_YEAR} to {LAST_YEAR}"
    year, month, day, hour, minute, second = [*numbers, *(1, 1, 1, 0, 0, 0)[len(numbers) :]]
    try:
        clock = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - what local clocks show
        offset = _offset(form[7])
    except ValueError as error:
        return str(error)
    unit = Unit(min(len(numbers), Unit.MINUTE))
    if unit is Unit.MINUTE and not clock.minute and not clock.second:
        unit = Unit.HOUR
    return Written(clock, unit, offset)


def _mended(text: str) -> str:
    unpadded = _UNPADDED.fullmatch(text.strip())
    if unpadded:
        numbers = [number.rjust(2, "0") for number in unpadded.groups() if number is not None]
        if not isinstance(read("-".join(numbers)), str):
            return f"did you mean '{'-'.join(numbers)}'?"
    return "dates are written '2026-11-23'"


def _offset(text: str | None) -> timedelta | None:
    if text is None:
        return None
    return datetime.fromisoformat(f"2000-01-01T00:00:00{text}").utcoffset()


def _after(clock: datetime, unit: Unit) -> datetime:
    if unit is Unit.YEAR:
        return clock.replace(year=clock.year + 1)
    if unit is Unit.MONTH:
        return (clock + timedelta(days=31)).replace(day=1)
    return clock + {Unit.DAY: timedelta(days=1), Unit.HOUR: timedelta(hours=1)}.get(
        unit, timedelta(minutes=1)
    )
