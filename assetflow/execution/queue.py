"""Owns the order of work: which assets are ready because all they wait for is settled, the longest way to go first.

Knows nothing of what becomes of an asset.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Mapping, Sequence
from enum import Enum, auto
from types import MappingProxyType


class Patience(Enum):
    """What must be true of all above an asset before it may start, beyond that it is settled."""

    NONE = auto()
    STORED = auto()
    SEEN = auto()


class Queue:
    """Assets of a graph, given out parents first.

    Args:
        upstream: what each asset waits for, among the assets themselves; keys in an order with parents first.
        expected: seconds that an asset is expected to take, where known.
        patient: assets that wait until all above them is settled for good: until it is stored, or even seen by readers.
    """

    def __init__(
        self,
        upstream: Mapping[str, Sequence[str]],
        expected: Mapping[str, float],
        patient: Mapping[str, Patience] = MappingProxyType({}),
    ) -> None:
        self._below: dict[str, list[str]] = {key: [] for key in upstream}
        for key, parents in upstream.items():
            for parent in parents:
                self._below[parent].append(key)
        self._patience = {key: patient.get(key, Patience.NONE) for key in upstream}
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
        """Note that an asset has reached its state, though perhaps not for good: what waited for it alone is ready."""
        self._count_down(key, Patience.NONE)

    def settle_for_good(self, key: str, patience: Patience) -> None:
        """Note that a settled asset is stored, or seen by readers: what waited below for that alone is ready."""
        self._count_down(key, patience)

    def unsettle(self, settled: Collection[str], given_out: Collection[str]) -> None:
        """Take back that ``settled`` were, and hand them and ``given_out`` out anew when they are ready."""
        for key in settled:
            for below in self._below[key]:
                self._left[below] += self._patience[below] is Patience.NONE
        self._ready = [entry for entry in self._ready if self._left[entry[2]] == 0]
        heapq.heapify(self._ready)
        for key in (*settled, *given_out):
            if self._left[key] == 0:
                self.put_back(key)

    def _count_down(self, key: str, patience: Patience) -> None:
        for below in self._below[key]:
            if self._patience[below] is patience:
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
