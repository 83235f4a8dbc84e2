"""Owns pools: how many tasks of each run at once, and which assets wait for a place.

Knows nothing of what a pool stands for: connections, licences, a machine's patience.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping


class Pools:
    """The places of one run's pools. Called from the runner's own thread alone.

    Args:
        pool_of: the pool of each asset that has one.
        places: how many tasks of each pool may run at once.
    """

    def __init__(self, pool_of: Mapping[str, str], places: Mapping[str, int]) -> None:
        self._pool_of = pool_of
        self._places = places
        self._taken: Counter[str] = Counter()
        self._waiting: defaultdict[str, set[str]] = defaultdict(set)

    def has_room(self, key: str) -> bool:
        """Say whether a task of this asset may start now; if not, the asset waits, and ``leave`` will name it."""
        pool = self._pool_of.get(key)
        if pool is None or self._taken[pool] < self._places[pool]:
            return True
        self._waiting[pool].add(key)
        return False

    def enter(self, key: str) -> None:
        """Note that a task of this asset starts."""
        if key in self._pool_of:
            self._taken[self._pool_of[key]] += 1

    def leave(self, key: str) -> Collection[str]:
        """Note that a task of this asset ended; return the assets that waited for its place."""
        if key not in self._pool_of:
            return ()
        pool = self._pool_of[key]
        self._taken[pool] -= 1
        return self._waiting.pop(pool, ())

    def forget(self, keys: Collection[str]) -> set[str]:
        """Have none of ``keys`` wait any longer; return those that did."""
        found = {key for waiting in self._waiting.values() for key in waiting.intersection(keys)}
        for waiting in self._waiting.values():
            waiting.difference_update(found)
        return found
