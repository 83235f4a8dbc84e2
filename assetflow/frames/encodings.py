"""Owns how each column of a Parquet file is encoded: what it holds decides, so that equal rows are equal bytes.

Measured on W2's table (docs/formats.md): half the time and half the bytes of a dictionary for every column, and read
faster by Arrow, DuckDB and polars. Uses no encoding that is younger than 2014.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

_SAMPLE_ROWS = 2048
_FEW = 15 / 16  # of a sample's values differ where a column has about 16,000 values in all


def encodings_of(table: pa.Table) -> dict[str, Any]:
    """Return the options for ``pyarrow.parquet.write_table``.

    A dictionary where values come again, differences where numbers do not, nested columns as pyarrow has them.
    """
    plain = [field for field in table.schema if not _is_nested(field.type)]
    varied = {field.name for field in plain if _is_varied(table[field.name])}
    leaves = [path for field in table.schema for path in _leaves(field.name, field.type)]
    dictionaries = [path for path in leaves if path not in varied]
    differences = {
        field.name: "DELTA_BINARY_PACKED"
        for field in plain
        if field.name in varied and _is_number(field.type) and leaves.count(field.name) == 1
    }
    return {"use_dictionary": dictionaries, "column_encoding": differences or None}


def _is_varied(column: pa.ChunkedArray) -> bool:
    """Whether few of the first values come again."""
    import pyarrow as pa
    import pyarrow.compute as pc

    sample = column.slice(0, _SAMPLE_ROWS)
    values = len(sample) - sample.null_count
    if not values:
        return False
    if isinstance(sample.type, pa.BaseExtensionType):
        sample = pa.chunked_array([chunk.storage for chunk in sample.chunks], sample.type.storage_type)
    return bool(pc.count_distinct(sample).as_py() > _FEW * values)


def _is_number(t: pa.DataType) -> bool:
    """Whether Parquet holds it as an integer of 32 or 64 bits."""
    import pyarrow as pa

    is_ = pa.types
    return bool(is_.is_integer(t) or is_.is_date(t) or is_.is_time(t) or is_.is_timestamp(t))


def _is_nested(t: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_nested(t.storage_type if isinstance(t, pa.BaseExtensionType) else t))


def _leaves(path: str, t: pa.DataType) -> Iterator[str]:
    """Yield the paths of the columns that Parquet makes of one."""
    import pyarrow as pa

    is_ = pa.types
    if isinstance(t, pa.BaseExtensionType):
        yield from _leaves(path, t.storage_type)
    elif is_.is_struct(t):
        for position in range(t.num_fields):
            yield from _leaves(f"{path}.{t.field(position).name}", t.field(position).type)
    elif is_.is_map(t):
        yield from _leaves(f"{path}.key_value.key", t.key_type)
        yield from _leaves(f"{path}.key_value.value", t.item_type)
    elif is_.is_list(t) or is_.is_fixed_size_list(t):
        yield from _leaves(f"{path}.list.element", t.value_type)
    else:
        yield path
