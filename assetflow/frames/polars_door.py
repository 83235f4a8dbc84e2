"""Owns the way between polars and Arrow: the only module that imports polars.

Memory is shared; both are immutable.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from assetflow.errors import DataError
from assetflow.frames.parted import PartedTable

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

PIP_LINE = "pip install 'assetflow[polars]'"


def polars_to_arrow(frame: pl.DataFrame) -> pa.Table:
    """Return a frame as a table.

    Raises DataError for a column that Arrow cannot hold.
    """
    polars = _polars()
    for name, dtype in frame.schema.items():
        if dtype.is_nested() or dtype in (polars.Object, polars.Int128, polars.UInt128):
            _refuse_alone(name, dtype)
    return frame.to_arrow()


def lazy_batches(frame: pl.LazyFrame, rows: int) -> Iterator[pl.DataFrame]:
    """Run a lazy frame in polars' streaming engine, and yield what comes out, in order: at least one frame.

    With extension types whole, in memory: the streaming engine panics on some of them.
    """
    if any(_holds_extension(dtype) for dtype in frame.collect_schema().dtypes()):
        yield frame.collect()
        return
    empty = True
    for batch in frame.collect_batches(chunk_size=rows, maintain_order=True):
        empty = False
        yield batch
    if empty:
        yield frame.head(0).collect()


def arrow_to_polars(table: pa.Table) -> pl.DataFrame:
    """Return a canonical table as a frame.

    Raises DataError naming a column whose type polars does not have.
    """
    polars = _polars()
    for field in table.schema:
        if _panics(field.type):
            raise _unknown_to_polars(field.name, field.type)
    # polars loses count in fixed-size lists that begin inside a buffer; written out, each begins at its start.
    fresh = any(_holds_fixed_size_list(field.type) for field in table.schema)
    try:
        frame: pl.DataFrame = polars.from_arrow(_rewritten(table) if fresh else table, rechunk=False)
    except (polars.exceptions.PolarsError, polars.exceptions.PanicException):
        _name_culprit(table)
        raise
    return frame


def arrow_to_polars_lazy(table: pa.Table) -> pl.LazyFrame:
    """Return a canonical table as a lazy frame."""
    return arrow_to_polars(table).lazy()


def holds_extensions(empty: pa.Table) -> bool:
    """Whether polars has extension types for a table: it panics on some that it reads or computes piece by piece."""
    return any(map(_holds_extension, arrow_to_polars(empty).schema.dtypes()))


def scan_files(files: Sequence[Path], empty: pa.Table) -> pl.LazyFrame | None:
    """Return a lazy frame that reads Parquet files, or None where it would have other types than a table in memory.

    ``empty``: a canonical table with the columns to be read.
    """
    polars = _polars()
    expected = arrow_to_polars(empty).schema
    frame = polars.scan_parquet(list(files), glob=False, hive_partitioning=False).select(empty.column_names)
    return cast("pl.LazyFrame", frame) if frame.collect_schema() == expected else None


def scan_tables(parts: PartedTable) -> pl.LazyFrame:
    """Return a lazy frame that goes through a table part by part, each time it is run."""
    from polars.io.plugins import register_io_source

    def frames(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, _batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        left = n_rows
        for table in (parts if with_columns is None else parts.select(with_columns)).tables():
            frame = arrow_to_polars(table if left is None else table.slice(0, left))
            yield frame if predicate is None else frame.filter(predicate)
            if left is not None:
                left -= min(left, len(table))
                if not left:
                    return

    import pyarrow as pa

    schema = arrow_to_polars(pa.Table.from_batches([], parts.schema)).schema
    return register_io_source(frames, schema=schema)


def _polars() -> Any:
    try:
        import polars as pl
    except ImportError as error:
        raise DataError("polars is asked for, but not installed", hint=PIP_LINE) from error
    return pl


def _refuse_alone(name: str, dtype: Any) -> None:
    """Raise for a type that polars would hand to Arrow as raw pointers, or under a name unknown there."""
    polars = _polars()
    if dtype in (polars.Object, polars.Int128, polars.UInt128):
        raise DataError(
            f"column {name!r} has polars type {dtype}, which has no Arrow type",
            hint=f"cast it first: frame.with_columns(polars.col({name!r}).cast(...))",
        )
    for child in _inner(dtype):
        _refuse_alone(name, child)


def _holds_extension(dtype: Any) -> bool:
    return isinstance(dtype, _polars().datatypes.BaseExtension) or any(map(_holds_extension, _inner(dtype)))


def _inner(dtype: Any) -> list[Any]:
    if isinstance(dtype, _polars().Struct):
        return [field.dtype for field in dtype.fields]
    inner = getattr(dtype, "inner", None)
    return [] if inner is None else [inner]


def _panics(t: pa.DataType) -> bool:
    """Whether polars would panic, or ask for an environment variable, instead of saying that it cannot."""
    import pyarrow as pa

    if pa.types.is_interval(t) or pa.types.is_decimal256(t):
        return True
    if pa.types.is_timestamp(t) and t.tz is not None and t.tz[0] in "+-":
        return True  # a zone given as an offset
    if pa.types.is_fixed_size_binary(t) and t.byte_width == 0:
        return True
    if pa.types.is_fixed_size_list(t) and t.list_size == 0:
        return True
    if isinstance(t, pa.BaseExtensionType):
        return _panics(t.storage_type)
    return any(_panics(t.field(position).type) for position in range(t.num_fields))


def _holds_fixed_size_list(t: pa.DataType) -> bool:
    import pyarrow as pa

    if isinstance(t, pa.BaseExtensionType):
        return _holds_fixed_size_list(t.storage_type)
    return pa.types.is_fixed_size_list(t) or any(
        _holds_fixed_size_list(t.field(position).type) for position in range(t.num_fields)
    )


def _rewritten(table: pa.Table) -> pa.Table:
    from assetflow.frames.table_codec import table_from_ipc_stream, table_to_ipc_stream

    return table_from_ipc_stream(table_to_ipc_stream(table), None)


def _name_culprit(table: pa.Table) -> None:
    polars = _polars()
    for field in table.schema:
        try:
            polars.from_arrow(table.select([field.name]).slice(0, 1))
        except (polars.exceptions.PolarsError, polars.exceptions.PanicException) as error:
            raise _unknown_to_polars(field.name, field.type) from error


def _unknown_to_polars(name: str, t: pa.DataType) -> DataError:
    return DataError(
        f"column {name!r} has type {t}, which polars does not have",
        hint="ask for pyarrow.Table, or for the other columns only: Input(key, columns=[...])",
    )
