"""Owns how a name and a text are written in DuckDB's SQL, whatever they hold."""

from __future__ import annotations


def identifier(name: str) -> str:
    """Return a name as an identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as a string."""
    return "'" + text.replace("'", "''") + "'"
