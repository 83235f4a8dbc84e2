"""Owns the order of rows (``sort_by``) and the rounding of numbers (``round``) before a table is hashed.

A total order that depends on values alone: nulls last, NaN before nulls, -0.0 before 0.0, strings by
their bytes, ties broken by all other columns. Columns that Arrow cannot order (nested, intervals,
extensions) are ordered by the hash of their cells. Expects canonical tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from assetflow.errors import DataError
from assetflow.hashing.tables import hash_table
from assetflow.keys import did_you_mean

if TYPE_CHECKING:
    import pyarrow as pa

_SIGN_BITS = {16: 0x7FFF, 32: 0x7FFF_FFFF, 64: 0x7FFF_FFFF_FFFF_FFFF}


def sort_rows(table: pa.Table, sort_by: Sequence[str]) -> pa.Table:
    """Return the rows ordered by the named columns, ties broken by all others.

    Raises DataError for an unknown name.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    indices = row_order(table, sort_by)
    in_order = pc.all(pc.equal(indices, pa.arange(0, len(table)).cast(pa.uint64()))).as_py()
    return table if in_order is not False else table.take(indices)


def row_order(table: pa.Table, sort_by: Sequence[str]) -> pa.Array:
    """Return the numbers of the rows in the order of ``sort_rows``. Only rows that are equal have none of their own."""
    _require_columns(table, sort_by, "sort_by")
    rows = len(table)
    keys = {name: _key_or_hashes(table[name]) for name in sort_by}
    others = {name: _sort_key(table[name]) for name in table.column_names if name not in keys}
    keys |= {name: key for name, key in others.items() if key is not None}
    indices = _sorted_indices(list(keys.values()), rows)
    opaque = [name for name, key in others.items() if key is None]
    if opaque:
        # Hashing cells is slow: only those of rows that are still tied decide anything.
        tied = indices.filter(_tied([key.take(indices) for key in keys.values()], rows))
        hashes = [_spread(_cell_hashes(table[name].take(tied)), tied, rows) for name in opaque]
        indices = _sorted_indices([*keys.values(), *hashes], rows)
    return indices


def round_columns(table: pa.Table, digits: Mapping[str, int]) -> pa.Table:
    """Round columns of numbers to so many digits after the point, halves to even; -0.0 becomes 0.0."""
    _require_columns(table, list(digits), "round")
    for name, count in digits.items():
        position = table.column_names.index(name)
        table = table.set_column(position, name, _rounded(name, table[name], count))
    return table


def _rounded(name: str, column: pa.ChunkedArray, digits: int) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_float16(kind):
        return _rounded(name, column.cast(pa.float32()), digits).cast(kind)
    if pa.types.is_floating(kind):
        rounded = pc.round(column, ndigits=digits)
        return pc.add(rounded, pa.scalar(0.0, kind))
    if pa.types.is_decimal(kind) or pa.types.is_integer(kind):
        wide = column.cast(pa.decimal256(kind.precision, kind.scale)) if pa.types.is_decimal(kind) else column
        return pc.round(wide, ndigits=digits).cast(kind)
    raise DataError(f"column {name!r} is {kind}, which cannot be rounded", hint="leave it out of round=")


def _require_columns(table: pa.Table, names: Sequence[str], option: str) -> None:
    for name in names:
        if name not in table.column_names:
            raise DataError(
                f"{option} names column {name!r}, which the data does not have",
                hint=did_you_mean(name, table.column_names)
                or f"its columns are {', '.join(table.column_names)}",
            )


def _sort_key(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return values that Arrow sorts as this column is to be sorted, or None where there are none."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_floating(kind):
        return _float_key(column)
    if pa.types.is_decimal(kind):
        return _decimal_key(column)
    if pa.types.is_primitive(kind) and not pa.types.is_interval(kind):
        return column
    if pa.types.is_string(kind) or pa.types.is_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return column
    return None


def _key_or_hashes(column: pa.ChunkedArray) -> pa.ChunkedArray:
    key = _sort_key(column)
    return _cell_hashes(column) if key is None else key


def _decimal_key(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the digits without their scale: Arrow does not compare negative scales."""
    import pyarrow as pa

    wide = pa.decimal128 if column.type.bit_width == 128 else pa.decimal256
    digits = wide(column.type.precision, 0)
    return pa.chunked_array([chunk.view(digits) for chunk in column.chunks], digits)


def _float_key(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the bits as integers in the total order of IEEE 754: -inf .. -0.0, 0.0 .. inf, NaN."""
    import pyarrow as pa
    import pyarrow.compute as pc

    width = column.type.bit_width
    integer = {16: pa.int16(), 32: pa.int32(), 64: pa.int64()}[width]
    bits = pa.chunked_array([chunk.view(integer) for chunk in column.chunks], integer)
    flipped = pc.bit_wise_xor(bits, pa.scalar(_SIGN_BITS[width], integer))
    return pc.if_else(pc.less(bits, pa.scalar(0, integer)), flipped, bits)


def _cell_hashes(column: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow as pa

    hashes = [
        hash_table(pa.table({"": column.slice(row, 1)})).data_version if valid else None
        for row, valid in enumerate(column.is_valid().to_pylist())
    ]
    return pa.chunked_array([pa.array(hashes, pa.string())])


def _sorted_indices(keys: Sequence[pa.ChunkedArray], rows: int) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    if not keys:
        return pa.arange(0, rows).cast(pa.uint64())
    names = [str(position) for position in range(len(keys))]
    return pc.sort_indices(
        pa.table(list(keys), names=names), sort_keys=[(name, "ascending") for name in names]
    )


def _tied(sorted_keys: Sequence[pa.ChunkedArray], rows: int) -> Any:
    """Return a mask of the rows that equal a neighbour in all keys, which are sorted."""
    import pyarrow as pa
    import pyarrow.compute as pc

    same = pa.chunked_array([pa.repeat(True, max(rows - 1, 0))])
    for key in sorted_keys:
        after, before = key.slice(1), key.slice(0, max(rows - 1, 0))
        equal = pc.fill_null(pc.equal(after, before), False)
        both_null = pc.and_(after.is_null(), before.is_null())
        same = pc.and_(same, pc.or_(equal, both_null))
    edge = pa.chunked_array([pa.array([False] * min(rows, 1), pa.bool_())])
    as_next = pa.chunked_array([*edge.chunks, *same.chunks], pa.bool_())
    as_previous = pa.chunked_array([*same.chunks, *edge.chunks], pa.bool_())
    return pc.or_(as_next, as_previous)


def _spread(values: pa.ChunkedArray, rows: Any, length: int) -> pa.ChunkedArray:
    """Return a column of ``length`` rows with ``values`` at ``rows`` and null elsewhere."""
    import pyarrow as pa
    import pyarrow.compute as pc

    positions = pc.index_in(pa.arange(0, length).cast(pa.uint64()), value_set=rows)
    return values.take(positions)
