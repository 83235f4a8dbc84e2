"""Owns the running of a person's SQL over a copy of the ledger and the published assets. It can only read.

Knows nothing of environments or stores: the views come as arguments.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from assetflow.errors import QueryError
from assetflow.keys import did_you_mean
from assetflow.ledger.sandbox import AssetView, lock_in, open_sandbox
from assetflow.ledger.statement import Statement, read_statement
from assetflow.ledger.tables import TABLES
from assetflow.ledger.views import VIEWS

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection


def run_query(
    sql: str, copy: Path, views: Mapping[str, AssetView], untabled: Collection[str] = ()
) -> pa.Table:
    """Return the rows of one SELECT or EXPLAIN over the ledger's ``copy`` and ``views`` by asset key.

    Only the assets that the query names are opened. ``untabled``: assets that are published, but are no tables.
    Times with a zone are in UTC.

    Raises:
        QueryError: the statement is refused, or DuckDB cannot run it.
    """
    import duckdb

    connection = open_sandbox(copy)
    try:
        statement = read_statement(connection, sql)
        lock_in(connection, _named(statement, views))
        return _rows(connection, statement.text)
    except duckdb.Error as error:
        raise _explained(error, views, untabled) from error
    finally:
        connection.close()


def _named(statement: Statement, views: Mapping[str, AssetView]) -> Mapping[str, AssetView]:
    if statement.names is None:
        return views
    return {key: views[key] for key in views if key.casefold() in statement.names}


def _rows(connection: DuckDBPyConnection, text: str) -> pa.Table:
    return connection.sql(text).to_arrow_table()


def _explained(error: Exception, views: Mapping[str, AssetView], untabled: Collection[str]) -> QueryError:
    unknown = _UNKNOWN_TABLE.search(str(error))
    if not unknown:
        return QueryError(str(error))
    name = unknown.group(1)
    key = next((key for key in untabled if key.casefold() == name.casefold()), None)
    if key is not None:
        hint = f"`assetflow get {key}` hands it out, `assetflow show {key}` describes it"
        return QueryError(f"{key} is published, but is no table", hint=hint)
    known = [*views, *(table.name for table in TABLES), *(view.name for view in VIEWS)]
    return QueryError(
        f"there is no table or published asset {name!r}",
        hint=did_you_mean(name, known)
        or "`from assetflow.current` lists what is published, `show tables` all tables",
    )


_UNKNOWN_TABLE = re.compile(r"Table with name \"?(.+?)\"? does not exist")
