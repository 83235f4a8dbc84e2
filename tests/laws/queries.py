"""Random queries over two tables whose columns, aliases and steps of WITH share names, and random schemas for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

import pyarrow as pa

COLUMNS = ("a", "b", "c", "k", "t", "x")
"""Names of columns; some are names of tables and aliases, and of a struct's fields, too."""

TABLES = ("t", "u")
ROW = pa.struct([("a", pa.int64()), ("k", pa.int64())])

Held = dict[str, pa.Table]


def random_tables(random: Random) -> Held:
    """The two tables."""
    return {name: random_table(random) for name in TABLES}


def random_table(random: Random) -> pa.Table:
    rows = random.randint(0, 3)
    return pa.table(
        {name: random_column(random, rows) for name in random.sample(COLUMNS, random.randint(2, 4))}
    )


def random_column(random: Random, rows: int) -> pa.Array:
    """A column of small numbers; seldom of structs."""
    numbers = [random.randint(0, 2) for _ in range(rows)]
    if random.random() < 0.15:
        return pa.array([{"a": number, "k": 1} for number in numbers], ROW)
    return pa.array(numbers, pa.int64())


def changed(random: Random, table: pa.Table) -> pa.Table:
    """``table`` with a column more, less, renamed, or of other values; or with other rows."""
    name, other = random.choice(table.column_names), random.choice(COLUMNS)
    free = other not in table.column_names
    match random.choice(["add", "add", "drop", "rename", "values", "values", "rows"]):
        case "add" if free:
            return table.append_column(other, random_column(random, len(table)))
        case "drop":
            return table.drop_columns([name])
        case "rename" if free:
            return table.rename_columns([other if one == name else one for one in table.column_names])
        case "rows":
            return random_table(random)
        case _:
            position = table.column_names.index(name)
            return table.set_column(position, name, random_column(random, len(table)))


def random_query(random: Random, held: Held) -> str:
    """A query that mostly names what is there."""
    schemas = {name: table.column_names for name, table in held.items()}
    return _Writer(random).query(_Scope(schemas), random.choice([0, 1, 1, 2]))[0]


@dataclass
class _Scope:
    """What a reference may name: the columns of the tables and steps, and of the aliases around it."""

    tables: dict[str, list[str]]
    aliases: dict[str, list[str]] = field(default_factory=dict)

    def inside(self) -> _Scope:
        return _Scope(dict(self.tables), dict(self.aliases))


