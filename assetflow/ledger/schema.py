"""Owns how the ledger's tables are told to DuckDB, and the text that says what shape a file has.

Knows nothing of what the tables mean (``tables``, ``views``) or of how they are filled (``apply``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from assetflow.frames.sql_quotes import literal

SCHEMA = "assetflow"

Type = Literal["VARCHAR", "VARCHAR[]", "BIGINT", "DOUBLE", "BOOLEAN", "TIMESTAMP"]


@dataclass(frozen=True)
class Column:
    """One column: its name, DuckDB type, and what it holds."""

    name: str
    type: Type
    comment: str


@dataclass(frozen=True)
class Table:
    """One table that ``apply`` appends to."""

    name: str
    comment: str
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class View:
    """One view over tables, or views that come before it. ``columns``: (name, what it holds) in order."""

    name: str
    comment: str
    columns: tuple[tuple[str, str], ...]
    query: str


def definitions(tables: tuple[Table, ...], views: tuple[View, ...]) -> str:
    """Return the statements that make ``tables`` and ``views``."""
    statements = [f"CREATE SCHEMA {SCHEMA}"]
    for table in tables:
        columns = ", ".join(f"{column.name} {column.type}" for column in table.columns)
        statements.append(f"CREATE TABLE {SCHEMA}.{table.name} ({columns})")
    for view in views:
        names = ", ".join(name for name, _ in view.columns)
        statements.append(f"CREATE VIEW {SCHEMA}.{view.name} ({names}) AS {view.query}")
    return ";\n".join(statements)


def comments(tables: tuple[Table, ...], views: tuple[View, ...]) -> str:
    """Return the statements that put comments on ``tables``, ``views`` and all their columns."""
    statements: list[str] = []
    for table in tables:
        named = [(column.name, column.comment) for column in table.columns]
        statements += _comment("TABLE", table.name, table.comment, named)
    for view in views:
        statements += _comment("VIEW", view.name, view.comment, view.columns)
    return ";\n".join(statements)


def shape_of(statements: str, known_actions: Iterable[str], number: int) -> str:
    """Return the text by which a file is known to have been made by these ``statements``.

    The action types are in it: a release that learns a type must read again the commits that it passed over.
    """
    told = "\n".join([statements, *sorted(known_actions)])
    return f"{number}-{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def _comment(kind: str, name: str, comment: str, columns: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield f"COMMENT ON {kind} {SCHEMA}.{name} IS {literal(comment)}"
    for column, meaning in columns:
        yield f"COMMENT ON COLUMN {SCHEMA}.{name}.{column} IS {literal(meaning)}"
