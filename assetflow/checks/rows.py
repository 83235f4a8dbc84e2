"""Owns a table as checks look at it: piece by piece, whether it is in memory or stored in parts.

Knows nothing of what makes a row fail.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from assetflow.frames.parted import PartedTable
from assetflow.hashing.tables import CHUNK_ROWS

if TYPE_CHECKING:
    import pyarrow as pa

MOST_CASES = 1_000
"""How many failing rows are kept."""


class Rows(Protocol):
    """A table that may be gone through as often as anyone likes; it need not fit memory."""

    @property
    def schema(self) -> pa.Schema:
        """Names and types of the columns."""

    @property
    def num_rows(self) -> int:
        """How many rows there are in all."""

    @property
    def nbytes(self) -> int:
        """About how many bytes they take in memory."""

    def select(self, names: Sequence[str]) -> Rows:
        """Return these columns alone; what is stored of the others is not decoded."""

    def tables(self) -> Iterator[pa.Table]:
        """Yield the rows in order, a piece at a time."""

    def take(self, numbers: Sequence[int]) -> pa.Table:
        """Return the rows with these ascending numbers."""


@dataclass(frozen=True)
class WholeTable:
    """A table in memory."""

    table: pa.Table

    @property
    def schema(self) -> pa.Schema:
        """Names and types of the columns."""
        return self.table.schema

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        return int(self.table.num_rows)

    @property
    def nbytes(self) -> int:
        """How many bytes they take."""
        return int(self.table.nbytes)

    def select(self, names: Sequence[str]) -> WholeTable:
        """Return these columns alone."""
        return WholeTable(self.table.select(list(names)))

    def tables(self) -> Iterator[pa.Table]:
        """Yield the rows in order, a chunk of a canonical table at a time."""
        for start in range(0, self.num_rows, CHUNK_ROWS):
            yield self.table.slice(start, CHUNK_ROWS)

    def take(self, numbers: Sequence[int]) -> pa.Table:
        """Return the rows with these ascending numbers.

        Batches are taken from one by one, because Arrow joins the chunks of a column to take from it, and text of
        more than 2 GiB cannot be joined.
        """
        import pyarrow as pa

        taken, start = [], 0
        for batch in self.table.to_batches():
            here = numbers[bisect_left(numbers, start) : bisect_left(numbers, start + len(batch))]
            if here:
                taken.append(batch.take(pa.array([number - start for number in here], pa.int64())))
            start += len(batch)
        return pa.Table.from_batches(taken, schema=self.schema)


def rows_of(data: pa.Table | PartedTable) -> Rows:
    """Return a table's rows, as checks look at them."""
    return data if isinstance(data, PartedTable) else WholeTable(data)


@dataclass(frozen=True)
class Failing:
    """How many rows fail, and the ascending numbers of the first ``MOST_CASES`` of them."""

    count: int = 0
    first: tuple[int, ...] = ()

    def and_rows(self, numbers: pa.Array) -> Failing:
        """Return what fails with these rows too, whose ``numbers`` ascend."""
        if not len(numbers):
            return self
        first = sorted([*self.first, *numbers[:MOST_CASES].to_pylist()])[:MOST_CASES]
        return Failing(self.count + len(numbers), tuple(first))


def pieces_of(rows: Rows, names: Sequence[str]) -> Iterator[pa.Table]:
    """Yield these columns piece by piece: an empty piece where there are no rows, for it has types at least."""
    if rows.num_rows:
        yield from rows.select(names).tables()
    else:
        yield rows.schema.empty_table().select(list(names))


def failing_where(rows: Rows, names: Sequence[str], fails: Callable[[pa.Table], pa.ChunkedArray]) -> Failing:
    """Return the rows for which ``fails``, given a piece of these columns, says true; null is not."""
    import pyarrow.compute as pc

    failing, start = Failing(), 0
    for piece in pieces_of(rows, names):
        numbers = pc.indices_nonzero(fails(piece))
        failing = failing.and_rows(pc.add(numbers, start) if start else numbers)
        start += piece.num_rows
    return failing
