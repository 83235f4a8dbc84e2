"""Owns the way between pandas and Arrow: the only module that imports pandas.

In: an unnamed index is dropped, a named one becomes ordinary columns, for good; NaN in numpy columns is
null. Out: frames in blocks of the consumer's own, with types that keep what the column is, so that it
comes back as it went.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assetflow.errors import DataError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

PIP_LINE = "pip install 'assetflow[pandas]'"
_SCHEMA_WAYS = "convert the column, or declare it: schema=pyarrow.schema([(%r, pyarrow.string()), ...])"


def pandas_to_arrow(frame: pd.DataFrame, schema: pa.Schema | None = None) -> pa.Table:
    """Return a frame as a table that shares no writable memory with it.

    ``schema`` types the columns it names.
    """
    import pyarrow as pa

    plain = _with_named_index(frame)
    _refuse_odd_labels(plain)
    declared = {} if schema is None else {field.name: field.type for field in schema}
    columns = [_column_to_arrow(plain[name], name, declared.get(name)) for name in plain.columns]
    return pa.table(columns, names=list(plain.columns))


def arrow_to_pandas(table: pa.Table) -> pd.DataFrame:
    """Return a canonical table as a frame of the consumer's own.

    Integers and booleans with nulls are ``Int64`` and the like, strings ``str``, floats, instants,
    durations and what has no null plain numpy; all else (dates, times, decimals, bytes, nested) is
    ``ArrowDtype``; calendar intervals are objects.
    """
    pandas = _pandas()
    columns = {name: _column_to_pandas(table[name]) for name in table.column_names}
    frame: pd.DataFrame = pandas.DataFrame(columns, index=pandas.RangeIndex(len(table)), copy=False)
    return frame


def _pandas() -> Any:
    try:
        import pandas as pd
    except ImportError as error:
        raise DataError("pandas is asked for, but not installed", hint=PIP_LINE) from error
    return pd


def _with_named_index(frame: pd.DataFrame) -> pd.DataFrame:
    names = [name for name in frame.index.names if name is not None]
    if not names:
        return frame
    for name in names:
        if name in frame.columns:
            raise DataError(
                f"the index and a column are both named {name!r}",
                hint="rename one: frame.rename_axis(index=...)",
            )
    unnamed: list[Any] = [level for level, name in enumerate(frame.index.names) if name is None]
    return (frame.droplevel(unnamed) if unnamed else frame).reset_index()


def _refuse_odd_labels(frame: pd.DataFrame) -> None:
    for name in frame.columns:
        if not isinstance(name, str):
            raise DataError(
                f"column {name!r} has a label of type {type(name).__name__}; columns are named by text",
                hint="frame.columns = [str(name) for name in frame.columns]",
            )
    if not frame.columns.is_unique:
        twin = frame.columns[frame.columns.duplicated()][0]
        raise DataError(f"more than one column is named {twin!r}", hint="give each column its own name")


def _column_to_arrow(series: pd.Series[Any], name: str, declared: pa.DataType | None) -> pa.ChunkedArray:
    import pyarrow as pa

    _refuse_odd_types(series, name)
    try:
        # The copy keeps Arrow off the memory of a frame that its maker may still write to.
        array = pa.array(series.copy(), type=declared, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise DataError(
            f"column {name!r} ({series.dtype}) cannot be converted"
            f"{'' if declared is None else f' to {declared}'}: {_first_line(error)}",
            hint=_SCHEMA_WAYS % name if declared is None else "mend the values, or the declared schema",
        ) from error
    if declared is None and _says_nothing(series, array):
        raise DataError(
            f"column {name!r} holds no value, and dtype {series.dtype} does not say of what type it is",
            hint=_SCHEMA_WAYS % name,
        )
    return array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])


def _refuse_odd_types(series: pd.Series[Any], name: str) -> None:
    pandas = _pandas()
    ways = {
        pandas.PeriodDtype: "frame[%r].dt.to_timestamp()",
        pandas.IntervalDtype: "two columns: frame[%r].array.left and .right",
        pandas.SparseDtype: "frame[%r].sparse.to_dense()",
    }
    for dtype, way in ways.items():
        if isinstance(series.dtype, dtype):
            raise DataError(
                f"column {name!r} has type {series.dtype}, which only pandas knows", hint="use " + way % name
            )


def _says_nothing(series: pd.Series[Any], array: pa.Array) -> bool:
    """Whether the type was guessed from no value at all."""
    import pyarrow as pa

    pandas = _pandas()
    if isinstance(series.dtype, pandas.CategoricalDtype):
        return len(series.dtype.categories) == 0
    return bool(series.dtype == object and pa.types.is_null(array.type))


def _column_to_pandas(column: pa.ChunkedArray) -> Any:
    import pyarrow as pa

    pandas = _pandas()
    t = column.type
    if pa.types.is_string(t):
        return pandas.array(column, dtype="str")
    if pa.types.is_integer(t) or pa.types.is_boolean(t):
        if not column.null_count:
            return _numpy_copy(column)
        return _masked_dtype(t).__from_arrow__(column)
    if pa.types.is_floating(t):
        return _numpy_copy(column)
    if pa.types.is_timestamp(t) or pa.types.is_duration(t):
        return _instants(column)
    if pa.types.is_interval(t):  # pandas cannot even print a frame that holds them as ArrowDtype
        return column.to_pandas().array
    return pandas.arrays.ArrowExtensionArray(column)


def _masked_dtype(t: pa.DataType) -> Any:
    import pyarrow as pa

    pandas = _pandas()
    if pa.types.is_boolean(t):
        return pandas.BooleanDtype()
    return getattr(pandas, f"{'UInt' if pa.types.is_unsigned_integer(t) else 'Int'}{t.bit_width}Dtype")()


def _numpy_copy(column: pa.ChunkedArray) -> Any:
    import numpy as np

    return np.array(column.to_numpy(), copy=True)


def _instants(column: pa.ChunkedArray) -> Any:
    return column.to_pandas().array.copy()


def _first_line(error: Exception) -> str:
    return str(error.args[0] if error.args else error).splitlines()[0]
