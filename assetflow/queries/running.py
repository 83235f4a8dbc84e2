"""Owns the running of an asset's query: a database in memory that sees its inputs, and nothing else.

What a query can see is what entered its fingerprint: of each input the columns that the query reads. Knows nothing of
assets: inputs come as tables by the names that the query has for them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assetflow.errors import DataError, QueryError
from assetflow.frames.duckdb_door import arrow_to_relation, fresh_connection, relation_to_arrow
from assetflow.keys import did_you_mean
from assetflow.queries.descent import Origins, descent
from assetflow.queries.ordering import Column, ordered, quoted
from assetflow.queries.tree import parse

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

NOTHING_READ = "assetflow: no column of this table is read"


@dataclass(frozen=True)
class QueryInput:
    """A table as a query sees it: ``table`` has the columns that the query reads, ``rows`` counts where it has none."""

    name: str
    table: pa.Table
    rows: int


@dataclass(frozen=True)
class Answer:
    """The rows of a query, and from which (input, column) pairs each column's values come, where that can be told."""

    table: pa.Table
    origins: Mapping[str, Origins]


def run_query(
    text: str,
    inputs: Sequence[QueryInput],
    *,
    scratch: Path,
    sort_by: Sequence[str] = (),
    digits: Mapping[str, int] | None = None,
) -> Answer:
    """Return the rows of ``text`` in one order, whatever DuckDB's threads do; spills into ``scratch``.

    Raises:
        QueryError: DuckDB cannot run the query; with its message, which shows the place.
        DataError: the type of an input's column does not exist in DuckDB, or the output's columns are not as asked.
    """
    import duckdb

    connection = fresh_connection()
    try:
        for item in inputs:
            _show(connection, item)
        _lock_in(connection, scratch)
        columns = _columns(connection.sql(text))
        _require(columns, sort_by)
        origins = descent(
            parse(connection, text),
            {item.name: item.table.column_names for item in inputs},
            [column.name for column in columns],
        )
        made = connection.sql(ordered(text, columns, sort_by, digits or {}))
        return Answer(relation_to_arrow(made), origins)
    except duckdb.Error as error:
        raise _explained(error, inputs) from error
    finally:
        connection.close()


def _show(connection: duckdb.DuckDBPyConnection, item: QueryInput) -> None:
    if item.table.num_columns:
        arrow_to_relation(item.table, connection, item.name)
    else:
        view = f"CREATE VIEW {quoted(item.name)}({quoted(NOTHING_READ)}) AS FROM repeat(NULL, {item.rows})"
        connection.execute(view)


def _lock_in(connection: duckdb.DuckDBPyConnection, scratch: Path) -> None:
    """Shut everything else out: files, extensions, network, settings.

    Two queries that run at once share the memory that DuckDB would take for one.
    """
    (limit,) = connection.execute(
        "SELECT value FROM duckdb_settings() WHERE name = 'memory_limit'"
    ).fetchall()[0]
    amount, unit = str(limit).split()
    settings = {
        "memory_limit": f"{float(amount) / 2:.1f}{unit}",
        "temp_directory": str(scratch / "spilled"),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        "python_enable_replacements": "false",
        "enable_external_access": "false",
        "lock_configuration": "true",
    }
    for name, value in settings.items():
        connection.execute(f"SET {name} = '{value.replace(chr(39), chr(39) * 2)}'")


def _columns(relation: duckdb.DuckDBPyRelation) -> list[Column]:
    columns = [Column(name, str(kind)) for name, kind in zip(relation.columns, relation.types, strict=True)]
    names = [column.name for column in columns]
    twins = [name for name in names if names.count(name) > 1]
    if twins:
        raise DataError(f"more than one column is named {twins[0]!r}", hint="give each its own name by AS")
    return columns


def _require(columns: Sequence[Column], sort_by: Sequence[str]) -> None:
    names = [column.name for column in columns]
    for name in sort_by:
        if name not in names:
            hint = did_you_mean(name, names) or f"its columns: {', '.join(names)}"
            raise DataError(f"sort_by= names {name!r}, which is no column of the table", hint=hint)


def _explained(error: Exception, inputs: Sequence[QueryInput]) -> QueryError:
    """Return DuckDB's error as one that names the columns which the query could have meant."""
    message = str(error)
    unknown = re.search(r"(?:column|named) \"(.+?)\"", message)
    names = [name for item in inputs for name in item.table.column_names]
    near = did_you_mean(unknown.group(1), names) if unknown else None
    return QueryError(message, hint=near)
