"""Owns matching the rows of two tables that are both sorted by their key: gone through once, side by side.

It finds what ``row_match`` finds by key, in less time and memory. Knows nothing of how the order is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assetflow.queries.differing import differing
from assetflow.queries.row_match import Matched
from assetflow.queries.two_tables import Reading, Rows, Side, reading

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from assetflow.queries.two_tables import Numbers

_SHORT_RUNS = 64  # rows; shorter runs of matched rows are not worth a slice each


def can_merge(side: Side, key: Sequence[str]) -> bool:
    """Say whether a key is one column of whole numbers, or of times, which are such."""
    import pyarrow as pa

    from assetflow.queries.bits import bits_of

    return len(key) == 1 and pa.types.is_integer(bits_of(side.empty.select(list(key)))["c0"].type)


def merged(
    old: Rows, new: Rows, columns: Sequence[str], key: str, most: int, connection: duckdb.DuckDBPyConnection
) -> Matched:
    """Match rows by a key that grows from each row to the next, in the pieces of either side. No key is null."""
    found = _Found([0] * len(columns), most)
    with reading() as each:
        olds, news = (_Waiting(_stretches(rows, columns, key, each)) for rows in (old, new))
        while last := [keys[-1] for keys in (olds.keys(), news.keys()) if len(keys)]:
            found.add(olds.take(min(last)), news.take(min(last)), connection)
    return found.matched()


@dataclass(frozen=True)
class _Stretch:
    """Rows of one piece: their bits, their keys, and the numbers that they have in their table."""

    bits: pa.Table
    keys: Numbers
    numbers: Numbers

    def slice(self, start: int, stop: int) -> _Stretch:
        return _Stretch(self.bits.slice(start, stop - start), self.keys[start:stop], self.numbers[start:stop])


class _Waiting:
    """The rows of one table that were not matched yet."""

    def __init__(self, stretches: Iterator[_Stretch]) -> None:
        self._first = next(stretches)
        self._rest = stretches

    def keys(self) -> Numbers:
        """Return the keys of the next rows; none at the end."""
        while not len(self._first.keys) and (more := next(self._rest, None)) is not None:
            self._first = more
        return self._first.keys

    def take(self, last: int) -> _Stretch:
        """Return the next rows, up to a key."""
        import numpy as np

        stop = int(np.searchsorted(self._first.keys, last, "right"))
        taken = self._first.slice(0, stop)
        self._first = self._first.slice(stop, len(self._first.keys))
        return taken


@dataclass
class _Found:
    """What was found so far."""

    cells: list[int]
    most: int
    added: int = 0
    removed: int = 0
    changed: int = 0
    first_added: list[int] = field(default_factory=list)
    first_removed: list[int] = field(default_factory=list)
    first_changed: list[tuple[int, int]] = field(default_factory=list)

    def add(self, old: _Stretch, new: _Stretch, connection: duckdb.DuckDBPyConnection) -> None:
        """Compare rows whose keys are in no other stretches."""
        in_old, in_new = _common(old.keys, new.keys)
        added, removed = _without(new.numbers, in_new), _without(old.numbers, in_old)
        self.added += len(added)
        self.removed += len(removed)
        self.first_added += added[: self.most - len(self.first_added)].tolist()
        self.first_removed += removed[: self.most - len(self.first_removed)].tolist()
        rows, flags = differing(*_side_by_side(old.bits, in_old, new.bits, in_new), connection)
        self.changed += len(rows)
        self.cells = [count + int(flag.sum()) for count, flag in zip(self.cells, flags, strict=True)]
        first = rows[: self.most - len(self.first_changed)]
        pairs = zip(old.numbers[in_old[first]].tolist(), new.numbers[in_new[first]].tolist(), strict=True)
        self.first_changed += pairs

    def matched(self) -> Matched:
        """Return all of it."""
        return Matched(
            self.added,
            self.removed,
            self.changed,
            tuple(self.cells),
            tuple(self.first_added),
            tuple(self.first_removed),
            tuple(self.first_changed),
        )


def _stretches(rows: Rows, columns: Sequence[str], key: str, each: Reading) -> Iterator[_Stretch]:
    """Yield the rows of each piece, in order; at least one stretch, if an empty one."""
    import numpy as np

    from assetflow.queries.bits import bits_of

    place = list(columns).index(key)

    def stretch(piece: pa.Table, start: int) -> _Stretch:
        bits = bits_of(piece)
        keys = bits.column(place).to_numpy().astype(np.int64)
        return _Stretch(bits, keys, np.arange(start, start + len(keys), dtype=np.int64))

    side = rows.side
    yield stretch(side.empty.select(list(columns)), 0)
    yield from each(
        lambda number: stretch(side.piece(number, columns), side.starts[number]),
        [number for number, _ in rows.pieces],
    )


def _common(old: Numbers, new: Numbers) -> tuple[Numbers, Numbers]:
    """Return the places of the keys that both have, in each of them."""
    import numpy as np

    if len(old) == len(new) and np.array_equal(old, new):
        both = np.arange(len(old), dtype=np.int64)
        return both, both
    places = np.searchsorted(new, old)
    is_found = np.zeros(len(old), np.bool_)
    inside = places < len(new)
    is_found[inside] = new[places[inside]] == old[inside]
    return np.flatnonzero(is_found), places[is_found]


def _without(numbers: Numbers, places: Numbers) -> Numbers:
    import numpy as np

    if len(places) == len(numbers):
        return numbers[:0]
    is_left = np.ones(len(numbers), np.bool_)
    is_left[places] = False
    return numbers[is_left]


def _side_by_side(
    old: pa.Table, in_old: Numbers, new: pa.Table, in_new: Numbers
) -> tuple[pa.Table, pa.Table]:
    """Return the rows at these places. Rows that follow each other in both tables are not copied."""
    import numpy as np
    import pyarrow as pa

    ends = np.flatnonzero((np.diff(in_old) != 1) | (np.diff(in_new) != 1)) + 1
    if len(ends) * _SHORT_RUNS > len(in_old):
        return old.take(pa.array(in_old)), new.take(pa.array(in_new))
    starts = [0, *ends.tolist()] if len(in_old) else []
    lengths = np.diff([*starts, len(in_old)]).tolist()

    def runs(table: pa.Table, places: Numbers) -> pa.Table:
        slices = [
            table.slice(int(places[start]), length) for start, length in zip(starts, lengths, strict=True)
        ]
        return pa.concat_tables(slices or [table.slice(0, 0)])

    return runs(old, in_old), runs(new, in_new)
