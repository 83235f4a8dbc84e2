"""Owns DuckDB's own syntax tree of a query: that a text is one SELECT, and where in it something stands.

Knows nothing of what the tree means.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from assetflow.errors import QueryError
from assetflow.hashing.sql_text import sql_tokens

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Node = dict[str, Any]

NOWHERE = 2**64 - 1
"""What DuckDB writes for the place of a node that stands nowhere in the text."""

READING = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
"""The types of the queries that only read."""


def parse(connection: DuckDBPyConnection, text: str) -> Node:
    """Return the tree of the one SELECT in ``text``; binds no names and runs nothing of it.

    Raises:
        QueryError: it does not parse, or is not one SELECT.
    """
    tokens = list(sql_tokens(text))
    if not tokens:
        raise QueryError("the query is empty", hint="write one SELECT")
    body = serialized(connection, text)
    if body["error"]:
        raise _problem(body, text, tokens[0].word)
    statements = body["statements"]
    if len(statements) != 1:
        end = next((token.end for token in tokens if token.text == ";"), 0)
        second = next((token.start for token in tokens if token.start >= end), None)
        hint = "name the steps before the last by WITH, or make each of them an asset"
        raise QueryError(f"the text holds {len(statements)} statements", position=second, hint=hint)
    node: Node = statements[0]["node"]
    return node


def serialized(connection: DuckDBPyConnection, text: str) -> Node:
    """Return what DuckDB's parser says of ``text``: its statements, or its error.

    Raises:
        QueryError: it is nested too deeply.
    """
    rows = connection.execute("SELECT CAST(json_serialize_sql(?) AS VARCHAR)", [text]).fetchall()
    try:
        body: Node = json.loads(rows[0][0])
    except RecursionError as error:
        raise QueryError("the query is nested too deeply to be read") from error
    return body


def position_of(text: str, location: Any) -> int | None:
    """Return as an offset in characters what DuckDB counts in bytes."""
    if not isinstance(location, int) or location == NOWHERE:
        return None
    return len(text.encode()[:location].decode(errors="ignore"))


def pointed(text: str, position: int) -> tuple[int, int, str]:
    """Return line and column of a place, both from 1 on, and the line with a mark below the place."""
    before = text[:position]
    line, column = before.count("\n") + 1, position - before.rfind("\n")
    shown = text.split("\n")[line - 1].expandtabs(1)
    return line, column, f"{shown}\n{' ' * (column - 1)}^"


def _problem(body: Node, text: str, first: str) -> QueryError:
    message = str(body.get("error_message", ""))
    if body.get("error_type") == "parser":
        where = body.get("position")
        return QueryError(message, position=position_of(text, int(where)) if where else None)
    hint = "an asset is made by one SELECT, which only reads"
    if first == "pivot":  # DuckDB asks the data first which columns there are
        hint = (
            "write SELECT * FROM (PIVOT t ON region IN ('north', 'south') USING ...), with the values named"
        )
    return QueryError(f"a statement that begins with {first.upper()} is no SELECT", position=0, hint=hint)
