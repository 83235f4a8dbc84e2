"""Owns making an Arrow table of anything tabular: frames of any library, batches, readers, datasets, streams.

Tells libraries by the names of classes, and imports none that is not at hand already. The table is not
canonical yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from assetflow.errors import DataError
from assetflow.frames.conforming import conform
from assetflow.frames.forms import class_names
from assetflow.hashing.tables import canonical_table

if TYPE_CHECKING:
    import pyarrow as pa

_SERIES = frozenset({("pandas", "Series"), ("pandas", "Index"), ("polars", "Series")})
_COLUMNS = frozenset({("pyarrow", "Array"), ("pyarrow", "ChunkedArray")})


def is_tabular(value: Any) -> bool:
    """Whether a value is a table in some form, or a single column (which ``to_table`` refuses)."""
    names = set(class_names(type(value)))
    known = {("pandas", "DataFrame"), ("polars", "LazyFrame"), ("pyarrow", "Dataset"), ("pyarrow", "Scanner")}
    if names & (known | _SERIES | _COLUMNS):
        return True
    return hasattr(value, "__arrow_c_stream__") or hasattr(value, "__arrow_c_array__") or is_stream(value)


def is_stream(value: Any) -> bool:
    """Whether a value is a generator or other iterator, which can be gone through once."""
    return hasattr(value, "__next__") and not hasattr(value, "__arrow_c_stream__")


def to_table(value: Any, schema: pa.Schema | None = None) -> pa.Table:
    """Return a tabular value as an Arrow table, cast to ``schema`` where one is declared.

    Raises DataError for a column that cannot be converted; whatever a lazy value's own computation raises
    goes through.
    """
    import pyarrow as pa

    if is_stream(value):
        return _table_of_stream(value, schema)
    table = _table_of(value, schema)
    if not table.num_columns:
        table = pa.table({})  # no library but Arrow counts rows without columns
    _refuse_twins(table.column_names)
    return table if schema is None else conform(table, schema)


def _table_of(value: Any, schema: pa.Schema | None) -> pa.Table:
    import pyarrow as pa

    names = set(class_names(type(value)))
    if names & (_SERIES | _COLUMNS):
        raise DataError(
            f"a {type(value).__qualname__} is a single column, not a table",
            hint="return a table: series.to_frame(), or pyarrow.table({'name': column})",
        )
    if isinstance(value, pa.Table):
        return value
    if isinstance(value, pa.RecordBatch):
        return pa.Table.from_batches([value])
    if isinstance(value, pa.RecordBatchReader):
        return value.read_all()
    if names & {("pyarrow", "Dataset"), ("pyarrow", "Scanner")}:
        return value.to_table()
    if ("pandas", "DataFrame") in names:
        from assetflow.frames.pandas_door import pandas_to_arrow

        return pandas_to_arrow(value, schema)
    if names & {("polars", "DataFrame"), ("polars", "LazyFrame")}:
        from assetflow.frames.polars_door import polars_to_arrow

        return polars_to_arrow(value)
    if names & {("duckdb", "DuckDBPyRelation"), ("_duckdb", "DuckDBPyRelation")}:
        from assetflow.frames.duckdb_door import relation_to_arrow

        return relation_to_arrow(value)
    return _imported(value)


def _imported(value: Any) -> pa.Table:
    """Take a table of any other library through Arrow's C interface."""
    import pyarrow as pa

    try:
        return pa.table(value)
    except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError, ValueError) as error:
        raise DataError(
            f"a {type(value).__module__}.{type(value).__qualname__} is no table: {error}",
            hint="return a pyarrow.Table, or a frame of pandas or polars",
        ) from error


def _table_of_stream(stream: Iterator[Any], schema: pa.Schema | None) -> pa.Table:
    import pyarrow as pa

    pieces: list[pa.Table] = []
    for number, item in enumerate(stream, 1):
        if not is_tabular(item) or is_stream(item):
            raise DataError(
                f"item {number} of the stream is a {type(item).__qualname__}, not a table",
                hint="yield batches, tables or frames; of rows, yield pyarrow.Table.from_pylist(rows)",
            )
        piece = canonical_table(to_table(item, schema))
        if pieces:
            _refuse_change(pieces[0].schema, piece.schema, number)
        pieces.append(piece)
    if not pieces:
        if schema is None:
            raise DataError(
                "the stream yielded nothing, so its columns are not known",
                hint="yield an empty table of the right schema, or declare schema=",
            )
        return schema.empty_table()
    return pa.concat_tables(pieces, promote_options="default")


def _refuse_change(first: pa.Schema, later: pa.Schema, number: int) -> None:
    import pyarrow as pa

    if first.names != later.names:
        raise DataError(
            f"item {number} of the stream has columns {', '.join(later.names)}, not {', '.join(first.names)}",
            hint="yield the same columns in the same order",
        )
    for before, after in zip(first, later, strict=True):
        types = {before.type, after.type} - {pa.null()}
        if len(types) > 1:
            raise DataError(
                f"column {before.name!r} is {after.type} in item {number} of the stream, not {before.type}",
                hint="cast it, or declare schema=",
            )


def _refuse_twins(names: list[str]) -> None:
    if len(set(names)) < len(names):
        twin = next(name for name in names if names.count(name) > 1)
        raise DataError(f"more than one column is named {twin!r}", hint="give each column its own name")
