"""Owns making an Arrow table of anything tabular that is at hand whole: frames of any library, tables, batches.

Tells libraries by the names of classes, and imports none that is not at hand already. The table is not
canonical yet. What is not at hand whole, ``frames.pieces`` goes through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assetflow.errors import DataError
from assetflow.frames.conforming import conform
from assetflow.frames.forms import class_names

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


def is_lazy(value: Any) -> bool:
    """Whether a tabular value is not at hand whole, and is to be gone through piece by piece."""
    names = set(class_names(type(value)))
    whole = {
        ("pyarrow", "Table"),
        ("pyarrow", "RecordBatch"),
        ("pandas", "DataFrame"),
        ("polars", "DataFrame"),
    }
    if names & (whole | _SERIES | _COLUMNS):
        return False
    lazy = {("polars", "LazyFrame"), ("pyarrow", "Dataset"), ("pyarrow", "Scanner")}
    return is_stream(value) or hasattr(value, "__arrow_c_stream__") or bool(names & lazy)


def to_table(value: Any, schema: pa.Schema | None = None) -> pa.Table:
    """Return a tabular value that is not lazy as an Arrow table, cast to ``schema`` where one is declared.

    Raises DataError for a column that cannot be converted.
    """
    import pyarrow as pa

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
    if ("pandas", "DataFrame") in names:
        from assetflow.frames.pandas_door import pandas_to_arrow

        return pandas_to_arrow(value, schema)
    if ("polars", "DataFrame") in names:
        from assetflow.frames.polars_door import polars_to_arrow

        return polars_to_arrow(value)
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


def _refuse_twins(names: list[str]) -> None:
    if len(set(names)) < len(names):
        twin = next(name for name in names if names.count(name) > 1)
        raise DataError(f"more than one column is named {twin!r}", hint="give each column its own name")
