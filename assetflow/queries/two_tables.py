"""Owns two tables that are to be compared, each in its pieces, and which pieces both have: those are not read.

Equal pieces hold equal rows: each row of the one is a row of the other, and what is left of both tells all that
differs. Knows nothing of how rows are compared, or of where tables come from.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from assetflow.frames.parted import PartedTable
from assetflow.frames.pipeline import in_order

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    Numbers = np.ndarray[tuple[int], np.dtype[np.signedinteger[Any]]]

Item = TypeVar("Item")
Result = TypeVar("Result")

PIECE_ROWS = 131_072
"""Rows of a piece of a table in memory."""

THREADS = 4
"""Most threads that read at once; each may hold a part or two."""


@dataclass(frozen=True)
class Side:
    """One of the two tables. ``hashes``: the column hash of each column by its name."""

    table: pa.Table | PartedTable
    hashes: Mapping[str, str]

    @property
    def schema(self) -> pa.Schema:
        """The canonical schema."""
        return self.table.schema

    @property
    def empty(self) -> pa.Table:
        """The table without its rows."""
        import pyarrow as pa

        return pa.Table.from_batches([], self.schema)  # Arrow's empty_table() does not know all extensions

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return self.table.num_rows

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """The number of the first row of each piece, and at the end the number of rows."""
        if isinstance(self.table, PartedTable):
            return tuple(accumulate((part.rows or 0 for part in self.table.parts), initial=0))
        return (*range(0, self.rows, PIECE_ROWS), self.rows)

    @cached_property
    def versions(self) -> tuple[str, ...]:
        """The version of each piece, "" where it is not known."""
        if isinstance(self.table, PartedTable):
            return tuple(part.version for part in self.table.parts)
        return ("",) * (len(self.starts) - 1)

    def piece(self, number: int, columns: Sequence[str]) -> pa.Table:
        """Return some columns, at least one, of a piece."""
        if isinstance(self.table, PartedTable):
            one = replace(self.table, parts=(self.table.parts[number],))
            return next(one.select(columns).tables())
        start = self.starts[number]
        return self.table.select(list(columns)).slice(start, self.starts[number + 1] - start)

    def take(self, numbers: Sequence[int]) -> pa.Table:
        """Return the rows with these numbers, in this order; only the pieces that hold some are read."""
        import pyarrow as pa

        ascending = sorted(set(numbers))
        found = self.table.take(
            ascending if isinstance(self.table, PartedTable) else pa.array(ascending, pa.int64())
        )
        places = {number: place for place, number in enumerate(ascending)}
        return found.take(pa.array([places[number] for number in numbers], pa.int64()))


@dataclass(frozen=True)
class Rows:
    """Rows of one side. ``pieces``: (piece, numbers of its rows within it, None for all of them), in order."""

    side: Side
    pieces: tuple[tuple[int, Numbers | None], ...]

    @property
    def count(self) -> int:
        """How many rows they are."""
        starts = self.side.starts
        return sum(starts[n + 1] - starts[n] if chosen is None else len(chosen) for n, chosen in self.pieces)


def unshared(old: Side, new: Side) -> tuple[Rows, Rows]:
    """Return the rows of the pieces of each side that the other does not have."""
    shared = Counter(filter(None, old.versions)) & Counter(filter(None, new.versions))
    return _without(old, Counter(shared)), _without(new, Counter(shared))


def _without(side: Side, shared: Counter[str]) -> Rows:
    left: list[tuple[int, Numbers | None]] = []
    for number, version in enumerate(side.versions):
        if shared[version] > 0:
            shared[version] -= 1
        elif side.starts[number + 1] > side.starts[number]:
            left.append((number, None))
    return Rows(side, tuple(left))


class Reading(Protocol):
    """Does something with each of many, side by side, a few at a time, results in order."""

    def __call__(self, work: Callable[[Item], Result], items: Sequence[Item], /) -> Iterator[Result]:
        """Yield the result of each."""


@contextmanager
def reading() -> Iterator[Reading]:
    """Give what reads many pieces."""
    threads = min(os.cpu_count() or 1, THREADS)
    with ThreadPoolExecutor(threads, "diff") as pool:
        yield lambda work, items: in_order(work, items, pool, threads + 1)
