"""Owns the writing of the ledger: its tables, and applying commits to them in bulk, in one transaction.

Knows nothing of files or locks. Commits come as the bytes that the log keeps.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any

from assetflow.ledger.commits import HEAD_QUERY, head_of
from assetflow.ledger.rows import rows_of
from assetflow.ledger.schema import SCHEMA, Table, comments, definitions, shape_of
from assetflow.ledger.tables import TABLES
from assetflow.ledger.views import VIEWS
from assetflow.model.commit import KNOWN_TYPES
from assetflow.storage.head import Head, advance

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Bytes = bytes | memoryview

_BATCH = 500  # commits whose rows are held in memory at once
_NUMBER = 1  # raise it when rows.py says something else of the same action


class OtherLogError(Exception):
    """The ledger was made from another log, or has another shape: it must be made anew."""


def shape() -> str:
    """Return the text that names what this release's ledgers look like."""
    return shape_of(_DEFINITIONS, KNOWN_TYPES, _NUMBER)


def create(connection: DuckDBPyConnection, *, commented: bool) -> None:
    """Make the tables and views in an empty database, within the caller's transaction.

    Comments take most of the time (50 of 60 ms), so what nobody will open with another tool may do without.
    """
    connection.execute(_DEFINITIONS)
    if commented:
        connection.execute(comments(TABLES, VIEWS))
    connection.execute("INSERT INTO assetflow.state VALUES (?)", [shape()])


def applied(connection: DuckDBPyConnection) -> Head:
    """Return the last commit that was applied; raise OtherLogError when the file has another shape."""
    if connection.execute("SELECT shape FROM assetflow.state").fetchall() != [(shape(),)]:
        raise OtherLogError
    return head_of(connection.execute(HEAD_QUERY).fetchall())


def apply(connection: DuckDBPyConnection, commits: Iterable[tuple[int, Bytes]], head: Head) -> Head:
    """Append what ``commits``, which follow ``head``, say; return the new head. In the caller's transaction.

    Raises:
        StoreFormatError: a commit does not follow the one before, or is in a format that this release does
            not read.
    """
    rest = iter(commits)
    while batch := list(islice(rest, _BATCH)):
        rows: dict[Table, list[tuple[Any, ...]]] = {}
        for number, data in batch:
            head, commit = advance(head, number, data)
            for table, row in rows_of(commit, head):
                rows.setdefault(table, []).append(row)
        _insert(connection, rows)
    return head


def _insert(connection: DuckDBPyConnection, rows: dict[Table, list[tuple[Any, ...]]]) -> None:
    for table, values in rows.items():
        connection.register("batch", table.to_arrow(values))
        query = f"INSERT INTO {SCHEMA}.{table.name} SELECT * FROM batch"  # noqa: S608 -- names of our own
        connection.execute(query)
        connection.unregister("batch")


_DEFINITIONS = definitions(TABLES, VIEWS)
