"""Owns the refresh tokens of partitions of time: each is due by the first tick at or after its end, and then for good.

A partition that was made keeps the token that it was made for, so that no tick, and no other schedule, fetches years
again. Knows nothing of plans.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from assetflow.calendar.cron import Cron
from assetflow.calendar.interval import Interval
from assetflow.partitions.scheme import Keys
from assetflow.planning.tokens import tick_token


class Made(Protocol):
    """What was made of a partition."""

    @property
    def token(self) -> str | None:
        """The token that it was made for."""


_INSTANT = timedelta(microseconds=1)


class PartitionTokens:
    """The tokens of the partitions of one asset at the moment ``now``. ``standings``: what is published of it."""

    def __init__(
        self, schedule: Cron | Interval, keys: Keys, standings: Mapping[str, Made], now: datetime
    ) -> None:
        self._schedule = schedule
        self._keys = keys
        self._standings = standings
        self._last = schedule.last(now)

    def of(self, ordinal: int) -> str | None:
        """Return the token of a partition: of what is published, or of the tick that makes it due."""
        standing = self._standings.get(self._keys.key(ordinal))
        if standing is not None:
            return standing.token
        tick = self._first(ordinal)
        return None if tick is None else tick_token(self._schedule, None, tick)

    def waits_until(self, ordinal: int) -> datetime | None:
        """Return the tick by which a partition that was never made is due; None where that is past."""
        if self._is_due(ordinal) or self._keys.key(ordinal) in self._standings:
            return None
        return self._first(ordinal)

    def due(self) -> int:
        """Return how many partitions were never made although they are due."""
        count = 0
        for ordinal, key in enumerate(self._keys):
            count += key not in self._standings and self._is_due(ordinal)
        return count

    def _is_due(self, ordinal: int) -> bool:
        bounds = self._keys.bounds(ordinal)
        return bounds is not None and self._last is not None and bounds[1] <= self._last

    def _first(self, ordinal: int) -> datetime | None:
        """Return the first tick at or after the end of a partition."""
        bounds = self._keys.bounds(ordinal)
        return None if bounds is None else self._schedule.next(bounds[1] - _INSTANT)
