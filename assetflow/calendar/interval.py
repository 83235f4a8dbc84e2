"""Owns the ticks of an interval: the multiples of so many seconds since the epoch, whatever clocks on walls show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Interval:
    """Every so many whole seconds. ``text``: as it was written."""

    seconds: int
    text: str

    def last(self, now: datetime) -> datetime:
        """Return the last tick at or before ``now``, in UTC."""
        step = timedelta(seconds=self.seconds)
        return EPOCH + (now - EPOCH) // step * step

    def next(self, now: datetime) -> datetime:
        """Return the first tick after ``now``, in UTC."""
        return self.last(now) + timedelta(seconds=self.seconds)
