"""Owns which tables Parquet can hold without changing them; the others are stored as Arrow IPC.

Parquet has no type for intervals and durations (it would show a bare number to every other reader), for
fixed binary and fixed lists of size 0, for structs without fields or with two fields of one name, for
decimals with a negative scale. It holds timestamp[s], time32[s] and date64 in another unit: as they are, as
long as the values fit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assetflow.hashing.arrow_types import storage_of

if TYPE_CHECKING:
    import pyarrow as pa

_SECONDS_PER_DAY = 86_400
_MILLISECONDS_PER_DAY = 86_400_000
_MOST_SECONDS = (2**63 - 1) // 1000


def fits_parquet(table: pa.Table) -> bool:
    """Whether a canonical table survives Parquet with every value."""
    if table.num_columns == 0 or not all(_type_fits(field.type) for field in table.schema):
        return False
    doubtful = [name for name in table.column_names if _changes_unit(table.schema.field(name).type)]
    return all(_values_fit(leaf) for name in doubtful for leaf in _leaves_of(table[name], name))


def schema_fits_parquet(schema: pa.Schema) -> bool:
    """Whether every canonical table of this schema survives Parquet, whatever its values."""
    return bool(schema.names) and all(_type_fits(t) and not _changes_unit(t) for t in schema.types)


def _type_fits(t: pa.DataType) -> bool:
    import pyarrow as pa

    is_ = pa.types
    if is_.is_interval(t) or is_.is_duration(t):
        return False
    if is_.is_fixed_size_binary(t):
        return bool(t.byte_width > 0)
    if is_.is_decimal(t):
        return bool(0 <= t.scale <= t.precision)
    if is_.is_fixed_size_list(t) and t.list_size == 0:
        return False
    if is_.is_struct(t):
        names = [t.field(position).name for position in range(t.num_fields)]
        if not names or len(set(names)) < len(names):
            return False
    return all(_type_fits(child) for child in _children(t))


def _changes_unit(t: pa.DataType) -> bool:
    import pyarrow as pa

    is_ = pa.types
    if is_.is_date64(t) or ((is_.is_timestamp(t) or is_.is_time32(t)) and t.unit == "s"):
        return True
    return any(_changes_unit(child) for child in _children(t))


def _children(t: pa.DataType) -> list[pa.DataType]:
    import pyarrow as pa

    if isinstance(t, pa.BaseExtensionType):
        return [t.storage_type]
    return [t.field(position).type for position in range(t.num_fields)]


def _leaves_of(column: pa.ChunkedArray, name: str) -> Iterator[pa.Array]:
    from assetflow.hashing.canonical import canonical_pieces

    storage = storage_of(column.type)
    for chunk in column.chunks:
        for piece in canonical_pieces(chunk, storage, name):
            yield from _leaves(piece)


def _leaves(array: pa.Array) -> Iterator[pa.Array]:
    """Yield the arrays of values whose unit Parquet changes, without those under a null."""
    import pyarrow as pa

    t = array.type
    if not _changes_unit(t):
        return
    if pa.types.is_struct(t):
        for child in array.flatten():
            yield from _leaves(child)
    elif t.num_fields:
        yield from _leaves(_elements(array.drop_null() if array.null_count else array))
    else:
        yield array


def _elements(array: pa.Array) -> pa.Array:
    """Return the elements of lists without nulls, end to end: Arrow's ``flatten`` fails on some types."""
    import pyarrow as pa

    t = array.type
    if pa.types.is_fixed_size_list(t):
        return array.values.slice(array.offset * t.list_size, len(array) * t.list_size)
    if pa.types.is_map(t):
        array = array.view(pa.list_(pa.struct([t.key_field, t.item_field])))
    start, stop = (array.offsets[0].as_py(), array.offsets[-1].as_py()) if len(array) else (0, 0)
    return array.values.slice(start, stop - start)


def _values_fit(leaf: pa.Array) -> bool:
    import pyarrow as pa
    import pyarrow.compute as pc

    t = leaf.type
    values = leaf.view(pa.int32() if pa.types.is_time32(t) else pa.int64())
    if pa.types.is_date64(t):
        days = pc.divide(values, _MILLISECONDS_PER_DAY)
        return pc.all(pc.equal(pc.multiply(days, _MILLISECONDS_PER_DAY), values)).as_py() is not False
    most = _SECONDS_PER_DAY if pa.types.is_time32(t) else _MOST_SECONDS
    inside = pc.and_(pc.greater_equal(values, -most), pc.less_equal(values, most))
    return pc.all(inside).as_py() is not False
