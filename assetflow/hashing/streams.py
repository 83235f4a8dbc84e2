"""Owns the streams of ``column/1``: which bytes of a canonical column are hashed, and in which order.

A column is a tree of nodes, one per type in its type; each node feeds its own streams chunk by chunk, so that
memory is bounded and chunking cannot matter. Knows nothing of names and tables, and no type that is not
canonical. Imports pyarrow: to be imported inside functions only.
"""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from collections.abc import Iterator
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from assetflow.hashing.arrow_types import storage_of, type_text
from assetflow.hashing.canonical import canonical_pieces
from assetflow.hashing.digest import Digest

_WINDOW_ROWS = 262_144  # few enough to stay in the cache between passes, enough to keep threads apart
_UNSIGNED = {1: pa.uint8(), 2: pa.uint16(), 4: pa.uint32(), 8: pa.uint64()}
_FEW = 10  # fewer nulls than one in so many are filled one by one
_BLOCK_ROWS = 65_536


class ColumnStreams:
    """The streams of one column, whose canonical type is ``canonical``. ``name`` serves errors alone.

    Extensions enter by name in the type alone: not all of Arrow's functions know how to handle their arrays.
    """

    def __init__(self, name: str, canonical: pa.DataType) -> None:
        self.name = name
        self._type_text = type_text(canonical)
        self._storage = storage_of(canonical)
        self._root = _node(self._storage)

    def feed(self, array: pa.Array) -> None:
        """Append the values of an array whose canonical type is the column's."""
        for start in range(0, len(array), _WINDOW_ROWS):
            for piece in canonical_pieces(array.slice(start, _WINDOW_ROWS), self._storage, self.name):
                self._root.feed(piece)

    def hexdigest(self) -> str:
        """Return the ``column/1`` hash of all that was fed so far."""
        return Digest("column/1").add(self._type_text, *self._root.digests()).hexdigest()


