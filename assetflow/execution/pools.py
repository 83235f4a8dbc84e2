"""Owns pools: how many tasks of each run at once, and which assets wait for a place.

Knows nothing of what a pool stands for: connections, licences, a machine's patience.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence


class Pools:
    """The places of one run's pools. Called from the runner's own thread alone.

    Args:
        pool_of: the pool of each asset that has one, for each kind of pool; a task takes a place in each of its pools.
        places: how many tasks of each pool may run at once.
    """

    def __init__(self, pool_of: Sequence[Mapping[str, str]], places: Mapping[str, int]) -> None:
        self._pool_of = pool_of
        self._places = places
        self._taken: Counter[str] = Counter()
        self._waiting: defaultdict[str, dict[str, None]] = defaultdict(dict)

    def has_room(self, key: str) -> bool:
        """Say whether a task of this asset may start now; if not, the asset waits, and ``next`` will name it."""
        for pool in self._pools(key):
            if self._is_full(pool):
                self._waiting[pool][key] = None
                return False
        return True

    def enter(self, key: str) -> None:
        """Note that a task of this asset starts."""
        self._taken.update(self._pools(key))

    def leave(self, key: str) -> None:
        """Note that a task of this asset has ended."""
        self._taken.subtract(self._pools(key))

    def next(self, key: str) -> list[str]:
        """Return who has waited longest in each pool of ``key`` that has room now; they wait no longer."""
        found = []
        for pool in self._pools(key):
            waiting = self._waiting.get(pool)
            if waiting and not self._is_full(pool):
                first = next(iter(waiting))
                del waiting[first]
                found.append(first)
        return found

    def forget(self) -> set[str]:
        """Return all that wait, in any pool; they wait no longer."""
        found = {key for waiting in self._waiting.values() for key in waiting}
        self._waiting.clear()
        return found

    def _pools(self, key: str) -> list[str]:
        return [pools[key] for pools in self._pool_of if key in pools]

    def _is_full(self, pool: str) -> bool:
        return self._taken[pool] >= self._places[pool]
