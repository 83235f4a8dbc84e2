"""Owns the way between DuckDB relations and Arrow.

A relation that is taken runs on its own connection. One that is handed out stands on a fresh in-memory
database in UTC, which it keeps alive; the inputs of one call share it, each as a view by its parameter's
name, so that they can be joined.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from assetflow.errors import DataError
from assetflow.frames.sql_quotes import identifier, literal

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pyarrow as pa

_PATTERN = frozenset("*?[")


def relation_batches(relation: duckdb.DuckDBPyRelation, rows: int) -> Iterator[pa.Table]:
    """Run a relation, and yield what comes out in batches of so many rows: at least one, if an empty one.

    Instants are said to be in UTC: their zone is a setting of the connection, not part of the data.
    """
    import pyarrow as pa

    reader: pa.RecordBatchReader = relation.to_arrow_reader(rows)
    schema = pa.schema([pa.field(field.name, _in_utc(field.type)) for field in reader.schema])
    empty = True
    for batch in reader:
        empty = False
        yield pa.Table.from_batches([batch]).cast(schema)
    if empty:
        yield pa.Table.from_batches([], schema)


def fresh_connection(spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Open an in-memory database whose instants are shown in UTC on any machine, and which prints nothing.

    What does not fit memory is kept in a folder below ``spill`` while a query runs.
    """
    import duckdb

    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")  # on stdout, after two seconds, among the results
    if spill is not None:
        connection.execute("SET temp_directory = ?", [str(spill / "duckdb")])
    return connection


def arrow_to_relation(
    table: pa.Table | pa.dataset.Dataset, connection: duckdb.DuckDBPyConnection, name: str
) -> duckdb.DuckDBPyRelation:
    """Make a table, or a dataset, the view ``name`` of a connection.

    Raises DataError naming a column whose type DuckDB does not have.
    """
    import duckdb

    for field in table.schema:
        if _has_lists_of_none(field.type):  # DuckDB 2.0 divides by their size, and ends the process
            raise _culprit(field)
    try:
        connection.register(name, table)
        return connection.view(name)
    except duckdb.Error:
        _name_culprit(table.schema)
        raise


def hash_rows(
    table: pa.Table, connection: duckdb.DuckDBPyConnection
) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Return a number of 64 bits for each row, in order: rows with the same values have the same.

    For columns of numbers, text and bytes. The numbers are those of this release of DuckDB: not to be kept.
    """
    connection.register("rows_to_hash", table)
    numbers: np.ndarray[tuple[int], np.dtype[np.uint64]]
    numbers = connection.sql("SELECT hash(*COLUMNS(*)) AS h FROM rows_to_hash").fetchnumpy()["h"]
    return numbers


def files_to_relation(
    files: Sequence[Path],
    format: str,  # noqa: A002 - the manifest's word
    empty: pa.Table,
    connection: duckdb.DuckDBPyConnection,
    name: str,
) -> duckdb.DuckDBPyRelation:
    """Make stored files the view ``name`` of a connection, with the columns and types of a table in memory.

    ``format``: ``parquet`` or ``arrow``. ``empty``: a canonical table with the columns to be read. Raises DataError
    as ``arrow_to_relation`` does.
    """
    with fresh_connection() as probe:
        meant = arrow_to_relation(empty, probe, name)
        columns = list(zip(empty.column_names, meant.columns, map(str, meant.types), strict=True))
    stored, names = _stored(files, format, empty.schema, connection, name)
    types = dict(zip(stored.columns, map(str, stored.types), strict=True))
    chosen = []
    for column, shown, kind in columns:
        own = names[column]
        value = identifier(own) if types[own] == kind else f"cast({identifier(own)} as {kind})"
        chosen.append(f"{value} as {identifier(shown)}")
    stored.project(", ".join(chosen)).create_view(name)
    return connection.view(name)


def _stored(
    files: Sequence[Path],
    format: str,  # noqa: A002 - the manifest's word
    schema: pa.Schema,
    connection: duckdb.DuckDBPyConnection,
    name: str,
) -> tuple[duckdb.DuckDBPyRelation, dict[str, str]]:
    """Return what reads the columns of files as they are there, and DuckDB's name of each.

    DuckDB does not tell "a" from "A", and calls the second "A_1". It reads what is Parquet itself, unless it took a
    path for a pattern.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    paths = [str(path) for path in files]
    if format == "parquet":
        physical = pq.read_schema(paths[0])
        if not any(_PATTERN & set(path) for path in paths):
            listed = ", ".join(map(literal, paths))
            relation = connection.sql(f"from read_parquet([{listed}], hive_partitioning = false)")
            return relation, dict(zip(physical.names, relation.columns, strict=True))
        schema = pa.schema([physical.field(column) for column in schema.names])
    import pyarrow.dataset

    form = "parquet" if format == "parquet" else "ipc"
    dataset = pyarrow.dataset.dataset(paths, schema, format=form)
    relation = arrow_to_relation(dataset, connection, f"{name}, stored")
    return relation, dict(zip(schema.names, relation.columns, strict=True))


def _name_culprit(schema: pa.Schema) -> None:
    import duckdb
    import pyarrow as pa

    for field in schema:
        probe = fresh_connection()
        try:
            probe.register("probe", pa.Table.from_batches([], pa.schema([field])))
            probe.view("probe")
        except duckdb.Error as error:
            raise _culprit(field) from error


def _culprit(field: pa.Field) -> DataError:
    return DataError(
        f"column {field.name!r} has type {field.type}, which DuckDB does not have",
        hint="ask for pyarrow.Table, or for the other columns only: Input(key, columns=[...])",
    )


def _has_lists_of_none(t: pa.DataType) -> bool:
    import pyarrow as pa

    if isinstance(t, pa.BaseExtensionType):
        return _has_lists_of_none(t.storage_type)
    if pa.types.is_fixed_size_list(t) and t.list_size == 0:
        return True
    return any(_has_lists_of_none(t.field(position).type) for position in range(t.num_fields))


def _in_utc(t: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    if pa.types.is_timestamp(t) and t.tz is not None:
        return pa.timestamp(t.unit, "UTC")
    if pa.types.is_map(t):
        return pa.map_(_in_utc(t.key_type), _in_utc(t.item_type))
    if pa.types.is_fixed_size_list(t):
        return pa.list_(t.value_field.with_type(_in_utc(t.value_type)), t.list_size)
    if pa.types.is_list(t):
        return pa.list_(t.value_field.with_type(_in_utc(t.value_type)))
    if pa.types.is_struct(t):
        return pa.struct(
            [t.field(position).with_type(_in_utc(t.field(position).type)) for position in range(t.num_fields)]
        )
    return t
