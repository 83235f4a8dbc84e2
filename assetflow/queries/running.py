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
from assetflow.frames.sql_quotes import literal
from assetflow.hashing.sql_text import sql_tokens
from assetflow.keys import did_you_mean
from assetflow.queries.clauses import split
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

    asked = text
    connection = fresh_connection()
    stack.callback(connection.close)
    try:
        files = [file for item in inputs for file in show(item, connection, scratch)]
        _lock_in(connection, files, scratch)
        columns = _columns(connection.sql(text))
        _require(columns, sort_by)
        schemas = {item.name: item.table.column_names for item in inputs}
        origins = descent(parse(connection, text), schemas, [column.name for column in columns])
        asked = ordered(text, columns, sort_by, digits or {})
        made = connection.sql(asked)
    except duckdb.Error as error:
        raise _explained(_told(error, asked, text), text, inputs) from error
    return Answer(_rows(made, asked, text, inputs), origins)


def _rows(
    made: duckdb.DuckDBPyRelation, asked: str, text: str, inputs: Sequence[QueryInput]
) -> Iterator[pa.Table]:
    import duckdb

    try:
        yield from relation_batches(made, BATCH_ROWS)
    except duckdb.Error as error:
        raise _explained(_told(error, asked, text), text, inputs) from error


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
        "temp_directory": literal(str(scratch / "spilled")),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        "python_enable_replacements": "false",
        "allowed_paths": f"[{', '.join(literal(str(file)) for file in files)}]",
        "enable_external_access": "false",
        "lock_configuration": "true",
    }
    for name, value in settings.items():
        connection.execute(f"SET {name} = {value}")


def _columns(relation: duckdb.DuckDBPyRelation) -> list[Column]:
    columns = [Column(name, str(kind)) for name, kind in zip(relation.columns, relation.types, strict=True)]
    named: dict[str, str] = {}
    for column in columns:
        if column.name.casefold() in named:
            raise _twins(named[column.name.casefold()], column.name)
        named[column.name.casefold()] = column.name
    return columns


def _twins(first: str, second: str) -> DataError:
    told = f"more than one column is named {first!r}"
    if first != second:
        told = f"columns {first!r} and {second!r} have the same name in SQL, where case is ignored"
    return DataError(told, hint="give each its own name by AS")


def _require(columns: Sequence[Column], sort_by: Sequence[str]) -> None:
    names = [column.name for column in columns]
    for name in sort_by:
        if name not in names:
            hint = did_you_mean(name, names) or f"its columns: {', '.join(names)}"
            raise DataError(f"sort_by= names {name!r}, which is no column of the table", hint=hint)


def _told(error: Exception, asked: str, text: str) -> str:
    """Return what DuckDB says of the query that it was ``asked``, with the line that the place has in ``text``.

    A place that is not in what makes the rows of ``text`` is left out.
    """
    message = str(error).strip()
    found = _PLACE.search(message)
    if found is None or asked == text:
        return message
    label, number, shown, mark = found.groups()
    body = split(text).body
    line = int(number) - asked[: asked.index(body)].count("\n")
    before = message[: found.start()].rstrip()
    if not 1 <= line <= body.count("\n") + 1:
        return before
    own = f"LINE {line + text[: text.index(body)].count(chr(10))}: "
    return f"{before}\n\n{own}{shown}\n{' ' * (len(own) - len(label))}{mark[max(0, len(label) - len(own)) :]}"


def _explained(message: str, text: str, inputs: Sequence[QueryInput]) -> QueryError:
    """Return DuckDB's ``message``; of a column that is not there, with its place and the nearest that there is."""
    first, *rest = message.split("\n")
    unknown = re.search(r'column (?:named )?"(.+?)"', first)
    known = {name for item in inputs for name in item.known}
    if unknown is None or unknown.group(1) in known:
        return QueryError(message)
    name = unknown.group(1)
    shown = [line for line in rest if line and not line.startswith("Candidate ")]
    place = next((token.start for token in sql_tokens(text) if token.text.strip('"') == name), None)
    if place is not None and not shown:
        line, column, marked = pointed(text, place)
        shown = [f"line {line}, column {column}:", marked]
    return QueryError("\n".join([first, *shown]), position=place, hint=did_you_mean(name, known))


_PLACE = re.compile(r"^(LINE (\d+): )(.*)\n( *\^.*)", re.MULTILINE)
