"""Owns what a query reads: its tables, and by which names it may mean their columns.

The rule is one that no schema can break: a column is read when it may be meant by a name in the query, qualified by
its table or not qualified at all. A name that upstream gains later, and that would capture a reference, is in the
query too, so it counts from the day that it exists. What reads columns without naming them (stars, COLUMNS(), NATURAL,
PIVOT, whole rows, positions) reads the whole table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetflow.errors import QueryError
from assetflow.queries.functions import TIME, refusal, table_refusal
from assetflow.queries.memory import QueryMemory
from assetflow.queries.tree import NOWHERE, READING, Node, parse, position_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class TableRead:
    """A table that a query reads.

    ``name``: as first written; ``position``: where. ``named``: the names, case folded, by which its columns may be
    meant; None where all its columns are read.
    """

    name: str
    position: int | None
    named: frozenset[str] | None


class QueryReader:
    """Reads queries. ``memory``: a file for what was read, for the next process; None: only for this one."""

    def __init__(self, memory: Path | None = None) -> None:
        self._memory = QueryMemory(memory)

    def read(self, text: str) -> tuple[TableRead, ...]:
        """Return the tables that ``text`` reads; raise QueryError where it is no query that makes an asset."""
        known = self._memory.get(text)
        if known is None:
            walk = _Walk(text)
            try:
                walk.query(parse(self._connection, text), frozenset())
            except RecursionError as error:
                raise QueryError("the query is nested too deeply to be read") from error
            tables = tuple(walk.tables())
            shown = [
                [one.name, one.position, None if one.named is None else sorted(one.named)] for one in tables
            ]
            self._memory.keep(text, shown)
            return tables
        return tuple(
            TableRead(name, position, None if named is None else frozenset(named))
            for name, position, named in known
        )

    def remember(self) -> None:
        """Keep what was read for the next process."""
        self._memory.save()

    @cached_property
    def _connection(self) -> DuckDBPyConnection:
        """A database in memory, for its parser."""
        from assetflow.frames.duckdb_door import fresh_connection

        return fresh_connection()


@dataclass(eq=False)
class _Table:
    """A table of the query by its case-folded name, and what is found out of it."""

    name: str
    position: int | None
    whole: bool = False
    names: set[str] = field(default_factory=set)


class _Walk:
    """Goes through one tree; ``tables`` gives the answer at the end, when all aliases are known."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tables: dict[str, _Table] = {}
        self._aliases: dict[str, set[_Table]] = defaultdict(set)
        self._references: list[list[str]] = []
        self._stars: list[tuple[str, list[_Table]]] = []
        self._bare: set[str] = set()

    def tables(self) -> Iterator[TableRead]:
        """Yield the tables in the order in which they are first named."""
        for relation, sources in self._stars:
            _read_whole(self._aliases.get(relation, sources))
        for names in self._references:
            self._refer([name.casefold() for name in names])
        for table in self._tables.values():
            named = None if table.whole else frozenset(table.names | self._bare)
            yield TableRead(table.name, table.position, named)

    def query(self, node: Node, ctes: frozenset[str]) -> None:
        """Go through a query in which the names ``ctes`` are steps of WITH, not tables."""
        kind = node["type"]
        if kind not in READING:
            raise self._problem(
                f"it holds {kind.removesuffix('_QUERY_NODE')}", node, "an asset's query only reads"
            )
        if node.get("sample"):
            raise self._problem("it takes a sample, which is another one each time", node, _SAMPLE_HINT)
        ctes = self._steps(node, ctes)
        if kind == "RECURSIVE_CTE_NODE":
            ctes |= {node["cte_name"].casefold()}
        sources: list[_Table] = []
        if node.get("from_table"):
            self._from(node["from_table"], ctes, sources)
        rest = {key: value for key, value in node.items() if key not in ("from_table", "cte_map")}
        self._expressions(rest, ctes, sources)

    def _steps(self, node: Node, ctes: frozenset[str]) -> frozenset[str]:
        """Go through the steps of WITH; each sees those before it, and a recursive one itself."""
        for step in (node.get("cte_map") or {}).get("map", ()):
            value = step["value"]
            inner = value.get("query_node") or value["query"]["node"]
            self.query(inner, ctes)
            ctes |= {step["key"].casefold()}
        return ctes

    def _from(self, ref: Node, ctes: frozenset[str], sources: list[_Table]) -> None:
        if ref.get("sample"):
            raise self._problem("it takes a sample, which is another one each time", ref, _SAMPLE_HINT)
        kind = ref["type"]
        if kind == "BASE_TABLE":
            self._base_table(ref, ctes, sources)
        elif kind == "JOIN":
            self._join(ref, ctes, sources)
        elif kind == "PIVOT":
            inner: list[_Table] = []
            self._from(ref["source"], ctes, inner)
            _read_whole(inner)
            sources += inner
            self._alias(ref)
            self._expressions({**ref, "source": None}, ctes, inner)
        elif kind in ("SUBQUERY", "EXPRESSION_LIST", "EMPTY", "TABLE_FUNCTION"):
            self._alias(ref)
            if kind == "TABLE_FUNCTION":
                self._table_function(ref)
            self._expressions(_children(ref, "type"), ctes, sources)
        else:
            message = (
                "DESCRIBE, SHOW and SUMMARIZE tell of tables, not of rows" if kind == "SHOW_REF" else kind
            )
            raise self._problem(f"it cannot select from this: {message}", ref, None)

    def _base_table(self, ref: Node, ctes: frozenset[str], sources: list[_Table]) -> None:
        name = ref["table_name"]
        if ref.get("schema_name") or ref.get("catalog_name") or ref.get("at_clause"):
            path = [ref.get("catalog_name"), ref.get("schema_name"), name]
            written = "/".join(part for part in path if part)
            hint = f'a key with a slash is written in quotes: "{written}"'
            raise self._problem("tables have no schema, catalog or time here", ref, hint)
        if name.casefold() in ctes:
            self._alias(ref)
            return
        position = position_of(self._text, ref.get("query_location"))
        table = self._tables.setdefault(name.casefold(), _Table(name, position))
        table.whole = table.whole or bool(ref.get("column_name_alias"))  # columns renamed by position
        self._aliases[(ref.get("alias") or name).casefold()].add(table)
        sources.append(table)

    def _join(self, ref: Node, ctes: frozenset[str], sources: list[_Table]) -> None:
        joined: list[_Table] = []
        self._from(ref["left"], ctes, joined)
        self._from(ref["right"], ctes, joined)
        if ref.get("ref_type") not in _PLAIN_JOINS:
            _read_whole(joined)  # NATURAL, and whatever a later DuckDB thinks of
        sources += joined
        self._bare.update(name.casefold() for name in ref.get("using_columns") or ())
        self._expressions({**ref, "left": None, "right": None}, ctes, sources)

    def _table_function(self, ref: Node) -> None:
        wrong = table_refusal(ref["function"].get("function_name", "").lower())
        if wrong is not None:
            raise self._problem(wrong[0], ref, wrong[1])

    def _alias(self, ref: Node) -> None:
        """Note the name of what is no table of its own: its columns are named where it is made."""
        name = ref.get("alias") or ref.get("table_name")
        if name:
            self._aliases.setdefault(name.casefold(), set())

    def _expressions(self, value: Any, ctes: frozenset[str], sources: list[_Table]) -> None:
        """Go through all that stands below ``value``; a star in it means ``sources``."""
        waiting = [value]
        while waiting:
            item = waiting.pop()
            if isinstance(item, list):
                waiting += item
            elif isinstance(item, dict):
                if str(item.get("type", "")).endswith("_NODE") and "class" not in item and item is not value:
                    self.query(item, ctes)
                else:
                    self._expression(item, sources)
                    waiting += item.values()

    def _expression(self, node: Node, sources: list[_Table]) -> None:
        kind = node.get("class")
        if kind == "COLUMN_REF":
            self._require_column(node)
            self._references.append(node["column_names"])
        elif kind == "STAR":
            self._star(node, sources)
        elif kind == "POSITIONAL_REFERENCE":
            _read_whole(sources)
        elif kind == "PARAMETER":
            raise self._problem("it has a parameter, and nobody gives it a value", node, "write the value")
        elif "function_name" in node:
            name = node["function_name"].lower()
            wrong = refusal(name, len(node.get("arguments") or node.get("children") or ()))
            if wrong is not None:
                raise self._problem(wrong[0], node, wrong[1])

    def _star(self, node: Node, sources: list[_Table]) -> None:
        if node.get("columns") and not node.get("expr") and node.get("query_location") == NOWHERE:
            return  # ORDER BY ALL: the columns of the output
        relation = (node.get("relation_name") or "").casefold()
        self._stars.append((relation, sources))
        if relation:
            self._bare.add(relation)  # it may be a struct, whose fields are meant

    def _require_column(self, node: Node) -> None:
        """Refuse what looks like a column and is a clock, unless it is quoted: then it is a column for sure."""
        names = node["column_names"]
        position = position_of(self._text, node.get("query_location"))
        quoted = position is not None and self._text[position : position + 1] == '"'
        if len(names) == 1 and names[0].lower() in TIME and not quoted:
            wrong = refusal(names[0].lower(), 0)
            assert wrong is not None
            hint = f'{wrong[1]}; a column of this name is written "{names[0]}"'
            raise self._problem(wrong[0].replace("()", ""), node, hint)

    def _refer(self, names: list[str]) -> None:
        """Note which columns a reference such as ``a``, ``t.a`` or ``a.field`` may mean.

        Its first name may be a column, whatever else it is: that of a struct, or one that upstream gains later.
        """
        first, *rest = names
        self._bare.add(first)
        if not rest:
            _read_whole(self._aliases.get(first, ()))
        elif first in self._aliases:
            for table in self._aliases[first]:
                table.names.add(rest[0])
            self._bare.update(rest[1:])
        else:
            self._bare.update(rest)
            for name in rest:
                _read_whole(self._aliases.get(name, ()))

    def _problem(self, message: str, node: Node, hint: str | None) -> QueryError:
        return QueryError(message, position=position_of(self._text, node.get("query_location")), hint=hint)


def _read_whole(tables: Any) -> None:
    for table in tables:
        table.whole = True


def _children(node: Node, *without: str) -> Node:
    return {key: value for key, value in node.items() if key not in without}


_PLAIN_JOINS = frozenset({"REGULAR", "CROSS", "POSITIONAL", "ASOF", "DEPENDENT"})
_SAMPLE_HINT = "take a share by a key: WHERE hash(id) % 10 = 0"
