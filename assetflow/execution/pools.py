"""Owns pools: how many tasks of each run at once, and which assets wait for a place.

Knows nothing of what a pool stands for: connections, licences, a machine's patience.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping


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
        self._waiting: defaultdict[str, dict[str, None]] = defaultdict(dict)

    def has_room(self, key: str) -> bool:
        """Say whether a task of this asset may start now; if not, the asset waits, and ``next`` will name it."""
        pool = self._pool_of.get(key)
        if pool is None or self._taken[pool] < self._places[pool]:
            return True
        self._waiting[pool][key] = None
        return False

    def enter(self, key: str) -> None:
        """Note that a task of this asset starts."""
        if key in self._pool_of:
            self._taken[self._pool_of[key]] += 1

    def leave(self, key: str) -> None:
        """Note that a task of this asset has ended."""
        if key in self._pool_of:
            self._taken[self._pool_of[key]] -= 1

    def next(self, key: str) -> str | None:
        """Return who has waited longest in the pool of ``key``, if there is room for it now; it waits no longer."""
        pool = self._pool_of.get(key, "")
        waiting = self._waiting.get(pool)
        if not waiting or self._taken[pool] >= self._places[pool]:
            return None
        first = next(iter(waiting))
        del waiting[first]
        return first

    def forget(self) -> set[str]:
        """Return all that wait, in any pool; they wait no longer."""
        found = {key for waiting in self._waiting.values() for key in waiting}
        self._waiting.clear()
        return found
