"""Owns columns in a form in which DuckDB takes for equal just what assetflow does: floats, times, decimals by bits.

DuckDB has no such type as some columns have, and keeps less of others; of their bits it keeps all. Where they do not
change, no bytes are copied. Imports pyarrow: to be imported inside functions only.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from assetflow.hashing.arrow_types import canonical_type, storage_of
from assetflow.hashing.canonical import canonical_pieces

_INTEGERS = {1: pa.int8(), 2: pa.int16(), 4: pa.int32(), 8: pa.int64()}


def bits_of(table: pa.Table, prefix: str = "c") -> pa.Table:
    """Return the columns of a canonical table as bits, named ``c0``, ``c1``, ... (``prefix``, number)."""
    columns = [_column(column, field) for column, field in zip(table.columns, table.schema, strict=True)]
    return pa.table(columns, names=[f"{prefix}{number}" for number in range(len(columns))])


def _column(column: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray:
    storage = storage_of(canonical_type(field.type, field.name))
    empty = pa.nulls(0, storage)
    pieces = [_plain(piece) for chunk in column.chunks for piece in _stored(chunk, storage, field.name)]
    return pa.chunked_array(pieces or [_plain(empty)])


def _stored(chunk: pa.Array, storage: pa.DataType, name: str) -> Iterator[pa.Array]:
    return canonical_pieces(chunk, storage, name) if len(chunk) else iter(())


def _plain(array: pa.Array, *, inside: bool = False) -> pa.Array:
    """Return an array of integers, booleans, text, bytes, or of lists and structs of these, with the same identity.

    ``inside`` of lists and structs there is neither text nor bytes: as text of DuckDB's they could be mistaken.
    """
    is_, t = pa.types, array.type
    if is_.is_null(t):
        return pa.nulls(len(array), pa.bool_())
    if is_.is_string(t) or is_.is_binary(t):
        return _bytes(array) if inside else array
    if is_.is_struct(t):
        return _struct(array)
    if is_.is_fixed_size_list(t):
        return _fixed_size_list(array)
    if is_.is_list(t) or is_.is_map(t):
        return _list(array, _plain(array.values, inside=True))
    if is_.is_boolean(t):
        return array
    return _fixed_width(array, t.bit_width // 8, inside=inside)


def _fixed_width(array: pa.Array, width: int, *, inside: bool) -> pa.Array:
    if not width:
        return _validity(array)
    if width in _INTEGERS:
        return _as(array, _INTEGERS[width])
    wide = _as(array, pa.binary(width))
    return _bytes(wide.cast(pa.binary())) if inside else wide


def _as(array: pa.Array, t: pa.DataType) -> pa.Array:
    return pa.Array.from_buffers(t, len(array), array.buffers()[:2], offset=array.offset)


def _validity(array: pa.Array) -> pa.Array:
    """Return all that can be known of values without a bit: which are null."""
    valid = array.is_valid()
    return pa.array(valid.to_numpy(zero_copy_only=False), pa.bool_())


def _bytes(array: pa.Array) -> pa.Array:
    if not len(array):
        return pa.nulls(0, pa.list_(pa.uint8()))
    data = array.buffers()[2]
    size = 0 if data is None else data.size
    return _list(array, pa.Array.from_buffers(pa.uint8(), size, [None, data or pa.py_buffer(b"")]))


def _list(array: pa.Array, elements: pa.Array) -> pa.Array:
    t = pa.list_(elements.type)
    if not len(array):
        return pa.nulls(0, t)
    return pa.Array.from_buffers(t, len(array), array.buffers()[:2], offset=array.offset, children=[elements])


def _fixed_size_list(array: pa.Array) -> pa.Array:
    size = array.type.list_size
    if not size:
        return _validity(array)
    elements = _plain(array.values.slice(array.offset * size, len(array) * size), inside=True)
    offsets = pa.arange(0, (len(array) + 1) * size, size).cast(pa.int32())
    return pa.ListArray.from_arrays(offsets, elements, mask=array.is_null())


def _struct(array: pa.Array) -> pa.Array:
    count = array.type.num_fields
    if not count:
        return _validity(array)
    children = [_plain(array.field(position), inside=True) for position in range(count)]
    return pa.StructArray.from_arrays(children, names=[f"f{n}" for n in range(count)], mask=array.is_null())
