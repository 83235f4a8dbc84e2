"""Owns sets of ordinals as sorted half-open intervals; a set of 100,000 neighbours is one of them.

Knows nothing of what the ordinals count.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import overload

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Ranges:
    """An immutable set of ordinals. ``spans``: sorted, not empty, apart from each other; use the ``of_...`` makers."""

    spans: tuple[Span, ...] = ()

    @staticmethod
    def of_span(start: int, stop: int) -> Ranges:
        """Return the ordinals from ``start`` up to, and without, ``stop``."""
        return Ranges(((start, stop),)) if start < stop else Ranges()

    @staticmethod
    def of_spans(spans: Iterable[Span]) -> Ranges:
        """Return the union of half-open intervals, in whatever order they come."""
        joined: list[Span] = []
        for start, stop in sorted(spans):
            if start >= stop:
                continue
            if joined and start <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(joined[-1][1], stop))
            else:
                joined.append((start, stop))
        return Ranges(tuple(joined))

    @staticmethod
    def of_ordinals(ordinals: Iterable[int]) -> Ranges:
        """Return the set of these ordinals, in whatever order they come."""
        return Ranges.of_spans((ordinal, ordinal + 1) for ordinal in ordinals)

    def __or__(self, other: Ranges) -> Ranges:
        if not self.spans or not other.spans:
            return self if self.spans else other
        return Ranges.of_spans([*self.spans, *other.spans])

    def __and__(self, other: Ranges) -> Ranges:
        return Ranges(tuple(_shared(self.spans, other.spans)))

    def __sub__(self, other: Ranges) -> Ranges:
        if not self.spans or not other.spans:
            return self
        return self & other._without(self.spans[0][0], self.spans[-1][1])

    def __contains__(self, ordinal: object) -> bool:
        if not isinstance(ordinal, int):
            return False
        place = bisect_right(self.spans, ordinal, key=_start) - 1
        return place >= 0 and ordinal < self.spans[place][1]

    def __len__(self) -> int:
        return sum(stop - start for start, stop in self.spans)

    def __bool__(self) -> bool:
        return bool(self.spans)

    def __iter__(self) -> Iterator[int]:
        for start, stop in self.spans:
            yield from range(start, stop)

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> Ranges: ...
    def __getitem__(self, place: int | slice) -> int | Ranges:
        """Return the ordinal at a place, or those between two: ``[:3]`` the first three, ``[-3:]`` the last."""
        if isinstance(place, int):
            found = self._between(*slice(place, place + 1 or None).indices(len(self))[:2])
            if not found:
                raise IndexError(place)
            return found.spans[0][0]
        first, last, step = place.indices(len(self))
        if step != 1:
            raise ValueError("ranges are sliced in steps of one")
        return self._between(first, last)

    def _between(self, first: int, last: int) -> Ranges:
        """Return the ordinals at the places from ``first`` up to ``last``."""
        found: list[Span] = []
        passed = 0
        for start, stop in self.spans:
            low, high = max(first - passed, 0), min(last - passed, stop - start)
            if low < high:
                found.append((start + low, start + high))
            passed += stop - start
            if passed >= last:
                break
        return Ranges(tuple(found))

    def _without(self, first: int, last: int) -> Ranges:
        """Return what is not in this set between the two."""
        edges = [first, *(edge for span in self.spans for edge in span), last]
        gaps = list(pairwise(edges))[::2]
        return Ranges(tuple((start, stop) for start, stop in gaps if start < stop))


def _shared(left: tuple[Span, ...], right: tuple[Span, ...]) -> Iterator[Span]:
    a = b = 0
    while a < len(left) and b < len(right):
        start, stop = max(left[a][0], right[b][0]), min(left[a][1], right[b][1])
        if start < stop:
            yield start, stop
        if left[a][1] <= right[b][1]:
            a += 1
        else:
            b += 1


def _start(span: Span) -> int:
    return span[0]
