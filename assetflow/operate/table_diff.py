"""Owns what differs between two versions of a table: schema, rows and cells, as people and programs are told it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from assetflow.errors import UnknownNameError, UsageError
from assetflow.frames.python_values import python_values
from assetflow.keys import did_you_mean
from assetflow.queries.comparing import Asked, Comparison, compare
from assetflow.queries.two_tables import Side
from assetflow.queries.unique_key import RepeatedKey

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class ColumnChange:
    """A column that not both tables have with one type. ``old``, ``new``: its types, None where it is missing."""

    name: str
    old: str | None
    new: str | None


@dataclass(frozen=True)
class ColumnDiff:
    """A column that both tables have. ``same``: it is equal in all rows that both have; without a key, in its place.

    ``changed``: in how many of the rows that both have it differs; ``share`` of them. None where no key matches rows.
    """

    name: str
    type: str
    same: bool
    changed: int | None
    share: float | None


@dataclass(frozen=True)
class ChangedRow:
    """A row that changed: its key, and (old, new) of each cell that differs."""

    key: Mapping[str, Any]
    cells: Mapping[str, tuple[Any, Any]]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        cells = {name: {"old": old, "new": new} for name, (old, new) in self.cells.items()}
        return {"key": dict(self.key), "cells": cells}


@dataclass(frozen=True)
class TableDiff:
    """What differs between two tables.

    ``old_rows``, ``new_rows``: how many there are. ``key``: by which rows were matched; ``key_from`` says whether it
    was ``given`` or ``guessed`` from a check; empty: whole rows were matched, so that ``changed`` is None, and a row
    that changed is one removed and one added. ``schema``: columns that were added, removed or have another type.
    ``columns``: those that were compared. ``note``: what there is to know about the comparison.

    The first rows of each kind: ``added_rows``, ``removed_rows``, ``changed_rows``.
    """

    old_rows: int
    new_rows: int
    schema: tuple[ColumnChange, ...]
    columns_moved: bool
    rows_moved: bool
    key: tuple[str, ...]
    key_from: Literal["given", "guessed"] | None
    added: int
    removed: int
    changed: int | None
    columns: tuple[ColumnDiff, ...]
    note: str | None
    added_rows: pa.Table = field(repr=False)
    removed_rows: pa.Table = field(repr=False)
    changed_rows: tuple[ChangedRow, ...] = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return {
            "rows": {
                "old": self.old_rows,
                "new": self.new_rows,
                "added": self.added,
                "removed": self.removed,
                "changed": self.changed,
                "moved": self.rows_moved,
            },
            "schema": [asdict(change) for change in self.schema],
            "columns_moved": self.columns_moved,
            "key": list(self.key),
            "key_from": self.key_from,
            "columns": [asdict(column) for column in self.columns],
            "note": self.note,
            "samples": {
                "added": _rows(self.added_rows),
                "removed": _rows(self.removed_rows),
                "changed": [row.to_dict() for row in self.changed_rows],
            },
        }


@dataclass(frozen=True)
class Named:
    """One of the two tables, with what it is called in messages."""

    name: str
    side: Side


def diff_tables(
    old: Named,
    new: Named,
    *,
    given: Sequence[str],
    guesses: Sequence[Sequence[str]],
    whole_rows: bool,
    most: int,
) -> TableDiff:
    """Compare two tables.

    Args:
        old: the one.
        new: the other.
        given: the key that was asked for; empty where none was.
        guesses: keys to try where none was asked for, the best first.
        whole_rows: compare whole rows: one that changed is one removed and one added.
        most: how many rows of each kind to show.

    Raises:
        UsageError: the key that was asked for is not in both tables with one type, or not unique; or there is none.
    """
    columns = _compared(old.side.schema, new.side.schema)
    if given:
        _require_columns(given, columns, (old, new))
    possible = [tuple(key) for key in guesses if set(key) <= set(columns)]
    keys = [()] if whole_rows else [tuple(given)] if given else possible
    if not columns:
        return _told(old.side, new.side, _nothing_compared(old.side, new.side), None, [_NOTHING_IN_COMMON])
    notes: list[str] = []
    with tempfile.TemporaryDirectory(prefix="assetflow-diff-") as scratch:
        for key in keys:
            found = compare(old.side, new.side, Asked(columns, key, most, Path(scratch)))
            if isinstance(found, Comparison):
                key_from: Literal["given", "guessed"] = "given" if given else "guessed"
                return _told(old.side, new.side, found, key_from if key else None, notes)
            if given:
                raise _repeated(found, old, new)
            notes.append(f"{_repeated(found, old, new).message}, though a check says so")
    raise _no_key(new, notes)


_NOTHING_IN_COMMON = "the two have no column in common with one type, so their rows were not compared"


def _compared(old: pa.Schema, new: pa.Schema) -> tuple[str, ...]:
    """Return the columns that both have with the same type, in the new order."""
    types = dict(zip(old.names, old.types, strict=True))
    return tuple(item.name for item in new if types.get(item.name) == item.type)


def _require_columns(key: Sequence[str], columns: Sequence[str], tables: Sequence[Named]) -> None:
    for name in key:
        for table in tables:
            names = table.side.schema.names
            if name not in names:
                hint = did_you_mean(name, names) or f"its columns: {', '.join(names)}"
                raise UnknownNameError(f"{table.name} has no column {name!r} to be a key", hint=hint)
        if name not in columns:
            types = " and ".join(f"{table.side.schema.field(name).type} in {table.name}" for table in tables)
            raise UsageError(
                f"column {name!r} cannot be a key: it is {types}", hint="name columns that have one type"
            )
    if len(set(key)) < len(key):
        raise UsageError(f"the key names a column twice: {', '.join(key)}")


def _no_key(table: Named, notes: Sequence[str]) -> UsageError:
    why = f": {'; '.join(notes)}" if notes else ""
    return UsageError(
        f"{table.name} has no key by which its rows could be matched{why}",
        hint="name one by --key COLUMN[,COLUMN], or for good by a check af.unique(...); "
        "or compare whole rows by --rows, where a changed one is removed and added",
    )


def _repeated(found: RepeatedKey, old: Named, new: Named) -> UsageError:
    table = old if found.side is old.side else new
    values = ", ".join(f"{name}={_shown(found.row[name])}" for name in found.row.column_names)
    key = ", ".join(found.row.column_names)
    return UsageError(
        f"{key} is no key of {table.name}: {found.times:,} rows have {values}",
        hint="name columns that tell all rows apart: --key a,b; or compare whole rows: --rows",
    )


def _shown(column: pa.ChunkedArray) -> str:
    value = python_values(column)[0]
    return "null" if value is None else repr(value)


def _told(
    old: Side,
    new: Side,
    found: Comparison,
    key_from: Literal["given", "guessed"] | None,
    notes: Sequence[str],
) -> TableDiff:
    columns = tuple(_column(name, found, old, new) for name in found.columns)
    is_same = all(_in_place(name, old, new) for name in found.columns)
    is_moved = not (found.added or found.removed or found.changed or is_same)
    return TableDiff(
        old_rows=old.rows,
        new_rows=new.rows,
        schema=_schema_changes(old.schema, new.schema),
        columns_moved=_is_moved(old.schema.names, new.schema.names),
        rows_moved=is_moved,
        key=found.key,
        key_from=key_from,
        added=found.added,
        removed=found.removed,
        changed=found.changed if found.key else None,
        columns=columns,
        note="; ".join(notes) or None,
        added_rows=found.added_rows,
        removed_rows=found.removed_rows,
        changed_rows=_changed_rows(found),
    )


def _column(name: str, found: Comparison, old: Side, new: Side) -> ColumnDiff:
    matched = old.rows - found.removed
    changed = found.cells[name] if found.key else None
    share = None if changed is None else changed / matched if matched else 0.0
    same = _in_place(name, old, new) if changed is None else not changed
    return ColumnDiff(name, str(new.schema.field(name).type), same, changed, share)


def _in_place(name: str, old: Side, new: Side) -> bool:
    """Say whether a column is equal from the first row to the last."""
    return old.rows == new.rows and old.hashes[name] == new.hashes[name]


def _schema_changes(old: pa.Schema, new: pa.Schema) -> tuple[ColumnChange, ...]:
    olds = dict(zip(old.names, map(str, old.types), strict=True))
    news = dict(zip(new.names, map(str, new.types), strict=True))
    changes = [ColumnChange(name, olds.get(name), news.get(name)) for name in {**olds, **news}]
    same = set(_compared(old, new))
    return tuple(change for change in changes if change.name not in same)


def _is_moved(old: Sequence[str], new: Sequence[str]) -> bool:
    """Say whether the columns that both have come in another order."""
    return [name for name in old if name in set(new)] != [name for name in new if name in set(old)]


def _nothing_compared(old: Side, new: Side) -> Comparison:
    from assetflow.queries.comparing import ChangedRows

    return Comparison(
        key=(),
        columns=(),
        added=0,
        removed=0,
        changed=0,
        cells={},
        added_rows=new.empty,
        removed_rows=old.empty,
        changed_rows=ChangedRows(old.empty, new.empty, {}),
    )


def _changed_rows(found: Comparison) -> tuple[ChangedRow, ...]:
    rows = found.changed_rows
    olds = {name: python_values(rows.old[name]) for name in found.columns}
    news = {name: python_values(rows.new[name]) for name in found.columns}
    return tuple(
        ChangedRow(
            key={name: news[name][row] for name in found.key},
            cells={
                name: (olds[name][row], news[name][row]) for name in found.columns if rows.cells[name][row]
            },
        )
        for row in range(len(rows.new))
    )


def _rows(table: pa.Table) -> list[dict[str, Any]]:
    columns = [python_values(column) for column in table.columns]
    return [dict(zip(table.column_names, row, strict=True)) for row in zip(*columns, strict=True)]
