"""Owns the judgement of a person's SQL: that it is one statement which only reads, and which tables it names.

DuckDB counts ``WITH x AS (COPY ... TO 'file') SELECT ...`` as a SELECT, and lets EXPLAIN ANALYZE run a
COPY. So the type of the statement is not enough: what EXPLAIN explains is judged by itself, and every node
of the tree must be one that reads. (The sandbox stands behind this; here is where a person is told what is
wrong.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assetflow.errors import QueryError
from assetflow.hashing.sql_text import sql_tokens
from assetflow.queries.tree import READING, serialized

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Statement:
    """One statement that only reads.

    ``names``: its unqualified table names, case folded; None where they could be any.
    """

    text: str
    names: frozenset[str] | None


def read_statement(connection: DuckDBPyConnection, sql: str) -> Statement:
    """Return the one statement in ``sql``; binds no names and runs nothing of it.

    Raises:
        QueryError: it does not parse, is not one statement, or does not only read.
    """
    kind, text = _single(connection, sql)
    reading = text
    if kind == "EXPLAIN":
        kind, reading = _explained(connection, text)
    if kind != "SELECT":
        raise _refusal(kind)
    tree = _tree(connection, reading)
    writing = {node["type"] for node in tree if _is_query(node)} - READING
    if writing:
        raise _refusal(" and ".join(sorted(kind.removesuffix("_QUERY_NODE") for kind in writing)))
    return Statement(text, _names(tree))


def _single(connection: DuckDBPyConnection, sql: str) -> tuple[str, str]:
    import duckdb

    try:
        statements = connection.extract_statements(sql)
    except duckdb.Error as error:
        raise QueryError(str(error)) from error
    if len(statements) != 1:
        count = "no statement" if not statements else f"{len(statements)} statements"
        raise QueryError(f"the text holds {count}", hint="give one SELECT or EXPLAIN statement at a time")
    return statements[0].type.name, statements[0].query


def _explained(connection: DuckDBPyConnection, text: str) -> tuple[str, str]:
    """Return type and text of what EXPLAIN explains; its options may look like the start of a query."""
    tokens = list(sql_tokens(text))[1:]
    if tokens and tokens[0].word == "analyze":
        tokens = tokens[1:]
    end = next((number for number, token in enumerate(tokens) if token.text == ")"), 0)
    options = tokens[1:end] if tokens and tokens[0].text == "(" else []
    without = tokens[end + 1 :] if all(token.word or token.text == "," for token in options) else tokens
    for candidate in (tokens, without if options else tokens):
        try:
            return _single(connection, text[candidate[0].start :] if candidate else "")
        except QueryError:
            continue
    return "EXPLAIN of something else", ""


def _refusal(kind: str) -> QueryError:
    hint = "only SELECT and EXPLAIN of a SELECT run here; nothing can be changed"
    if kind == "MULTI":  # DuckDB asks the data first which columns there are, and makes a type of them
        kind, hint = "PIVOT without values", "name the values: PIVOT sales ON region IN ('north', 'south')"
    return QueryError(f"this is a statement of the kind {kind}, which is not allowed", hint=hint)


def _tree(connection: DuckDBPyConnection, text: str) -> list[dict[str, Any]]:
    """Return every node of the statement's syntax tree."""
    body = serialized(connection, text)
    if body["error"]:
        raise _refusal(body.get("error_message", "unknown"))
    return list(_nodes(body))


def _nodes(body: Any) -> Iterator[dict[str, Any]]:
    waiting = [body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)


def _is_query(node: dict[str, Any]) -> bool:
    return str(node.get("type", "")).endswith("_NODE")


def _names(tree: list[dict[str, Any]]) -> frozenset[str] | None:
    names = set()
    for node in tree:
        if node.get("show_type") == "SHOW_SPECIAL" or node.get("function_name") in _NAMING:
            return None
        if node.get("type") in _NAMED and not node.get("schema_name"):
            names.add(node["table_name"].strip('"').casefold())
    return frozenset(names)


_NAMED = {"BASE_TABLE", "SHOW_REF"}
# Functions whose arguments name tables.
_NAMING = {"query", "query_table", "json_execute_serialized_sql"}