def _node(t: pa.DataType) -> _Node:
    is_ = pa.types
    if is_.is_null(t):
        return _AllNull()
    if is_.is_string(t) or is_.is_binary(t):
        return _VariableWidth()
    if is_.is_struct(t):
        return _Struct([_node(t.field(i).type) for i in range(t.num_fields)])
    if is_.is_fixed_size_list(t):
        return _FixedSizeList(_node(t.value_type))
    if is_.is_list(t):
        return _List(_node(t.value_type))
    if is_.is_map(t):
        return _List(_node(pa.struct([t.key_field, t.item_field])))
    return _FixedWidth(1 if is_.is_boolean(t) else t.bit_width // 8)


class _Node(ABC):
    """What all nodes share: the stream of the row numbers that are null, counted from the first row fed."""

    def __init__(self) -> None:
        self._rows = 0
        self._nulls = xxhash.xxh3_128()

    def feed(self, array: pa.Array) -> None:
        if array.null_count:
            for numbers in _null_rows(array, self._rows):
                self._nulls.update(_raw(numbers, 8))
        self._rows += len(array)
        self.feed_values(array)

    @abstractmethod
    def feed_values(self, array: pa.Array) -> None: ...

    def digests(self) -> Iterator[bytes]:
        yield self._nulls.digest()


class _AllNull(_Node):
    """The null type: its row count says all."""

    def feed_values(self, array: pa.Array) -> None:
        pass

    def digests(self) -> Iterator[bytes]:
        yield from ()


class _FixedWidth(_Node):
    """The values' bytes in order, with null slots zeroed."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self._width = width
        self._values = xxhash.xxh3_128()

    def feed_values(self, array: pa.Array) -> None:
        if pa.types.is_boolean(array.type):
            array = array.cast(pa.uint8())
        self._values.update(_raw(_with_zeros(array, self._width), self._width))

    def digests(self) -> Iterator[bytes]:
        yield from super().digests()
        yield self._values.digest()


class _VariableWidth(_Node):
    """Lengths in bytes as one stream, the bytes as another; a null has length 0."""

    def __init__(self) -> None:
        super().__init__()
        self._lengths = xxhash.xxh3_128()
        self._bytes = xxhash.xxh3_128()

    def feed_values(self, array: pa.Array) -> None:
        lengths = _with_zeros(pc.binary_length(array), 4)
        self._lengths.update(_raw(lengths, 4))
        self._bytes.update(_text_bytes(array, lengths))

    def digests(self) -> Iterator[bytes]:
        yield from super().digests()
        yield self._lengths.digest()
        yield self._bytes.digest()


class _Struct(_Node):
    """Its own nulls, then each child with those nulls applied."""

    def __init__(self, children: list[_Node]) -> None:
        super().__init__()
        self._children = children

    def feed_values(self, array: pa.Array) -> None:
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

    def feed_values(self, array: pa.Array) -> None:
        size = array.type.list_size
        valid = array.drop_null() if array.null_count else array
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

    def feed_values(self, array: pa.Array) -> None:
        lengths = pc.subtract(array.offsets.slice(1), array.offsets.slice(0, len(array)))
        if array.null_count:
            lengths = pc.if_else(pc.is_valid(array), lengths, pa.scalar(0, pa.int32()))
        self._lengths.update(_raw(lengths, 4))
        self._element.feed(_elements(array, lengths))

    def digests(self) -> Iterator[bytes]:
        yield from super().digests()
        yield self._lengths.digest()
        yield from self._element.digests()


def _raw(array: pa.Array, width: int) -> pa.Buffer | bytes:
    """Return the bytes of the values of fixed ``width`` as they lie in memory, without a copy."""
    length = len(array) * width
    return array.buffers()[1].slice(array.offset * width, length) if length else b""


def _with_zeros(array: pa.Array, width: int) -> pa.Array:
    """Return values of fixed ``width`` with all bits zero where null, as unsigned integers or as plain bytes.

    Filling costs with each null, multiplying with 0 or 1 costs the same for all: the faster one is taken.
    """
    if not array.null_count or not width:
        return array
    plain = _UNSIGNED.get(width) or pa.binary(width)
    same_bits = pa.Array.from_buffers(plain, len(array), array.buffers(), offset=array.offset)
    if width not in _UNSIGNED:
        return pc.fill_null(same_bits, pa.scalar(bytes(width), plain))
    if array.null_count * _FEW < len(array):
        return pc.fill_null(same_bits, 0)
    unmasked = pa.Array.from_buffers(plain, len(array), [None, array.buffers()[1]], offset=array.offset)
    return pc.multiply(unmasked, pc.is_valid(array).cast(plain))


def _null_rows(array: pa.Array, first: int) -> Iterator[pa.Array]:
    """Yield the numbers, ascending, of the rows that are null, the array's first row being ``first``."""
    is_null = pc.is_null(array)
    for start in range(0, len(array), _BLOCK_ROWS):
        block = is_null.slice(start, _BLOCK_ROWS)
        numbers = _row_numbers().slice(0, len(block)).filter(block)
        yield pc.add(numbers, pa.scalar(first + start, pa.uint64()))


@cache
def _row_numbers() -> pa.Array:
    """Return 0, 1, 2, ...: to filter them is twice as fast as to ask for the indices of a mask."""
    return pa.array(range(_BLOCK_ROWS), pa.uint64())


def _text_bytes(array: pa.Array, lengths: pa.Array) -> pa.Buffer | bytes:
    """Return the bytes of all strings, end to end: in place, unless a null hides some between them."""
    start, stop = _span(array)
    if array.null_count and pc.sum(lengths).as_py() != stop - start:
        array = array.drop_null()
        start, stop = _span(array)
    return array.buffers()[2].slice(start, stop - start) if stop > start else b""


def _elements(array: pa.ListArray, lengths: pa.Array) -> pa.Array:
    """Return the elements of all lists, end to end: in place, unless a null hides some between them.

    ``flatten`` will not do: Arrow has it not for all types of elements.
    """
    start, stop = _span(array)
    if array.null_count and pc.sum(lengths).as_py() != stop - start:
        array = array.drop_null()
        start, stop = _span(array)
    return array.values.slice(start, stop - start)


def _span(array: pa.Array) -> tuple[int, int]:
    """Return the first and the last of 32-bit offsets."""
    if not len(array):
        return 0, 0
    offsets = array.buffers()[1]
    return tuple(struct.unpack_from("<i", offsets, 4 * (array.offset + i))[0] for i in (0, len(array)))
