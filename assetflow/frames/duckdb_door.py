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

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


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
    """Open an in-memory database whose instants are shown in UTC on any machine.

    What does not fit memory is kept in a folder below ``spill`` while a query runs.
    """
    import duckdb

    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = 'UTC'")
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

    try:
        connection.register(name, table)
        return connection.view(name)
    except duckdb.Error:
        _name_culprit(table.schema)
        raise


def files_to_relation(
    files: Sequence[Path], empty: pa.Table, connection: duckdb.DuckDBPyConnection, name: str
) -> duckdb.DuckDBPyRelation | None:
    """Make Parquet files the view ``name`` of a connection, with the types of a table in memory.

    Return None where DuckDB gives the columns other names. ``empty``: a canonical table with the columns to be read.
    No path may hold a wildcard.
    """
    with fresh_connection() as probe:
        view = arrow_to_relation(empty, probe, name)
        types = list(zip(view.columns, map(str, view.types), strict=True))
    if [column for column, _ in types] != empty.column_names:
        return None
    chosen = ", ".join(f"cast({_quoted(column)} as {type_}) as {_quoted(column)}" for column, type_ in types)
    paths = ", ".join("'" + str(path).replace("'", "''") + "'" for path in files)
    connection.execute(
        f"create or replace temp view {_quoted(name)} as "  # noqa: S608 - names and paths are quoted
        f"select {chosen} from read_parquet([{paths}], hive_partitioning = false)"
    )
    return connection.view(name)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _name_culprit(schema: pa.Schema) -> None:
    import duckdb
    import pyarrow as pa

    for field in schema:
        probe = fresh_connection()
        try:
            probe.register("probe", pa.Table.from_batches([], pa.schema([field])))
            probe.view("probe")
        except duckdb.Error as error:
            raise DataError(
                f"column {field.name!r} has type {field.type}, which DuckDB does not have",
                hint="ask for pyarrow.Table, or for the other columns only: Input(key, columns=[...])",
            ) from error


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
