"""Owns which partitions read which: the upstream ones of one, and the downstream ones of many.

The two are exact inverses: ``j in reads.of(i)`` if and only if ``i in reads.touched({j})``.
Knows nothing of how mappings are declared (``mappings``).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from assetflow.partitions.grid import GridKeys
from assetflow.partitions.ranges import Ranges
from assetflow.partitions.scheme import Keys
from assetflow.partitions.timed import TimeKeys

_NONE = Ranges()


class Reads(ABC):
    """Which upstream partitions each downstream partition reads, as ordinals of the keys at one moment."""

    @abstractmethod
    def of(self, ordinal: int) -> Ranges:
        """Return the upstream partitions that a downstream partition reads."""

    @abstractmethod
    def touched(self, ranges: Ranges) -> Ranges:
        """Return the downstream partitions that read any of these upstream ones."""

    @property
    def cut(self) -> Ranges:
        """Return the downstream partitions that reach before the upstream's start or behind its declared end."""
        return _NONE

    @property
    def waiting(self) -> Ranges:
        """Return the downstream partitions that read upstream ones which are not closed yet."""
        return _NONE


@dataclass(frozen=True)
class WindowReads(Reads):
    """From ``first`` to ``last`` partitions on. ``complete``: there will never be more upstream."""

    down: int
    up: int
    first: int
    last: int
    complete: bool = False

    def of(self, ordinal: int) -> Ranges:
        """Return the window, cut off at both ends."""
        return Ranges.of_span(max(ordinal + self.first, 0), min(ordinal + self.last + 1, self.up))

    def touched(self, ranges: Ranges) -> Ranges:
        """Return the windows that hold any of these."""
        known = ranges & Ranges.of_span(0, self.up)
        spans = ((start - self.last, stop - self.first) for start, stop in known.spans)
        return Ranges.of_spans(spans) & Ranges.of_span(0, self.down)

    @property
    def cut(self) -> Ranges:
        """Return the first ones, and the last ones of a scheme that has come to its end."""
        early = Ranges.of_span(0, min(-self.first, self.down))
        return early | self._late if self.complete else early

    @property
    def waiting(self) -> Ranges:
        """Return the last ones, where the window looks ahead and the scheme goes on."""
        return _NONE if self.complete else self._late

    @property
    def _late(self) -> Ranges:
        return Ranges.of_span(max(self.up - self.last, 0), self.down)


@dataclass(frozen=True)
class AllReads(Reads):
    """Every partition reads every one."""

    down: int
    up: int

    def of(self, ordinal: int) -> Ranges:  # noqa: ARG002 - the same for each
        """Return all."""
        return Ranges.of_span(0, self.up)

    def touched(self, ranges: Ranges) -> Ranges:
        """Return all, if there is any."""
        return Ranges.of_span(0, self.down) if ranges & Ranges.of_span(0, self.up) else _NONE


@dataclass(frozen=True)
class CoveringReads(Reads):
    """Partitions of time that have any instant in common."""

    down: TimeKeys
    up: TimeKeys

    def of(self, ordinal: int) -> Ranges:
        """Return those that overlap it."""
        return _overlapping(self.down, ordinal, ordinal + 1, self.up)

    def touched(self, ranges: Ranges) -> Ranges:
        """Return those that overlap any of them."""
        known = ranges & self.up.all
        found = (_overlapping(self.up, start, stop, self.down) for start, stop in known.spans)
        return Ranges.of_spans(span for one in found for span in one.spans)

    @property
    def cut(self) -> Ranges:
        """Return those that begin before the upstream, and those that end after its declared end."""
        early = Ranges.of_span(0, self.down.from_on(self.up.begin_of_all))
        return early | self._late if self.up.is_complete else early

    @property
    def waiting(self) -> Ranges:
        """Return those that end after the last closed one upstream."""
        return _NONE if self.up.is_complete else self._late

    @property
    def _late(self) -> Ranges:
        end = self.up.end_of_all
        first = _first(len(self.down), lambda ordinal: self.down.begin(ordinal + 1) > end)
        return Ranges.of_span(first, len(self.down))


