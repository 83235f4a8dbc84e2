"""Owns the streams of ``column/1``: which bytes of a canonical column are hashed, and in which order.

A column is a tree of nodes, one per type in its type; each node feeds its own streams chunk by chunk, so that
memory is bounded and chunking cannot matter. Knows nothing of names and tables, and no type that is not
canonical. Imports numpy and pyarrow: to be imported inside functions only.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import xxhash

from assetflow.hashing.arrow_types import storage_of, type_text
from assetflow.hashing.buffers import Array, boolean_values, fixed_values, null_rows, offsets
from assetflow.hashing.canonical import canonical_pieces
from assetflow.hashing.digest import Digest

# What is looked at more than once is gone through in windows that stay in a core's cache between the passes.
_WINDOW_ROWS = 65_536
_WINDOW_BYTES = 524_288
_CONVERTED_ROWS = 262_144
_NAN_BITS = {2: 0x7E00, 4: 0x7FC0_0000, 8: 0x7FF8_0000_0000_0000}


class ColumnStreams:
    """The streams of one column, whose canonical type is ``canonical``.

    Extensions enter by name in the type alone: not all of Arrow's functions know how to handle their arrays.

    Args:
        name: of the column, for errors alone.
        canonical: its canonical type.
        one_nan: whether NaNs among what is fed are the one NaN already, so that none is looked for.
    """

    def __init__(self, name: str, canonical: pa.DataType, *, one_nan: bool = False) -> None:
        self.name = name
        self._type_text = type_text(canonical)
        self._storage = storage_of(canonical)
        self._root = _node(self._storage, one_nan)

    def feed(self, array: pa.Array) -> None:
        """Append the values of an array whose canonical type is the column's."""
        if array.type.equals(self._storage):
            self._root.feed(array)
            return
        for start in range(0, len(array), _CONVERTED_ROWS):
            for piece in canonical_pieces(array.slice(start, _CONVERTED_ROWS), self._storage, self.name):
                self._root.feed(piece)

    def hexdigest(self) -> str:
        """Return the ``column/1`` hash of all that was fed so far."""
        return Digest("column/1").add(self._type_text, *self._root.digests()).hexdigest()


def _node(t: pa.DataType, one_nan: bool) -> _Node:
    is_ = pa.types
    if is_.is_null(t):
        return _AllNull()
    if is_.is_string(t) or is_.is_binary(t):
        return _VariableWidth()
    if is_.is_struct(t):
        return _Struct([_node(t.field(i).type, one_nan) for i in range(t.num_fields)])
    if is_.is_fixed_size_list(t):
        return _FixedSizeList(_node(t.value_type, one_nan))
    if is_.is_list(t):
        return _List(_node(t.value_type, one_nan))
    if is_.is_map(t):
        return _List(_node(pa.struct([t.key_field, t.item_field]), one_nan))
    if is_.is_boolean(t):
        return _Booleans(width=1)
    width = t.bit_width // 8
    return _Floats(width) if is_.is_floating(t) and not one_nan else _FixedWidth(width)


class _Node(ABC):
    """What all nodes share: the stream of the row numbers that are null, counted from the first row fed."""

    in_place = False
    """Whether rows without a null are hashed as they lie in memory, and so any number of them at once."""

    def __init__(self) -> None:
        self._rows = 0
        self._nulls = xxhash.xxh3_128()

    def feed(self, array: pa.Array) -> None:
        at_once = len(array) if self.in_place and not array.null_count else self.window_rows()
        for start in range(0, len(array), max(at_once, 1)):
            window = array.slice(start, at_once)
            nulls = null_rows(window)
            if nulls is not None:
                self._nulls.update((nulls + self._rows).data)
            self._rows += len(window)
            self.feed_values(window, nulls)

    def window_rows(self) -> int:
        return _WINDOW_ROWS

    @abstractmethod
    def feed_values(self, array: pa.Array, nulls: Array | None) -> None:
        """Append the values of an array that is not empty; ``nulls``: which of its rows are null."""

    def digests(self) -> Iterator[bytes]:
        yield self._nulls.digest()


class _AllNull(_Node):
    """The null type: its row count says all."""

    def feed(self, array: pa.Array) -> None:
        pass

    def feed_values(self, array: pa.Array, nulls: Array | None) -> None:
        pass

    def digests(self) -> Iterator[bytes]:
        yield from ()


