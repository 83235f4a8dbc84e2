"""Owns one cheap number and the size of each row of a batch, by its canonical values alone.

However the batch is laid out, whatever lies under its nulls, and whichever rows come with it, a row has the same
number. It is good enough to choose rows by, and not to tell rows apart. Imports pyarrow: to be imported inside
functions only.
"""

from __future__ import annotations

import struct
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from assetflow.hashing.arrow_types import canonical_type, storage_of
from assetflow.hashing.canonical import canonical_pieces

_UNSIGNED = {1: pa.uint8(), 2: pa.uint16(), 4: pa.uint32(), 8: pa.uint64()}
_LENGTH_BYTES = 4
_LONG_TEXT = 32  # bytes on average; from here on it is cheaper to copy the ends of strings than all of them
_TAIL = 8

Numbers: TypeAlias = "pa.Array"
"""One uint64 per row, never null."""

Sizes: TypeAlias = Any
"""Bytes of each row: an int for all of them, or an array of one uint64 each."""


def row_values(batch: pa.RecordBatch) -> tuple[Numbers, Sizes]:
    """Return the number and the size of each row."""
    parts = [
        _column(_storage(column, field), str(position))
        for position, (column, field) in enumerate(zip(batch.columns, batch.schema, strict=True))
    ]
    numbers, sizes = _together(parts, batch.num_rows)
    return _scattered(numbers), sizes


def _storage(column: pa.Array, field: pa.Field) -> pa.Array:
    target = storage_of(canonical_type(field.type, field.name))
    pieces = list(canonical_pieces(column, target, field.name))
    return pieces[0] if len(pieces) == 1 else pa.concat_arrays(pieces)


def _together(parts: list[tuple[Numbers, Sizes]], rows: int) -> tuple[Numbers, Sizes]:
    numbers: Numbers = pa.repeat(pa.scalar(0, pa.uint64()), rows) if not parts else parts[0][0]
    for more, _ in parts[1:]:
        numbers = pc.add(numbers, more)
    sizes: Sizes = sum(size for _, size in parts if isinstance(size, int))
    for _, size in parts:
        if not isinstance(size, int):
            sizes = pc.add(size, pa.scalar(sizes, pa.uint64()) if isinstance(sizes, int) else sizes)
    return numbers, sizes


def _scattered(numbers: Numbers) -> Numbers:
    """Spread what differs in few bits over all of them."""
    folded = pc.bit_wise_xor(numbers, pc.shift_right(numbers, pa.scalar(32, pa.uint64())))
    again = _times(folded, "scattered")
    return _times(pc.bit_wise_xor(again, pc.shift_right(again, pa.scalar(29, pa.uint64()))), "again")


def _column(array: pa.Array, place: str) -> tuple[Numbers, Sizes]:
    """Return the numbers and sizes of a column or of a child; ``place`` tells it from the others."""
    is_, t = pa.types, array.type
    if not len(array):
        return _zeros(0), _zeros(0)
    if is_.is_null(t):
        return _zeros(len(array)), 0
    if is_.is_string(t) or is_.is_binary(t):
        return _texts(array, place)
    if is_.is_struct(t):
        return _struct(array, place)
    if is_.is_fixed_size_list(t):
        return _fixed_size_list(array, place)
    if is_.is_list(t) or is_.is_map(t):
        return _list(array, place)
    if is_.is_boolean(t):
        return _times(_filled(array.cast(pa.uint8()), pa.uint8()), place), 1
    width = t.bit_width // 8
    if width in _UNSIGNED:
        return _times(_filled(array, _UNSIGNED[width]), place), width
    return _valid_only(_times(_wide(array, width), place), array), width


def _times(numbers: pa.Array, place: str) -> Numbers:
    """Multiply with an odd number of the place's own, leaving out what is beyond 64 bits."""
    return pc.multiply(numbers, pa.scalar(xxhash.xxh3_64_intdigest(place.encode()) | 1, pa.uint64()))


def _zeros(rows: int) -> Numbers:
    return pa.repeat(pa.scalar(0, pa.uint64()), rows)


def _filled(array: pa.Array, plain: pa.DataType) -> pa.Array:
    """Return the bits of fixed-width values, 0 where null."""
    bits = pa.Array.from_buffers(plain, len(array), array.buffers()[:2], offset=array.offset)
    return pc.fill_null(bits, pa.scalar(0, plain)) if array.null_count else bits


def _valid_only(numbers: Numbers, array: pa.Array) -> Numbers:
    """Return 0 where ``array`` is null."""
    if not array.null_count:
        return numbers
    return pc.multiply(numbers, pc.is_valid(array).cast(pa.uint64()))


def _wide(array: pa.Array, width: int) -> pa.Array:
    """Return the first 8 bytes of values of any other width, or all there are."""
    if not width:
        return _zeros(len(array))
    start = array.offset * width
    data = array.buffers()[1].slice(start, len(array) * width)
    first = _ladder(len(array), width)
    return _words(data, first, pa.scalar(min(width, _TAIL), pa.uint64()))


def _ladder(rows: int, step: int) -> pa.Array:
    """Return 0, step, 2 * step, ..."""
    return pa.arange(0, rows * step, step).cast(pa.uint64())


