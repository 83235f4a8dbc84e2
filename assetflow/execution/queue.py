"""Owns the order of work: which assets are ready because all they wait for is settled, the longest way to go first.

Knows nothing of what becomes of an asset.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence


class Queue:
    """Assets of a graph, given out parents first.

    Args:
        upstream: what each asset waits for, among the assets themselves; keys in an order with parents first.
        expected: seconds that an asset is expected to take, where known.
    """

    def __init__(self, upstream: Mapping[str, Sequence[str]], expected: Mapping[str, float]) -> None:
        self._below: dict[str, list[str]] = {key: [] for key in upstream}
        for key, parents in upstream.items():
            for parent in parents:
                self._below[parent].append(key)
        self._left = {key: len(parents) for key, parents in upstream.items()}
        self._length = self._longest_paths(expected)
        self._place = {key: number for number, key in enumerate(upstream)}
        self._ready: list[tuple[float, int, str]] = []
        for key, left in self._left.items():
            if left == 0:
                self.put_back(key)

    def __bool__(self) -> bool:
        return bool(self._ready)

    def pop(self) -> str:
        """Give out the ready asset with the longest expected path below it."""
        return heapq.heappop(self._ready)[2]

    def put_back(self, key: str) -> None:
        """Make an asset ready (again)."""
        heapq.heappush(self._ready, (-self._length[key], self._place[key], key))

    def settle(self, key: str) -> None:
        """Note that an asset has reached its state: what waited for it alone is ready."""
        for below in self._below[key]:
            self._left[below] -= 1
            if self._left[below] == 0:
                self.put_back(below)

    def _longest_paths(self, expected: Mapping[str, float]) -> dict[str, float]:
        """Return the seconds that each asset and the longest chain below it are expected to take."""
        longest: dict[str, float] = {}
        for key in reversed(self._below):
            below = max((longest[name] for name in self._below[key]), default=0.0)
            longest[key] = expected.get(key, _UNKNOWN_SECONDS) + below
        return longest


_UNKNOWN_SECONDS = 0.01
