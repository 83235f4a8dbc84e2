"""Owns the ticks of a cron expression in a time zone: the last at or before a moment, the next after it.

As Debian's cron: a job at a fixed time runs once on the days when clocks are changed, one at every so many minutes as
often as so many minutes pass. Evaluated by cronsim, which is imported here alone. Of its two directions only the
forward one is the definition; the other gives a moment to begin at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_SOME_DAY = datetime(2001, 1, 1, tzinfo=UTC)  # whether it ever comes does not depend on when that is asked


@dataclass(frozen=True)
class Cron:
    """A cron expression of five fields, read in the zone ``tz``. ``expressions`` says what may be wrong with it."""

    expression: str
    tz: str = "UTC"

    def last(self, now: datetime) -> datetime | None:
        """Return the last tick at or before ``now``, in UTC; None where there was none in 50 years."""
        for hint in self._walk(now + timedelta(seconds=1), reverse=True):
            found = None
            for tick in self._forward(min(hint, now)):
                if tick > now:
                    break
                found = tick
            if found is not None:
                return found
        return None

    def next(self, now: datetime) -> datetime | None:
        """Return the first tick after ``now``, in UTC; None where there is none in 50 years."""
        return next((tick for tick in self._forward(now) if tick > now), None)

    @property
    def makes_sense(self) -> bool:
        """Whether its fields can be read, and it ever comes."""
        from cronsim import CronSimError

        try:
            return self.next(_SOME_DAY) is not None
        except CronSimError:
            return False

    def _forward(self, moment: datetime) -> Iterator[datetime]:
        """Yield the ticks from some time before ``moment`` on, in order, none twice."""
        last = None
        for tick in self._walk(moment - self._margin(moment)):
            if last is None or tick > last:
                yield tick
                last = tick

    def _margin(self, moment: datetime) -> timedelta:
        """Return how long before ``moment`` the walk begins: where clocks change near it, before they do."""
        zone = ZoneInfo(self.tz)
        offsets = {(moment + shift).astimezone(zone).utcoffset() for shift in (-_DAY, _DAY * 0, _DAY)}
        return timedelta(minutes=1) if len(offsets) == 1 else timedelta(hours=3)

    def _walk(self, start: datetime, *, reverse: bool = False) -> Iterator[datetime]:
        from cronsim import CronSim

        local = start.astimezone(ZoneInfo(self.tz))
        return (tick.astimezone(UTC) for tick in CronSim(self.expression, local, reverse=reverse))
