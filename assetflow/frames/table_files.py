"""Owns writing a table in the formats that other programs read, part by part where it is large.

Knows nothing of assets or versions.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from assetflow.errors import DataError
from assetflow.frames.parted import PartedTable
from assetflow.frames.sql_quotes import identifier, literal

if TYPE_CHECKING:
    import pyarrow as pa

TABLE_SUFFIXES = (".csv", ".parquet", ".json", ".jsonl", ".arrow")
_COPY_OPTIONS = {".csv": "FORMAT csv, HEADER", ".json": "FORMAT json, ARRAY true", ".jsonl": "FORMAT json"}


def write_table(table: pa.Table | PartedTable, suffix: str, file: BinaryIO) -> None:
    """Write ``table`` in the format that ``suffix``, one of ``TABLE_SUFFIXES``, stands for.

    Of a table in parts, no more than a few are in memory.

    Raises:
        DataError: the format has no form for a column.
    """
    import duckdb
    import pyarrow as pa

    try:
        if suffix == ".parquet":
            import pyarrow.parquet as pq

            with pq.ParquetWriter(file, table.schema, compression="zstd") as writer:
                for piece in _pieces(table):
                    writer.write_table(piece)
        elif suffix == ".arrow":
            with pa.ipc.new_file(file, table.schema) as writer:
                for piece in _pieces(table):
                    writer.write_table(piece)
        else:
            _write_text(table, suffix, file)
    except (duckdb.Error, pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError) as error:
        raise DataError(
            f"the table cannot be written as {suffix}: {error}",
            hint=f"use another of {', '.join(TABLE_SUFFIXES)}; .arrow holds everything",
        ) from error


def batches_of(table: pa.Table | PartedTable, names: list[str]) -> pa.RecordBatchReader:
    """Return what reads ``table`` piece by piece, its columns called ``names``."""
    import pyarrow as pa

    schema = pa.schema([field.with_name(name) for field, name in zip(table.schema, names, strict=True)])
    batches = (batch for piece in _pieces(table) for batch in piece.rename_columns(names).to_batches())
    return pa.RecordBatchReader.from_batches(schema, batches)


def _pieces(table: pa.Table | PartedTable) -> Iterator[pa.Table]:
    return table.tables() if isinstance(table, PartedTable) else iter((table,))


def _write_text(table: pa.Table | PartedTable, suffix: str, file: BinaryIO) -> None:
    """Write text formats with DuckDB, which knows nested columns in all of them."""
    from assetflow.frames.duckdb_door import fresh_connection

    with tempfile.TemporaryDirectory(prefix="assetflow-get-") as folder, fresh_connection() as connection:
        written = Path(folder, "table")
        # DuckDB takes "Day" and "day" for one name, so while it works the columns have numbers
        connection.register("exported", batches_of(table, [f"c{i}" for i in range(len(table.schema))]))
        columns = _columns(table.schema, finite=suffix != ".csv")
        query = f"SELECT {columns} FROM exported"  # noqa: S608 - names are quoted
        connection.execute(f"COPY ({query}) TO {literal(str(written))} ({_COPY_OPTIONS[suffix]})")
        with written.open("rb") as source:
            shutil.copyfileobj(source, file)


def _columns(schema: pa.Schema, *, finite: bool) -> str:
    """Return the columns as SQL; where ``finite``, NaN and infinities, which JSON does not know, become null."""
    values = [_finite(f"c{i}", field.type, 0) if finite else f"c{i}" for i, field in enumerate(schema)]
    return ", ".join(
        f"{value} AS {identifier(name)}" for value, name in zip(values, schema.names, strict=True)
    )


def _finite(value: str, kind: pa.DataType, depth: int) -> str:
    """Return the SQL for ``value`` of Arrow type ``kind``; ``depth`` keeps the names of nested lambdas apart."""
    from pyarrow import types

    if not _holds_floats(kind):
        return value
    if types.is_floating(kind):
        return f"CASE WHEN isfinite({value}) THEN {value} END"
    item = f"item{depth}"
    if types.is_struct(kind):
        fields = (kind.field(index) for index in range(kind.num_fields))
        packed = ", ".join(
            f"{identifier(f.name)} := {_finite(f'{value}.{identifier(f.name)}', f.type, depth)}"
            for f in fields
        )
        return f"CASE WHEN {value} IS NOT NULL THEN struct_pack({packed}) END"
    if types.is_map(kind):
        member = f"{{'key': {item}.key, 'value': {_finite(f'{item}.value', kind.item_type, depth + 1)}}}"
        return f"map_from_entries(list_transform(map_entries({value}), lambda {item}: {member}))"
    return f"list_transform({value}, lambda {item}: {_finite(item, kind.value_type, depth + 1)})"


def _holds_floats(kind: pa.DataType) -> bool:
    from pyarrow import types

    if types.is_floating(kind):
        return True
    return any(_holds_floats(kind.field(index).type) for index in range(kind.num_fields))