def _texts(array: pa.Array, place: str) -> tuple[Numbers, Sizes]:
    """By the length and the last 8 bytes: the beginnings of urls, paths and ids are much alike."""
    lengths = pc.binary_length(array)
    if array.null_count:
        lengths = pc.fill_null(lengths, 0)
    lengths = lengths.cast(pa.uint64())
    counts = pc.min_element_wise(lengths, pa.scalar(_TAIL, pa.uint64()))
    data, ends = _ends(array, counts)
    words = _words(data, ends, counts)
    numbers = pc.add(_times(words, place), _times(lengths, place + "#"))
    return _valid_only(numbers, array), pc.add(lengths, pa.scalar(_LENGTH_BYTES, pa.uint64()))


def _ends(array: pa.Array, counts: pa.Array) -> tuple[pa.Buffer, pa.Array]:
    """Return bytes, and where in them the last (up to) 8 bytes of each string begin."""
    start, stop = _span(array)
    if stop - start > _LONG_TEXT * max(len(array), 1):
        array = pc.binary_slice(array.cast(pa.binary()), start=-_TAIL, stop=2**31 - 1)
        start, stop = _span(array)
    data = array.buffers()[2]
    ends = pa.Array.from_buffers(pa.int32(), len(array), [None, array.buffers()[1]], offset=array.offset + 1)
    first = pc.subtract(pc.subtract(ends, pa.scalar(start, pa.int32())).cast(pa.uint64()), counts)
    return (data.slice(start, stop - start) if data is not None else pa.py_buffer(b"")), first


def _words(data: pa.Buffer, first: pa.Array, counts: pa.Array | pa.Scalar) -> pa.Array:
    """Return the ``counts`` (up to 8) bytes that begin at each byte number of ``first`` as one number each.

    Two aligned words are put together: so all bytes are read at once, and none in Python.
    """
    padded = pa.py_buffer(b"".join([data, bytes(2 * _TAIL + -len(data) % _TAIL)]))
    words = pa.Array.from_buffers(pa.uint64(), len(padded) // 8, [None, padded])
    index = pc.shift_right(first, pa.scalar(3, pa.uint64()))
    shift = pc.shift_left(pc.bit_wise_and(first, pa.scalar(7, pa.uint64())), pa.scalar(3, pa.uint64()))
    low = pc.shift_right(words.take(index), shift)
    high = words.take(pc.add(index, pa.scalar(1, pa.uint64())))
    # In two steps: nothing is shifted by 64.
    rest = pc.subtract(pa.scalar(63, pa.uint64()), shift)
    both = pc.bit_wise_or(low, pc.shift_left(pc.shift_left(high, pa.scalar(1, pa.uint64())), rest))
    masks = pa.array([(1 << 8 * count) - 1 for count in range(_TAIL + 1)], pa.uint64())
    mask = masks[counts.as_py()] if isinstance(counts, pa.Scalar) else masks.take(counts)
    return pc.bit_wise_and(both, mask)


def _struct(array: pa.Array, place: str) -> tuple[Numbers, Sizes]:
    children = [_column(child, f"{place}.{position}") for position, child in enumerate(array.flatten())]
    numbers, sizes = _together(children, len(array))
    return numbers, sizes


def _fixed_size_list(array: pa.Array, place: str) -> tuple[Numbers, Sizes]:
    size = array.type.list_size
    numbers, sizes = _column(array.values.slice(array.offset * size, len(array) * size), f"{place}.")
    bounds = _ladder(len(array) + 1, size) if size else _zeros(len(array) + 1)
    whole = size * sizes if isinstance(sizes, int) else _valid_only(_sums(sizes, bounds), array)
    return _valid_only(_sums(numbers, bounds), array), whole


def _list(array: pa.Array, place: str) -> tuple[Numbers, Sizes]:
    start, stop = _span(array)
    numbers, sizes = _column(array.values.slice(start, stop - start), f"{place}.")
    offsets = pa.Array.from_buffers(
        pa.int32(), len(array) + 1, [None, array.buffers()[1]], offset=array.offset
    )
    bounds = pc.subtract(offsets, pa.scalar(start, pa.int32())).cast(pa.uint64())
    lengths = pc.subtract(bounds.slice(1), bounds.slice(0, len(array)))
    inside = (
        pc.multiply(lengths, pa.scalar(sizes, pa.uint64()))
        if isinstance(sizes, int)
        else _sums(sizes, bounds)
    )
    numbers = pc.add(_sums(numbers, bounds), _times(lengths, place))
    whole = pc.add(_valid_only(inside, array), pa.scalar(_LENGTH_BYTES, pa.uint64()))
    return _valid_only(numbers, array), whole


def _sums(numbers: pa.Array, bounds: pa.Array) -> pa.Array:
    """Return the sums between each bound and the next, leaving out what is beyond 64 bits."""
    until = pa.concat_arrays([_zeros(1), pc.cumulative_sum(numbers)]).take(bounds)
    return pc.subtract(until.slice(1), until.slice(0, len(bounds) - 1))


def _span(array: pa.Array) -> tuple[int, int]:
    """Return the first and the last of 32-bit offsets of what has rows."""
    offsets = array.buffers()[1]
    first, last = (struct.unpack_from("<i", offsets, 4 * (array.offset + i))[0] for i in (0, len(array)))
    return first, last