@dataclass(frozen=True)
class LastReads(Reads):
    """The last partition that was closed when the reader's own was; for a reader without time, the last of all."""

    down: Keys
    up: TimeKeys

    def of(self, ordinal: int) -> Ranges:
        """Return one, or none where nothing was closed yet."""
        place = self._place(ordinal)
        return Ranges.of_span(place, place + 1) if place >= 0 else _NONE

    def touched(self, ranges: Ranges) -> Ranges:
        """Return those that read any of these; found by bisection: the later one ends, the later is what it reads."""
        return Ranges.of_spans(
            (self._first_with(start), self._first_with(stop)) for start, stop in ranges.spans
        )

    @property
    def cut(self) -> Ranges:
        """Return those for which nothing was closed yet."""
        return Ranges.of_span(0, self._first_with(0))

    def _first_with(self, place: int) -> int:
        return _first(len(self.down), lambda ordinal: self._place(ordinal) >= place)

    def _place(self, ordinal: int) -> int:
        if not isinstance(self.down, TimeKeys):
            return len(self.up) - 1
        return self.up.closed_by(self.down.begin(ordinal + 1)) - 1


@dataclass(frozen=True)
class NamedReads(Reads):
    """As a table says. ``table``: for each downstream ordinal, what it reads."""

    table: tuple[Ranges, ...]

    def of(self, ordinal: int) -> Ranges:
        """Return what the table says."""
        return self.table[ordinal]

    def touched(self, ranges: Ranges) -> Ranges:
        """Return those whose entry has any of these."""
        return Ranges.of_ordinals(ordinal for ordinal, entry in enumerate(self.table) if entry & ranges)


@dataclass(frozen=True)
class GridReads(Reads):
    """Each dimension that both have by its own mapping; of those that only one has, everything.

    What is no grid is one with a single dimension, named as the one it is paired with.
    """

    down: GridKeys
    up: GridKeys
    by_name: Mapping[str, Reads]

    def of(self, ordinal: int) -> Ranges:
        """Return the box of what each dimension reads."""
        places = self.down.places(ordinal)
        return self.up.cells({name: reads.of(places[name]) for name, reads in self.by_name.items()})

    def touched(self, ranges: Ranges) -> Ranges:
        """Return the boxes that read the boxes that these are."""
        boxes = self.up.boxes(ranges & self.up.all)
        touched = (
            self.down.cells({name: reads.touched(box[name]) for name, reads in self.by_name.items()})
            for box in boxes
        )
        return Ranges.of_spans(span for cells in touched for span in cells.spans)

    @property
    def cut(self) -> Ranges:
        """Return the cells of which any dimension is cut off."""
        return self._any({name: reads.cut for name, reads in self.by_name.items()})

    @property
    def waiting(self) -> Ranges:
        """Return the cells of which any dimension waits."""
        return self._any({name: reads.waiting for name, reads in self.by_name.items()})

    def _any(self, by_name: Mapping[str, Ranges]) -> Ranges:
        cells = (self.down.cells({name: ranges}) for name, ranges in by_name.items() if ranges)
        return Ranges.of_spans(span for one in cells for span in one.spans)


def _overlapping(keys: TimeKeys, start: int, stop: int, others: TimeKeys) -> Ranges:
    """Return those of ``others`` that share an instant with the partitions from ``start`` up to ``stop``."""
    begin, end = keys.begin(start), keys.begin(stop)
    return Ranges.of_span(others.closed_by(begin), others.from_on(end))


def _first(count: int, holds: Callable[[int], bool]) -> int:
    """Return the first ordinal for which it holds, and from there on always does; ``count`` where it never does."""
    return bisect_left(range(count), True, key=holds)
