"""Owns how alike two contents are: the same rows in another order, floats that differ by rounding, or what else.

Knows nothing of which came first, or of where they come from. Imports what it compares with inside functions.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from assetflow.frames.arrays import array_words, differing_elements
from assetflow.frames.content import Content
from assetflow.frames.value_trees import tree_changes

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

MOST_ULPS = {8: 1 << 20, 4: 1 << 8, 2: 1 << 3}
"""By the bytes of a float, how many steps apart two may be to be the same but for rounding: 2e-10, 3e-5, 1e-2 of it."""


@dataclass(frozen=True)
class Likeness:
    """How the second of two contents differs from the first.

    ``reordered``: a table's rows are the same, or pair up, in another order. ``columns``: those that differ (of a
    value: the places in it). ``rows``: how many rows differ, None where they cannot be paired. ``ulps``: how far
    apart the floats are at most, where nothing else differs. ``detail``: what else there is to say.
    """

    kind: Literal["identical", "order", "floats", "differs"]
    reordered: bool = False
    columns: tuple[str, ...] = ()
    rows: int | None = None
    ulps: int | None = None
    detail: str = ""


IDENTICAL = Likeness("identical")


def likeness(first: Content, second: Content) -> Likeness:
    """Compare two contents. Of tables, both must be in memory."""
    if first.kind != second.kind:
        return Likeness("differs", detail=f"{second.kind}, was {first.kind}")
    if first.kind == "table":
        return _tables(first.data, second.data)
    if first.kind == "value":
        return _values(json.loads(first.data), json.loads(second.data))
    if first.kind == "numpy":
        return _arrays(first.data, second.data)
    if first.kind == "files":
        return Likeness("differs", detail="its files")
    return Likeness("differs", detail=f"{len(second.data):,} long, was {len(first.data):,}")


def ulps_apart(first: float, second: float) -> int:
    """Return how many floats lie between two finite ones, the second counted: 0 for the same (and for 0.0, -0.0)."""
    return abs(_place(first) - _place(second))


def _place(number: float) -> int:
    bits: int = struct.unpack("<q", struct.pack("<d", number))[0]
    return bits if bits >= 0 else -(bits & 0x7FFF_FFFF_FFFF_FFFF)


def _tables(first: pa.Table, second: pa.Table) -> Likeness:
    schema = _schema_words(first.schema, second.schema)
    if schema:
        return Likeness("differs", columns=tuple(schema), detail="; ".join(schema.values()))
    if first.num_rows != second.num_rows:
        return Likeness("differs", detail=f"{second.num_rows:,} rows, was {first.num_rows:,}")
    return _Pair(first, second).likeness()


def _schema_words(first: pa.Schema, second: pa.Schema) -> dict[str, str]:
    """Say by column what differs in two schemas."""
    before, after = (dict(zip(schema.names, schema.types, strict=True)) for schema in (first, second))
    words = {name: f"{name} is gone" for name in before if name not in after}
    words |= {name: f"{name} is new" for name in after if name not in before}
    words |= {
        name: f"{name} is {after[name]}, was {before[name]}"
        for name in before
        if name in after and before[name] != after[name]
    }
    if not words and first.names != second.names:
        return dict.fromkeys(second.names, "the order of the columns")
    return words


class _Pair:
    """Two tables with the same columns and as many rows, each cell a number: equal numbers are equal cells."""

    def __init__(self, first: pa.Table, second: pa.Table) -> None:
        import numpy as np

        self._np = np
        self._tables = first, second
        self._rows = first.num_rows
        self._codes = {name: _codes(first.column(name), second.column(name)) for name in first.column_names}

    def likeness(self) -> Likeness:
        np = self._np
        moved = [name for name, (one, other) in self._codes.items() if not np.array_equal(one, other)]
        if not moved:
            return IDENTICAL
        changed = [name for name in moved if not self._same_values(name)]
        if len(changed) < len(moved):
            orders = self._orders([name for name in self._codes if name not in changed], changed)
            if orders is not None:
                return self._judged(changed, orders, reordered=True)
        unmoved = np.arange(self._rows)
        return self._judged(moved, (unmoved, unmoved), reordered=False)

    def _same_values(self, name: str) -> bool:
        one, other = self._codes[name]
        return bool(self._np.array_equal(self._np.sort(one), self._np.sort(other)))

    def _orders(self, same: Sequence[str], changed: Sequence[str]) -> tuple[np.ndarray, np.ndarray] | None:
        """Return an order of each table's rows in which the columns ``same`` are equal; None where there is none.

        Rows that these columns do not tell apart are put in order by the floats that differ: the nearest come together.
        """
        np = self._np
        orders = []
        for which in (0, 1):
            ties = [self._floats(name, which) for name in reversed(changed) if self._is_float(name)]
            keys = [*ties, *(self._codes[name][which] for name in reversed(same))]
            orders.append(np.lexsort(keys))
        one, other = orders
        paired = all(np.array_equal(self._codes[name][0][one], self._codes[name][1][other]) for name in same)
        return (one, other) if paired else None

    def _judged(
        self, names: Sequence[str], orders: tuple[np.ndarray, np.ndarray], *, reordered: bool
    ) -> Likeness:
        """Say how the columns ``names`` differ when the rows are taken in ``orders``."""
        np = self._np
        differing = np.zeros(self._rows, dtype=bool)
        columns, ulps = [], []
        for name in names:
            one, other = (self._codes[name][which][orders[which]] for which in (0, 1))
            differs = one != other
            if differs.any():
                columns.append(name)
                differing |= differs
                ulps.append(self._ulps(name, orders, differs))
        if not columns:
            return Likeness("order", reordered=True)
        near = [number for number in ulps if number is not None]
        return Likeness(
            "floats" if len(near) == len(columns) else "differs",
            reordered=reordered,
            columns=tuple(columns),
            rows=int(differing.sum()),
            ulps=max(near) if len(near) == len(columns) else None,
        )

    def _ulps(self, name: str, orders: tuple[np.ndarray, np.ndarray], differs: np.ndarray) -> int | None:
        """Return how far apart the floats of a column are at most; None for other columns, and for too far."""
        if not self._is_float(name):
            return None
        np = self._np
        one, other = (self._floats(name, which)[orders[which]][differs] for which in (0, 1))
        if not (np.isfinite(one).all() and np.isfinite(other).all()):
            return None
        furthest = _furthest(one, other)
        return furthest if furthest <= MOST_ULPS[one.dtype.itemsize] else None

    def _is_float(self, name: str) -> bool:
        import pyarrow as pa

        return bool(pa.types.is_floating(self._tables[0].schema.field(name).type))

    def _floats(self, name: str, which: int) -> np.ndarray:
        """Return a column of floats; NaN where null."""
        column = self._tables[which].column(name)
        found: np.ndarray = column.to_numpy(zero_copy_only=False)
        return found


def _furthest(first: np.ndarray, second: np.ndarray) -> int:
    """Return how many floats lie at most between two arrays of finite floats."""
    import numpy as np

    places = []
    for array in (first, second):
        width = array.dtype.itemsize
        bits = np.ascontiguousarray(array).view(f"i{width}").astype(np.int64)
        magnitude = bits & np.int64((1 << (8 * width - 1)) - 1)
        places.append(np.where(bits < 0, -magnitude, magnitude))
    one, other = places
    # The places of doubles of different signs may be further apart than an int64 counts.
    apart = np.where(one > other, one, other).astype(np.uint64) - np.where(one > other, other, one).astype(
        np.uint64
    )
    return int(apart.max()) if apart.size else 0


def _codes(first: pa.ChunkedArray, second: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
    """Return one number for each cell of two columns; equal numbers are equal cells, floats by their bits."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    chunks = [_countable(chunk) for chunk in (*first.chunks, *second.chunks)]
    kind = chunks[0].type if chunks else first.type
    encoded = pc.dictionary_encode(pa.chunked_array(chunks, kind), null_encoding="encode")
    indices = [chunk.indices.to_numpy(zero_copy_only=False) for chunk in encoded.chunks]
    codes = np.concatenate(indices) if indices else np.zeros(0, dtype=np.int32)
    return codes[: len(first)], codes[len(first) :]