class _Writer:
    """Writes queries; each comes with the names of its columns, as far as the writer can tell."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def query(self, scope: _Scope, depth: int) -> tuple[str, list[str]]:
        scope = scope.inside()
        steps = {}
        for _ in range(self._random.choice([0, 0, 1, 2]) if depth else 0):
            step, columns = self.query(scope, depth - 1)
            name = self._random.choice(["q", "t", "u", "x"])
            if name not in steps:
                steps[name] = f"{name} AS ({step})"
                scope.tables[name] = columns
        text, columns = self.select(scope, depth)
        if self._chance(0.1):
            how = self._random.choice(["UNION ALL", "UNION ALL BY NAME", "EXCEPT"])
            text = f"({text}) {how} ({self.select(scope, depth)[0]})"
        return (f"WITH {', '.join(steps.values())} {text}" if steps else text), columns

    def select(self, scope: _Scope, depth: int) -> tuple[str, list[str]]:
        outer, scope = scope, scope.inside()
        scope.aliases = {}
        source = self._from(scope, outer, depth)
        scope.aliases = {**outer.aliases, **scope.aliases}
        items = [self._item(scope, depth) for _ in range(self._random.randint(1, 3))]
        text = f"SELECT {', '.join(text for text, _ in items)} FROM {source}"
        if self._chance(0.4):
            text += f" WHERE {self._condition(scope, depth)}"
        return text, [name for _, names in items for name in names]

    def _from(self, scope: _Scope, outer: _Scope, depth: int) -> str:
        text = self._source(scope, outer, depth)
        for _ in range(self._random.choice([0, 0, 0, 1, 1, 2])):
            kind = self._random.choice(["using", "on", "on", "natural", "cross", "lateral", "positional"])
            if kind == "lateral" and depth:
                around = _Scope(scope.tables, {**outer.aliases, **scope.aliases})
                inner, columns = self.select(around, depth - 1)
                text += f", LATERAL ({inner}) AS {self._alias(scope, ['l', 'x', 'u'], columns)}"
                continue
            left = {name for columns in scope.aliases.values() for name in columns}
            other = self._source(scope, outer, depth)
            shared = sorted(left & set(list(scope.aliases.values())[-1]))
            text += {
                "using": f" JOIN {other} USING ({self._one_of(shared)})",
                "on": f" JOIN {other} ON {self._reference(scope)} IS NOT DISTINCT FROM {self._reference(scope)}",
                "natural": f" NATURAL JOIN {other}",
                "positional": f" POSITIONAL JOIN {other}",
            }.get(kind, f" CROSS JOIN {other}")
        return text

    def _source(self, scope: _Scope, outer: _Scope, depth: int) -> str:
        if depth and self._chance(0.2):
            text, columns = self.query(_Scope(scope.tables, outer.aliases), depth - 1)
            return f"({text}) AS {self._alias(scope, ['y', 'x', 'u', 'k'], columns)}"
        name = self._random.choice(list(scope.tables))
        columns = scope.tables[name]
        alias = self._alias(scope, [name, name, "x", "y", "a", "T"], columns)
        if alias == name:
            return name
        if columns and self._chance(0.05):
            scope.aliases[alias] = ["b", *columns[1:]]
            return f"{name} AS {alias}(b)"
        return f"{name} AS {alias}"

    def _alias(self, scope: _Scope, names: list[str], columns: list[str]) -> str:
        free = [name for name in names if name.lower() not in map(str.lower, scope.aliases)]
        alias = self._random.choice(free or [f"z{len(scope.aliases)}"])
        scope.aliases[alias] = columns
        return alias

    def _reference(self, scope: _Scope) -> str:
        alias = self._one_of(list(scope.aliases))
        name = self._one_of(scope.aliases.get(alias, []))
        if self._chance(0.12):
            return self._random.choice([alias, alias, f"{name}.a", f"{alias}.{name}.k"])
        return self._random.choice([name, name, name.upper(), f'"{name}"', *[f"{alias}.{name}"] * 6])

    def _item(self, scope: _Scope, depth: int) -> tuple[str, list[str]]:
        alias, name = self._one_of(list(scope.aliases)), self._random.choice(COLUMNS)
        kind = self._random.random()
        if kind < 0.06:
            every = [column for columns in scope.aliases.values() for column in columns]
            stars = ["*", f"* EXCLUDE ({self._one_of(every)})", "COLUMNS('a|b')", "#1", f"{name}.*"]
            return self._random.choice(stars), every
        if kind < 0.12:
            return f"{alias}.*", scope.aliases.get(alias, [])
        if kind < 0.2:
            counted = self._random.choice(["*", "*", self._reference(scope), alias])
            return f"count({counted}) OVER () AS {name}", [name]
        if kind < 0.3 and depth:
            inner = self.select(scope, depth - 1)[0]
            return (
                f"(SELECT string_agg(r::VARCHAR, ',' ORDER BY r::VARCHAR) FROM ({inner}) AS r) AS {name}",
                [name],
            )
        reference = self._reference(scope)
        if kind < 0.5:
            return reference, [reference.split(".")[-1].strip('"').lower()]
        return f"CAST({reference} AS VARCHAR) AS {name}", [name]

    def _condition(self, scope: _Scope, depth: int) -> str:
        if depth and self._chance(0.5):
            return f"EXISTS ({self.select(scope, depth - 1)[0]})"
        return f"CAST({self._reference(scope)} AS VARCHAR) <> '{self._random.randint(0, 2)}'"

    def _one_of(self, names: list[str]) -> str:
        """One of ``names``, seldom any name."""
        return self._random.choice(names if names and not self._chance(0.03) else COLUMNS)

    def _chance(self, share: float) -> bool:
        return self._random.random() < share


def answer(connection: Any, query: str) -> Any:
    """The names and rows that a query gives, in no order; the kind of the error where it gives none."""
    import duckdb

    try:
        relation = connection.sql(query)
        return relation.columns, sorted(map(repr, relation.fetchall()))
    except duckdb.Error as error:
        return type(error).__name__
