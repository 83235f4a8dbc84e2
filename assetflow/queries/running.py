"""Owns the running of an asset's query: a database in memory that sees its inputs, and nothing else.

What a query can see is what entered its fingerprint: of each input the columns that the query reads. Knows nothing of
assets: inputs come as tables by the names that the query has for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assetflow.errors import DataError, QueryError
from assetflow.frames.duckdb_door import fresh_connection, relation_batches
from assetflow.frames.pieces import BATCH_ROWS
from assetflow.hashing.sql_text import sql_tokens
from assetflow.keys import did_you_mean
from assetflow.queries.descent import Origins, descent
from assetflow.queries.ordering import Column, ordered
from assetflow.queries.tree import parse, pointed
from assetflow.queries.views import QueryInput, show

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


@dataclass(frozen=True)
class Answer:
    """The rows of a query, to be gone through once, and from which (input, column) pairs each column comes."""

    rows: Iterator[pa.Table]
    origins: Mapping[str, Origins]


def run_query(
    text: str,
    inputs: Sequence[QueryInput],
    *,
    scratch: Path,
    stack: ExitStack,
    sort_by: Sequence[str] = (),
    digits: Mapping[str, int] | None = None,
) -> Answer:
    """Return the rows of ``text`` in one order, whatever DuckDB's threads do; while ``stack`` is open.

    What does not fit memory is spilled into ``scratch``.

    Raises:
        QueryError: DuckDB cannot run the query; with its message, which shows the place.
        DataError: the type of an input's column does not exist in DuckDB, or the output's columns are not as asked.
    """
    import duckdb

    connection = fresh_connection()
    stack.callback(connection.close)
    try:
        files = [file for item in inputs for file in show(item, connection, scratch)]
        _lock_in(connection, files, scratch)
        columns = _columns(connection.sql(text))
        _require(columns, sort_by)
        schemas = {item.name: item.table.column_names for item in inputs}
        origins = descent(parse(connection, text), schemas, [column.name for column in columns])
        made = connection.sql(ordered(text, columns, sort_by, digits or {}))
    except duckdb.Error as error:
        raise _explained(error, text, inputs) from error
    return Answer(_rows(made, text, inputs), origins)


def _rows(made: duckdb.DuckDBPyRelation, text: str, inputs: Sequence[QueryInput]) -> Iterator[pa.Table]:
    import duckdb

    try:
        yield from relation_batches(made, BATCH_ROWS)
    except duckdb.Error as error:
        raise _explained(error, text, inputs) from error


def _lock_in(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], scratch: Path) -> None:
    """Shut everything else out: other files, extensions, network, settings.

    Two queries that run at once share the memory that DuckDB would take for one.
    """
    (limit,) = connection.execute(
        "SELECT value FROM duckdb_settings() WHERE name = 'memory_limit'"
    ).fetchall()[0]
    amount, unit = str(limit).split()
    settings = {
        "memory_limit": f"'{float(amount) / 2:.1f}{unit}'",
        "temp_directory": _text(str(scratch / "spilled")),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        "python_enable_replacements": "false",
        "allowed_paths": f"[{', '.join(_text(str(file)) for file in files)}]",
        "enable_external_access": "false",
        "lock_configuration": "true",
    }
    for name, value in settings.items():
        connection.execute(f"SET {name} = {value}")


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


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


def _explained(error: Exception, text: str, inputs: Sequence[QueryInput]) -> QueryError:
    """Return DuckDB's error; of a column that is not there, with its place and the nearest of all that there are."""
    first, *rest = str(error).split("\n")
    unknown = re.search(r'column (?:named )?"(.+?)"', first)
    known = {name for item in inputs for name in item.known}
    if unknown is None or unknown.group(1) in known:
        return QueryError(str(error).strip())
    name = unknown.group(1)
    shown = [line for line in rest if line and not line.startswith("Candidate ")]
    place = next((token.start for token in sql_tokens(text) if token.text.strip('"') == name), None)
    if place is not None and not shown:
        line, column, marked = pointed(text, place)
        shown = [f"line {line}, column {column}:", marked]
    return QueryError("\n".join([first, *shown]), position=place, hint=did_you_mean(name, known))
