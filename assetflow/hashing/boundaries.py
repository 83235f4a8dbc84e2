"""Owns where a table may be cut into parts: chosen by what the rows hold, so that parts line up again after a change.

Which rows may end a part is a pure function of each row's values; a walk over those few keeps parts neither too
small nor too large. Boundaries are no part of any identity. Knows nothing of how parts are stored.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

MAX_ROWS = 1_048_576
MAX_BYTES = 256 << 20
WINDOW_ROWS = 131_072  # few enough to stay in the cache from one pass to the next

_LEAST_BYTES = 4 << 20
_COLUMN_BYTES = 96 << 10
_MOST_LEAST_BYTES = 48 << 20


@dataclass(frozen=True)
class Limits:
    """How large parts are. Bytes are those of the values (8 of an int64; 4 and its bytes of a string).

    A part has at least ``least_bytes``; then each byte may be the last with a chance of 1 in ``gap_bytes``. So the
    mean part has the sum of both. It never has more than ``most_rows`` or ``most_bytes``, but for a single row.
    """

    least_bytes: int
    gap_bytes: int
    most_rows: int = MAX_ROWS
    most_bytes: int = MAX_BYTES

    @property
    def mean_bytes(self) -> int:
        """Bytes of values in a part, on average."""
        return self.least_bytes + self.gap_bytes


def limits_of(columns: int) -> Limits:
    """Return the limits for a table of so many columns: 6 MiB on average, more where there are more than 42."""
    least = min(max(_LEAST_BYTES, columns * _COLUMN_BYTES), _MOST_LEAST_BYTES)
    return Limits(least, least // 2)


class Boundaries:
    """Finds where the parts of a table end, which comes piece by piece. Any pieces give the same parts."""

    def __init__(self, schema: pa.Schema, limits: Limits | None = None) -> None:
        self._limits = limits or limits_of(len(schema))
        self._rows = 0
        self._bytes = 0

    def feed(self, piece: pa.Table) -> Iterator[int]:
        """Yield, in order, the rows of a canonical piece at which a new part begins; a 0 ends the part before."""
        from assetflow.hashing.row_values import row_values

        start = 0
        for batch in piece.to_batches(max_chunksize=WINDOW_ROWS):
            hashes, sizes = row_values(batch)
            reached = _Reached(sizes, batch.num_rows)
            for row in self._walk(reached, _candidates(hashes, sizes, self._limits.gap_bytes)):
                yield start + row
            start += batch.num_rows

    def _walk(self, reached: _Reached, candidates: list[int]) -> Iterator[int]:
        """Yield the rows of one batch that begin a part."""
        begun = 0
        for row in candidates:
            begun = yield from self._cut_full(reached, begun, row + 1)
            if self._bytes + reached.between(begun, row + 1) >= self._limits.least_bytes:
                yield row + 1
                begun = self._begin(row + 1)
        begun = yield from self._cut_full(reached, begun, reached.rows)
        self._rows += reached.rows - begun
        self._bytes += reached.between(begun, reached.rows)

    def _cut_full(self, reached: _Reached, begun: int, stop: int) -> Generator[int, None, int]:
        """Yield the rows before ``stop`` that find the part full; return where the part after them begins."""
        while (full := self._full_at(reached, begun)) < stop:
            yield full
            begun = self._begin(full)
        return begun

    def _begin(self, row: int) -> int:
        self._rows = self._bytes = 0
        return row

    def _full_at(self, reached: _Reached, begun: int) -> int:
        """Return the row that the part which goes on at ``begun`` cannot take in."""
        by_rows = begun + self._limits.most_rows - self._rows
        by_bytes = reached.first_beyond(begun, self._limits.most_bytes - self._bytes)
        empty = self._rows == 0
        return max(min(by_rows, by_bytes), begun + 1 if empty else begun)


class _Reached:
    """How many bytes the rows of a batch have, from any row to any other."""

    def __init__(self, sizes: Any, rows: int) -> None:
        import pyarrow.compute as pc

        self.rows = rows
        self._each = sizes if isinstance(sizes, int) else 0
        self._sums = None if isinstance(sizes, int) else pc.cumulative_sum(sizes)

    def between(self, start: int, stop: int) -> int:
        return self._until(stop) - self._until(start)

    def first_beyond(self, start: int, room: int) -> int:
        """Return the first row from ``start`` on with which there would be more than ``room`` bytes."""
        if self.between(start, self.rows) <= room:
            return self.rows
        most = self._until(start) + room
        return bisect_left(range(self.rows), True, lo=start, key=lambda row: self._until(row + 1) > most)

    def _until(self, row: int) -> int:
        if self._sums is None:
            return row * self._each
        return int(self._sums[row - 1].as_py()) if row else 0


def _candidates(hashes: pa.Array, sizes: Any, gap_bytes: int) -> list[int]:
    """Return the rows that may be the last of a part: each byte of a row has the same chance to make it one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    share = (2**64 - 1) // gap_bytes
    if isinstance(sizes, int):
        chances: pa.Array | pa.Scalar = pa.scalar(min(sizes * share, 2**64 - 1), pa.uint64())
    else:
        most = pa.scalar((2**64 - 1) // share, pa.uint64())
        chances = pc.multiply(pc.min_element_wise(sizes, most), pa.scalar(share, pa.uint64()))
    rows: list[int] = pc.indices_nonzero(pc.less(hashes, chances)).to_pylist()
    return rows
