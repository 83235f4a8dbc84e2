"""Owns when two cells are equal for a rule: by value, whatever the column's type stores beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


def comparable(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the column with one representation for each value.

    Extension types become their storage; -0.0 becomes 0.0, as SQL has it; 16-bit floats, for which Arrow has
    few kernels, become 32-bit ones.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(column.type, pa.BaseExtensionType):
        column = column.cast(column.type.storage_type)
    if pa.types.is_float16(column.type):
        column = column.cast(pa.float32())
    if pa.types.is_floating(column.type):
        column = pc.add(column, pa.scalar(0.0, column.type))
    return column


def absent(cells: pa.ChunkedArray, known: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return where a cell is neither null nor among ``known``; both of one type, and comparable."""
    import pyarrow.compute as pc

    return pc.and_(pc.is_valid(cells), pc.invert(pc.is_in(cells, value_set=known)))


def values_of_type(values: Sequence[Any], type_: pa.DataType) -> pa.Array:
    """Return ``values`` as an array of a column's type; raise ValueError naming one that none can hold.

    Text is read as ISO 8601 for columns of dates and times.
    """
    import pyarrow as pa

    if isinstance(type_, pa.BaseExtensionType):
        type_ = type_.storage_type
    return pa.concat_arrays([_value_of_type(value, type_) for value in values])


def _value_of_type(value: Any, type_: pa.DataType) -> pa.Array:
    import pyarrow as pa

    try:
        if isinstance(value, str) and pa.types.is_temporal(type_):
            return pa.array([value]).cast(type_)
        return pa.array([value], type_)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError) as error:
        raise ValueError(f"{value!r} cannot stand in a column of {type_}") from error
