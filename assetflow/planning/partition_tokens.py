"""Owns the refresh tokens of partitions: which tick of its schedule each is made for, and which are due.

Of time, each is due by the first tick at or after its end, by as many ticks behind that as it is made ``again``, and
then it stays for good. How many are left stands in the token that it was made for: so neither a tick nor another
schedule fetches years again. Where ticks make ``all`` partitions due, each has the token of the last tick.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Protocol

from assetflow.model.refresh import Schedule
from assetflow.partitions.scheme import Keys
from assetflow.planning.tokens import left_of, tick_of, tick_token, token_at

_INSTANT = timedelta(microseconds=1)


class Made(Protocol):
    """What was made of a partition."""

    @property
    def token(self) -> str | None:
        """The token that it was made for."""


@dataclass(frozen=True)
class DuePartitions:
    """How many partitions are due: ``new``, that were never made, and those to be made ``again``.

    ``next``: the tick that makes some due next; None where none will.
    """

    new: int
    again: int
    next: datetime | None


class PartitionTokens:
    """The tokens of the partitions of one asset at the moment ``now``. ``standings``: what is published of it."""

    def __init__(self, schedule: Schedule, keys: Keys, standings: Mapping[str, Made], now: datetime) -> None:
        self._clock = schedule.clock
        self._again = schedule.again
        self._is_of_all = schedule.partitions == "all"
        self._keys = keys
        self._standings = standings
        self._now = now
        self._last = schedule.clock.last(now)
        self._renewed: dict[str | None, str | None] = {}

    def of(self, ordinal: int) -> str | None:
        """Return the token of a partition: of what is published, or of the tick that makes it due."""
        standing = self._standings.get(self._keys.key(ordinal))
        return self._token_of_new(ordinal) if standing is None else self._token_after(standing.token)

    def waits_until(self, ordinal: int) -> datetime | None:
        """Return the tick by which a partition that was never made is due; None where that is past."""
        if self._keys.key(ordinal) in self._standings or self._has_come(ordinal):
            return None
        return self._first(ordinal)

    def due(self, made: Callable[[], Mapping[str, str | None]]) -> DuePartitions:
        """Return what is due.

        Args:
            made: asked where something may be: the token of what was made last of each partition, published or not.
                What was made for the present tick, and was rejected or is held back, is not due again by itself.
        """
        new, again, is_soon = self._candidates()
        if new or again:
            tokens = made()
            new = [ordinal for ordinal in new if self._is_news(ordinal, tokens)]
            again = [ordinal for ordinal in again if self._is_news(ordinal, tokens)]
        return DuePartitions(len(new), len(again), self._next(is_soon=is_soon))

    def _candidates(self) -> tuple[list[int], list[int], bool]:
        """Return what may be due, never made or made before, and whether the next tick will make something due."""
        new: list[int] = []
        again: list[int] = []
        is_soon = self._is_of_all and len(self._keys) > 0
        for ordinal, key in enumerate(self._keys):
            standing = self._standings.get(key)
            if standing is None:
                has_come = self._has_come(ordinal)
                if has_come:
                    new.append(ordinal)
                is_soon = is_soon or not has_come or self._is_looked_at_again(ordinal)
            elif self._again or self._is_of_all:
                token = self._token_after(standing.token)
                if token != standing.token:
                    again.append(ordinal)
                is_soon = is_soon or min(left_of(token), self._again) > 0
        return new, again, is_soon

    def _is_news(self, ordinal: int, made: Mapping[str, str | None]) -> bool:
        before = tick_of(made.get(self._keys.key(ordinal)))
        if before is None:
            return True
        tick = tick_of(self.of(ordinal))
        return tick is not None and tick > before

    def _next(self, *, is_soon: bool) -> datetime | None:
        if is_soon:
            return self._clock.next(self._now)
        return None if self._keys.next_end is None else self._clock.next(self._keys.next_end - _INSTANT)

    def _token_after(self, token: str | None) -> str | None:
        """Return the token of a partition that was made for ``token``."""
        if token not in self._renewed:
            self._renewed[token] = (
                tick_token(self._clock, token, self._now) if self._is_of_all else self._looked_at_again(token)
            )
        return self._renewed[token]

    def _looked_at_again(self, token: str | None) -> str | None:
        tick, left = tick_of(token), min(left_of(token), self._again)
        if tick is None or not left:
            return token
        renewed, still_left = self._last_of(tick, left)
        return token if renewed == tick else token_at(self._clock, renewed, still_left)

    def _token_of_new(self, ordinal: int) -> str | None:
        if self._is_of_all:
            return self._token_after(None)
        tick = self._first(ordinal)
        return None if tick is None else token_at(self._clock, *self._last_of(tick, self._again))

    def _last_of(self, tick: datetime, left: int) -> tuple[datetime, int]:
        """Return the last tick so far among ``tick`` and the next ``left`` ones, and how many of them are to come."""
        while left:
            following = self._clock.next(tick)
            if following is None or following > self._now:
                break
            tick, left = following, left - 1
        return tick, left

    def _has_come(self, ordinal: int) -> bool:
        """Whether a partition may be made: of time, by a tick at or after its end."""
        end = self._keys.end(ordinal)
        return end is None or (self._last is not None and end <= self._last)

    def _is_looked_at_again(self, ordinal: int) -> bool:
        """Whether a partition that is due and was never made has further ticks ahead when it is made now."""
        end = self._keys.end(ordinal) if self._again else None
        return end is not None and self._done_by is not None and end > self._done_by

    @cached_property
    def _done_by(self) -> datetime | None:
        """The tick that was the last one for all that had ended by then."""
        tick = self._last
        for _ in range(self._again):
            tick = None if tick is None else self._clock.last(tick - _INSTANT)
        return tick

    def _first(self, ordinal: int) -> datetime | None:
        """Return the first tick at or after the end of a partition."""
        end = self._keys.end(ordinal)
        return None if end is None else self._clock.next(end - _INSTANT)
