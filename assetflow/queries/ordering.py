"""Owns the one order of an asset's rows: what ORDER BY, or ``sort_by``, leaves open is decided by all columns.

SQL promises no order beyond ORDER BY, and DuckDB's threads keep none. What SQL takes for equal and is not (0.0 and
-0.0, 30 days and a month) is told apart too. LIMIT cuts what is ordered so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assetflow.frames.sql_quotes import identifier
from assetflow.hashing.sql_text import Token, sql_tokens
from assetflow.queries.clauses import Clauses, items_of, split


@dataclass(frozen=True)
class Column:
    """A column of the output: its name, and DuckDB's name of its type."""

    name: str
    type: str


def ordered(text: str, columns: Sequence[Column], sort_by: Sequence[str], digits: Mapping[str, int]) -> str:
    """Return the query that gives the rows of ``text`` in one order, its floats rounded to ``digits``.

    Where every key of ORDER BY is a column of the output, the order is that of the rounded numbers. Other keys are
    known inside the query only, so there the order is completed, and the numbers stay.
    """
    clauses = split(text)
    keys = [] if sort_by else _keys(clauses, columns)
    if keys is None or not _is_constant(clauses.limit):
        return _completed(clauses, sort_by, len(columns))
    values = ", ".join(_value(column, digits.get(column.name)) for column in columns)
    first = sorted(columns, key=lambda column: _place(column.name, sort_by))
    order = ", ".join([*(key.text for key in keys), *_rest(first, keys, collated=_is_collated(text))])
    return f"SELECT {values}\nFROM (\n{clauses.body}\n) AS made\nORDER BY {order}\n{clauses.limit}"


@dataclass(frozen=True)
class Key:
    """One key of an ORDER BY: a column, and how it is ordered, in SQL."""

    column: str
    how: str = ""

    @property
    def text(self) -> str:
        """The key in SQL."""
        return f"{identifier(self.column)} {self.how}".rstrip()


def _keys(clauses: Clauses, columns: Sequence[Column]) -> list[Key] | None:
    """Return the keys of ORDER BY where all are columns of the output; None where they are not, or do more."""
    if clauses.chooses:
        return None
    found: list[Key] = []
    for tokens in items_of(clauses.order) if clauses.order else ():
        end = next(
            (at for at, token in enumerate(tokens) if token.word in ("asc", "desc", "nulls")), len(tokens)
        )
        named = _named(tokens[:end], columns)
        if not named:
            return None
        found += [Key(name, " ".join(token.text for token in tokens[end:])) for name in named]
    return found


def _named(tokens: Sequence[Token], columns: Sequence[Column]) -> list[str]:
    """Return the output's columns that a key without its direction means; none where it means something else."""
    names = [column.name for column in columns]
    if len(tokens) != 1:
        return []
    token = tokens[0]
    if token.word == "all":
        return names
    if token.kind == "number":
        return (
            names[int(token.text) - 1 : int(token.text)] if token.text.isdigit() and token.text != "0" else []
        )
    name = token.text[1:-1].replace('""', '"') if token.kind == "quoted" else token.word
    return [one for one in names if one.casefold() == name.casefold()]


def _completed(clauses: Clauses, sort_by: Sequence[str], columns: int) -> str:
    """Return the query with its own ORDER BY, which goes on with all columns by their numbers."""
    order = ", ".join(map(identifier, sort_by)) or clauses.order
    if [token.word for token in sql_tokens(order)][:1] != ["all"]:
        order = ", ".join([*filter(None, [order]), *(str(number + 1) for number in range(columns))])
    return f"{clauses.body}\nORDER BY {order}\n{clauses.limit}"


def _rest(columns: Sequence[Column], keys: Sequence[Key], *, collated: bool) -> list[str]:
    """Return what orders rows that are equal by ``keys``: all columns, each with what SQL takes for equal in it.

    So -0.0 comes before 0.0 whatever stands in the columns after, as ``frames.ordering`` has it.
    """
    done = {key.column for key in keys}
    order = []
    for column in columns:
        order += [identifier(column.name)] if column.name not in done else []
        order += filter(None, [_apart(column, collated=collated)])
    return order


def _apart(column: Column, *, collated: bool) -> str:
    """Return what tells values apart that are equal in SQL; "" where there are none."""
    name = identifier(column.name)
    if column.type in _FLOATS:
        return f"signbit({name}) DESC"
    if column.type == "VARCHAR":
        return f"encode({name})" if collated else ""
    return "" if column.type.partition("(")[0] in _EXACT else f"CAST({name} AS VARCHAR)"


def _place(name: str, sort_by: Sequence[str]) -> int:
    return sort_by.index(name) if name in sort_by else len(sort_by)


def _value(column: Column, digits: int | None) -> str:
    name = identifier(column.name)
    if digits is None or column.type not in _FLOATS:
        return name
    return f"CAST(round_even({name}, {digits}) + 0.0 AS {column.type}) AS {name}"


def _is_constant(limit: str) -> bool:
    """Say whether a LIMIT can stand outside the query: what it counts to is written there."""
    return all(
        token.kind == "number" or token.word in _LIMITS or token.text == "%" for token in sql_tokens(limit)
    )


def _is_collated(text: str) -> bool:
    return any(token.word == "collate" for token in sql_tokens(text))


_FLOATS = frozenset({"FLOAT", "DOUBLE"})
_EXACT = frozenset(
    re.findall(
        r"\w+",
        """
    BOOLEAN TINYINT SMALLINT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT UHUGEINT DECIMAL
    DATE TIME TIMESTAMP TIMESTAMP_S TIMESTAMP_MS TIMESTAMP_NS BLOB UUID BIT ENUM NULL
    """,
    )
) | {"TIMESTAMP WITH TIME ZONE"}
_LIMITS = frozenset(
    {"limit", "offset", "percent", "rows", "row", "all", "null", "fetch", "first", "next", "only"}
)