class _FixedWidth(_Node):
    """The values' bytes in order, with null slots zeroed."""

    in_place = True

    def __init__(self, width: int) -> None:
        super().__init__()
        self._width = width
        self._values = xxhash.xxh3_128()

    def window_rows(self) -> int:
        return min(_WINDOW_ROWS, max(_WINDOW_BYTES // max(self._width, 1), 1))

    def feed_values(self, array: pa.Array, nulls: Array | None) -> None:
        if self._width:
            self._values.update(_with_zeros(fixed_values(array, self._width), nulls).data)

    def digests(self) -> Iterator[bytes]:
        yield from super().digests()
        yield self._values.digest()


class _Floats(_FixedWidth):
    """Every NaN is the one NaN."""

    in_place = False

    def feed_values(self, array: pa.Array, nulls: Array | None) -> None:
        bits = _with_zeros(fixed_values(array, self._width), nulls)
        values = bits.view(f"f{self._width}")
        if np.isnan(values.max()):  # to ask for the greatest is the fastest way to find a NaN
            bits = np.where(np.isnan(values), bits.dtype.type(_NAN_BITS[self._width]), bits)
        self._values.update(bits.data)


class _Booleans(_FixedWidth):
    """One byte each."""

    in_place = False

    def feed_values(self, array: pa.Array, nulls: Array | None) -> None:
        self._values.update(_with_zeros(boolean_values(array), nulls).data)


class _VariableWidth(_Node):
    """Lengths in bytes as one stream, the bytes as another; a null has length 0."""

    def __init__(self) -> None:
        super().__init__()
        self._lengths = xxhash.xxh3_128()
        self._bytes = xxhash.xxh3_128()

    def feed_values(self, array: pa.Array, nulls: Array | None) -> None:
        lengths, shown, start, stop = _lengths(array, nulls)
        self._lengths.update(lengths.data)
        if stop > start:
            self._bytes.update(shown.buffers()[2].slice(start, stop - start))

    def digests(self) -> Iterator[bytes]:
        yield from super().digests()
        yield self._lengths.digest()
        yield self._bytes.digest()


class _Struct(_Node):
    """Its own nulls, then each child with those nulls applied."""

    def __init__(self, children: list[_Node]) -> None:
        super().__init__()
        self._children = children

    def feed_values(self, array: pa.Array, nulls: Array | None) -> None:
        del nulls  # ``flatten`` applies them
        for child, values in zip(self._children, array.flatten(), strict=True):
            child.feed(values)

    def digests(self) -> Iterator[bytes]:
        yield from super().digests()
        for child in self._children:
            yield from child.digests()


class _FixedSizeList(_Node):
    """The elements of the lists that are not null."""

    def __init__(self, element: _Node) -> None:
        super().__init__()
        self._element = element

    def feed_values(self, array: pa.Array, nulls: Array | None) -> None:
        size = array.type.list_size
        valid = array if nulls is None else array.drop_null()
        self._element.feed(valid.values.slice(valid.offset * size, len(valid) * size))

    def digests(self) -> Iterator[bytes]:
        yield from super().digests()
        yield from self._element.digests()


class _List(_Node):
    """Lengths in elements, then the elements of the lists that are not null; a null has length 0.

    A map is a list of entries.
    """

    def __init__(self, element: _Node) -> None:
        super().__init__()
        self._lengths = xxhash.xxh3_128()
        self._element = element

    def feed_values(self, array: pa.Array, nulls: Array | None) -> None:
        lengths, shown, start, stop = _lengths(array, nulls)
        self._lengths.update(lengths.data)
        self._element.feed(shown.values.slice(start, stop - start))  # Arrow cannot flatten lists of all types

    def digests(self) -> Iterator[bytes]:
        yield from super().digests()
        yield self._lengths.digest()
        yield from self._element.digests()


def _with_zeros(values: Array, nulls: Array | None) -> Array:
    """Return the values with all bits zero where null: a copy where there is a null."""
    if nulls is None:
        return values
    zeroed = values.copy()
    zeroed[nulls] = np.zeros((), values.dtype)
    return zeroed


def _lengths(array: pa.Array, nulls: Array | None) -> tuple[Array, pa.Array, int, int]:
    """Return the length of each string or list, 0 for a null, and where all they hold lies end to end.

    That is from ``start`` to ``stop`` of what the array ``shown`` points at: the array itself, unless a null hides
    something between the others.
    """
    bounds = offsets(array)
    lengths = np.diff(bounds)
    if nulls is not None and lengths[nulls].any():
        lengths[nulls] = 0
        array = array.drop_null()
        bounds = offsets(array) if len(array) else np.zeros(1, "i4")
    return lengths, array, int(bounds[0]), int(bounds[-1])
