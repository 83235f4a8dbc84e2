"""Owns how a query sees an input: a view by its name, over the stored files themselves or over a table in memory.

The columns have the types that the table has in memory, wherever they are read from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assetflow.errors import DataError
from assetflow.frames.duckdb_door import arrow_to_relation, files_to_relation
from assetflow.frames.parted import PartedTable
from assetflow.frames.scans import local_files
from assetflow.frames.sql_quotes import identifier

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

NOTHING_READ = "no column of this table is read"


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
        view = f"CREATE VIEW {identifier(item.name)}({identifier(NOTHING_READ)}) AS FROM repeat(NULL, {item.rows})"
        connection.execute(view)
        return ()
    if "" in item.table.column_names:
        raise DataError(f"{item.name} has a column without a name, which no query can read", hint="name it")
    if not isinstance(item.table, PartedTable):
        arrow_to_relation(item.table, connection, item.name)
        return ()
    files = local_files(item.table, scratch)
    empty = item.table.schema.empty_table()
    files_to_relation(files, item.table.format, empty, connection, item.name)
    return files
