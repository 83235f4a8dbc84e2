"""Owns from which columns of its tables each column of a query comes: what its values are computed from.

It is told to people, and decides nothing: what only filters, joins or groups rows is left out, and where the origin
cannot be told (PIVOT) nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assetflow.queries.tree import Node

Origins = frozenset[tuple[str, str]]
"""(table, column) pairs."""

_NONE: Origins = frozenset()


@dataclass(frozen=True)
class Relation:
    """What a name in FROM stands for: its columns with their origins; ``other``: those of columns it does not list."""

    columns: tuple[tuple[str, Origins], ...]
    other: Origins = _NONE

    def origins(self, name: str) -> Origins | None:
        """Return the origins of a column; None where it has none of this name."""
        found = [origins for column, origins in self.columns if column.casefold() == name]
        return found[0] if found else self.other or None

    @property
    def all(self) -> Origins:
        """The origins of all its columns."""
        return self.other.union(*(origins for _, origins in self.columns))


Scope = Mapping[str, Relation]


def descent(tree: Node, schemas: Mapping[str, Sequence[str]], columns: Sequence[str]) -> dict[str, Origins]:
    """Return the origins of each of the output's ``columns``; {} where they cannot be told.

    ``schemas``: the columns of the query's tables, by their names in it.
    """
    tables = {
        name.casefold(): Relation(tuple((column, frozenset({(name, column)})) for column in names))
        for name, names in schemas.items()
    }
    try:
        found = _query(tree, tables, ())
    except (LookupError, TypeError):
        return {}  # a tree of another DuckDB: nothing is told, and nothing depends on it
    if len(found.columns) != len(columns):
        return {}
    return {name: origins for name, (_, origins) in zip(columns, found.columns, strict=True)}


def _query(node: Node, known: Scope, around: Sequence[Scope]) -> Relation:
    """Return what a query gives; ``known``: tables and steps of WITH; ``around``: the FROMs that enclose it."""
    for step in (node.get("cte_map") or {}).get("map", ()):
        value = step["value"]
        inner = value.get("query_node") or value["query"]["node"]
        known = {**known, step["key"].casefold(): _named(_query(inner, known, around), value.get("aliases"))}
    if node["type"] == "RECURSIVE_CTE_NODE":
        first = _query(node["left"], known, around)
        known = {**known, node["cte_name"].casefold(): first}
        return _together([first, _query(node["right"], known, around)], by_name=False)
    if node["type"] == "SET_OPERATION_NODE":
        children = node.get("children") or [node["left"], node["right"]]
        by_name = "BY_NAME" in str(node.get("setop_type"))
        return _together([_query(child, known, around) for child in children], by_name=by_name)
    scope = dict(_from(node["from_table"], known, around))
    items: list[tuple[str, Origins]] = []
    for item in node["select_list"]:
        items += _outputs(item, known, (scope, *around), items)
    return Relation(tuple(items))


def _from(ref: Node, known: Scope, around: Sequence[Scope]) -> Iterator[tuple[str, Relation]]:
    """Yield what stands in a FROM, by its alias."""
    kind, alias = ref["type"], (ref.get("alias") or ref.get("table_name") or "").casefold()
    if kind == "JOIN":
        left = dict(_from(ref["left"], known, around))
        yield from left.items()
        yield from _from(ref["right"], known, (left, *around))
    elif kind == "BASE_TABLE":
        yield (
            alias,
            _named(known.get(ref["table_name"].casefold(), Relation(())), ref.get("column_name_alias")),
        )
    elif kind == "SUBQUERY":
        yield alias, _named(_query(ref["subquery"]["node"], known, around), ref.get("column_name_alias"))
    elif kind != "EMPTY":
        parts = dict(_from(ref["source"], known, around)) if "source" in ref else {}
        origins = _origins({**ref, "source": None}, known, (parts, *around), ())
        origins = origins.union(*(relation.all for relation in parts.values()))
        names = ref.get("column_name_alias") or ref.get("expected_names") or ()
        yield alias, Relation(tuple((name, origins) for name in names), origins)


def _outputs(
    item: Node, known: Scope, scopes: Sequence[Scope], before: Sequence[tuple[str, Origins]]
) -> Iterable[tuple[str, Origins]]:
    """Return the columns that one item of a select list gives."""
    if item.get("class") != "STAR":
        name = item.get("alias") or (item.get("column_names") or [""])[-1]
        return [(name, _origins(item, known, scopes, before))]
    relation = (item.get("relation_name") or "").casefold()
    named = next((scope[relation] for scope in scopes if relation in scope), None)
    shown = scopes[0].values() if named is None else [named]
    left_out = {str(name).casefold() for name in item.get("exclude_list") or ()}
    merged: dict[str, tuple[str, Origins]] = {}
    for one in shown:
        for name, origins in one.columns:
            first, so_far = merged.get(name.casefold(), (name, _NONE))  # USING gives one column for two
            merged[name.casefold()] = (first, so_far | origins)
    return [column for folded, column in merged.items() if folded not in left_out]


def _origins(
    value: Any, known: Scope, scopes: Sequence[Scope], before: Sequence[tuple[str, Origins]]
) -> Origins:
    """Return the origins of all that an expression refers to, in subqueries what these give."""
    found: set[tuple[str, str]] = set()
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting += item
        elif isinstance(item, dict) and item.get("class") == "COLUMN_REF":
            found |= _referred([name.casefold() for name in item["column_names"]], scopes, before)
        elif isinstance(item, dict) and item.get("class") == "STAR":
            found |= _NONE.union(*(relation.all for relation in scopes[0].values()))
        elif (isinstance(item, dict) and "select_list" in item) or (
            isinstance(item, dict) and "setop_type" in item
        ):
            found |= _query(item, known, scopes).all
        elif isinstance(item, dict):
            waiting += item.values()
    return frozenset(found)


def _referred(names: list[str], scopes: Sequence[Scope], before: Sequence[tuple[str, Origins]]) -> Origins:
    first, *rest = names
    for scope in scopes:
        if rest and first in scope:
            origins = scope[first].origins(rest[0])
            if origins is not None:
                return origins
        having = [origins for relation in scope.values() if (origins := relation.origins(first)) is not None]
        if having:
            return _NONE.union(*having)
        if first in scope:
            return scope[first].all
    return next((origins for name, origins in before if name.casefold() == first), _NONE)


def _named(relation: Relation, names: Sequence[str] | None) -> Relation:
    """Return a relation whose first columns have other names."""
    if not names:
        return relation
    renamed = [(name, origins) for name, (_, origins) in zip(names, relation.columns, strict=False)]
    return Relation((*renamed, *relation.columns[len(names) :]), relation.other)


def _together(parts: Sequence[Relation], *, by_name: bool) -> Relation:
    """Return the columns of a UNION and the like: those of the first, with the origins of the others."""
    columns = list(parts[0].columns)
    for part in parts[1:]:
        for number, (name, origins) in enumerate(part.columns):
            same = [at for at, (other, _) in enumerate(columns) if other.casefold() == name.casefold()]
            at = (same[0] if same else None) if by_name else number if number < len(columns) else None
            if at is None:
                columns.append((name, origins))
            else:
                columns[at] = (columns[at][0], columns[at][1] | origins)
    return Relation(tuple(columns))
