"""Owns when the ticks of a cron expression come in a time zone: all of a span, the last before, the next after.

As Debian's cron has them on both changes of the clock. All three come of one arithmetic, stretch by stretch between
two changes: cronsim, which knows what the fields mean, walks from tick to tick, and where clocks jump at one minute
past midnight (St. John's, until 2011) it can walk for ever.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from assetflow.calendar.clocks import FIRST_YEAR, LAST_YEAR, jumps, shown, year_begin, year_of
from assetflow.calendar.fields import Fields

YEARS = 50
"""How far it is looked for a tick: no day that comes at all is farther from the one before."""


def ticks(fields: Fields, zone: ZoneInfo, first: int, until: int) -> array[int]:
    """Return all ticks from the instant ``first`` on, ascending, with at least two that are later than ``until``."""
    found: array[int] = array("q")
    for year in range(year_of(first), LAST_YEAR):
        of_year = _ticks_of_year(fields, zone, year)
        found += of_year[bisect_left(of_year, first) :]
        if len(found) > 1 and found[-2] > until:
            break
    return found


def last_tick(fields: Fields, zone: ZoneInfo, when: int) -> int | None:
    """Return the last tick at or before an instant; None where there was none in 50 years."""
    year = year_of(when)
    for one in range(year, max(year - YEARS, FIRST_YEAR) - 1, -1):
        stretches = (stretch for stretch in reversed(_stretches(zone, one)) if stretch.start <= when)
        found = _first_of(stretch.last(fields, when) for stretch in stretches)
        if found is not None:
            return found
    return None


def next_tick(fields: Fields, zone: ZoneInfo, when: int) -> int | None:
    """Return the first tick after an instant; None where there is none in 50 years."""
    year = year_of(when)
    for one in range(year, min(year + YEARS, LAST_YEAR) + 1):
        stretches = (stretch for stretch in _stretches(zone, one) if stretch.stop > when + 1)
        found = _first_of(stretch.next(fields, when) for stretch in stretches)
        if found is not None:
            return found
    return None


@dataclass(frozen=True)
class _Stretch:
    """The instants from ``start`` on and before ``stop``, between which clocks do not jump.

    ``offset``: what clocks show more than UTC. ``before``: what they would show at ``start`` without the jump.
    """

    start: int
    stop: int
    offset: int
    before: int

    def all(self, fields: Fields) -> Iterator[int]:
        """Yield the ticks."""
        caught_up = self._caught_up(fields)
        if caught_up is not None:
            yield caught_up
        yield from (shown - self.offset for shown in fields.all(self._begin(fields), self.stop + self.offset))

    def last(self, fields: Fields, when: int) -> int | None:
        """Return the last tick at or before an instant."""
        found = fields.last(self._begin(fields), min(when + 1, self.stop) + self.offset)
        if found is not None:
            return found - self.offset
        caught_up = self._caught_up(fields)
        return caught_up if caught_up is not None and caught_up <= when else None

    def next(self, fields: Fields, when: int) -> int | None:
        """Return the first tick after an instant."""
        caught_up = self._caught_up(fields)
        if caught_up is not None and caught_up > when:
            return caught_up
        begin = max(self._begin(fields), when + 1 + self.offset)
        found = fields.first(begin, self.stop + self.offset)
        return None if found is None else found - self.offset

    def _begin(self, fields: Fields) -> int:
        """Return what clocks show when the first tick may come by itself."""
        after = self.start + self.offset
        caught_up = self._caught_up(fields)
        if caught_up is not None:
            return caught_up + self.offset + 1
        return max(self.before, after) if fields.is_fixed else after  # what was shown does not come again

    def _caught_up(self, fields: Fields) -> int | None:
        """Return when a fixed time that was jumped over comes: at the first full minute behind the jump."""
        after = self.start + self.offset
        if not fields.is_fixed or self.before >= after or fields.first(self.before, after) is None:
            return None
        return self.start + -after % 60


def _first_of(found: Iterable[int | None]) -> int | None:
    return next((tick for tick in found if tick is not None), None)


@lru_cache(maxsize=256)
def _ticks_of_year(fields: Fields, zone: ZoneInfo, year: int) -> array[int]:
    return array("q", (tick for stretch in _stretches(zone, year) for tick in stretch.all(fields)))


@lru_cache(maxsize=4096)
def _stretches(zone: ZoneInfo, year: int) -> tuple[_Stretch, ...]:
    """Return the stretches of a year of UTC."""
    edges = sorted({year_begin(year), *jumps(zone, year), year_begin(year + 1)})
    return tuple(
        _Stretch(start, stop, shown(start, zone) - start, shown(start - 1, zone) + 1)
        for start, stop in pairwise(edges)
    )