def _countable(array: pa.Array) -> pa.Array:
    """Return an array that Arrow can number the values of: bits for floats, texts for what is nested."""
    import pyarrow as pa

    if pa.types.is_floating(array.type):
        bits = {2: pa.uint16(), 4: pa.uint32(), 8: pa.uint64()}[array.type.bit_width // 8]
        return pa.Array.from_buffers(bits, len(array), array.buffers(), offset=array.offset)
    if pa.types.is_nested(array.type):
        return pa.array([None if cell is None else repr(cell) for cell in array.to_pylist()], pa.string())
    return array


def _values(first: Any, second: Any) -> Likeness:
    """Compare the trees of two values leaf by leaf; where both have a float there, by how far apart they are."""
    changes = [*tree_changes(first, second)]
    if not changes:
        return IDENTICAL
    places = tuple(change.path or "the value" for change in changes)
    if not all(isinstance(change.old, float) and isinstance(change.new, float) for change in changes):
        return Likeness("differs", columns=places)
    furthest = max(ulps_apart(change.old, change.new) for change in changes)
    if furthest > MOST_ULPS[8]:
        return Likeness("differs", columns=places)
    return Likeness("floats", columns=places, ulps=furthest)


def _arrays(first: np.ndarray, second: np.ndarray) -> Likeness:
    import numpy as np

    differs = differing_elements(first, second)
    if differs is None:
        return Likeness("differs", detail=f"{array_words(second)}, was {array_words(first)}")
    if not differs.any():
        return Likeness("differs", detail="in nothing but the bits of its NaNs")
    one, other = (array.ravel()[differs] for array in (first, second))
    if first.dtype.kind == "f" and np.isfinite(one).all() and np.isfinite(other).all():
        furthest = _furthest(one, other)
        if furthest <= MOST_ULPS[first.dtype.itemsize]:
            return Likeness("floats", ulps=furthest)
    return Likeness("differs", detail=f"{int(differs.sum()):,} of {differs.size:,} elements")
