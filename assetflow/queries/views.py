"""Owns how a query sees an input: a view by its name, over the stored files themselves or over a table in memory.

The columns have the types that the table has in memory, wherever they are read from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assetflow.errors import DataError
from assetflow.frames.duckdb_door import arrow_to_relation
from assetflow.frames.parted import PartedTable
from assetflow.queries.ordering import quoted

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

NOTHING_READ = "no column of this table is read"
_MEANT = "a table of the types that are meant"


@dataclass(frozen=True)
class QueryInput:
    """A table as a query sees it.

    ``table``: with the columns that the query reads; ``rows``: how many it has, where these are none. ``known``: the
    names of all columns that the input has, for advice.
    """

    name: str
    table: pa.Table | PartedTable
    rows: int
    known: tuple[str, ...] = ()


def show(item: QueryInput, connection: duckdb.DuckDBPyConnection, scratch: Path) -> Sequence[Path]:
    """Make the view of an input, and return the files that it reads.

    Raises:
        DataError: DuckDB does not have the type of a column.
    """
    if not item.table.column_names:
        view = f"CREATE VIEW {quoted(item.name)}({quoted(NOTHING_READ)}) AS FROM repeat(NULL, {item.rows})"
        connection.execute(view)
        return ()
    if "" in item.table.column_names:
        raise DataError(f"{item.name} has a column without a name, which no query can read", hint="name it")
    if not isinstance(item.table, PartedTable):
        arrow_to_relation(item.table, connection, item.name)
        return ()
    types = _types(item.table.schema, connection)
    files = item.table.files or _copied(item.table, scratch)
    paths = [str(file) for file in files]
    if item.table.format == "parquet":
        listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
        stored = connection.sql(f"FROM read_parquet([{listed}], hive_partitioning = false)")
    else:
        import pyarrow.dataset

        dataset = pyarrow.dataset.dataset(paths, item.table.schema, format="ipc")
        connection.register(f"{item.name}, stored", dataset)
        stored = connection.view(f"{item.name}, stored")
    found = dict(zip(stored.columns, map(str, stored.types), strict=True))
    columns = [
        quoted(name) if found[name] == kind else f"CAST({quoted(name)} AS {kind}) AS {quoted(name)}"
        for name, kind in types.items()
    ]
    stored.project(", ".join(columns)).create_view(item.name)
    return files


def _types(schema: pa.Schema, connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the types that a table in memory has in DuckDB; a column that Parquet has in another one is cast."""
    import pyarrow as pa

    meant = arrow_to_relation(pa.Table.from_batches([], schema), connection, _MEANT)
    types = dict(zip(meant.columns, map(str, meant.types), strict=True))
    connection.unregister(_MEANT)
    return types


def _copied(table: PartedTable, scratch: Path) -> Sequence[Path]:
    """Return the parts of a store that is not on this machine as files of it."""
    copies = []
    for number, part in enumerate(table.parts):
        copy = scratch / f"{part.object}-{number}.{table.format}"
        copy.write_bytes(table.read_part(part))
        copies.append(copy)
    return copies
