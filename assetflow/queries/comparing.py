"""Owns comparing two versions of a table: which rows were added, removed and changed, reading as little as will do.

What is known without reading is not read: columns of equal hash, and parts that both have. Memory is bounded,
whatever the size and however much differs. Knows nothing of assets and versions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assetflow.queries.differing import differing
from assetflow.queries.in_step import Steps, in_step, only_in_place
from assetflow.queries.merging import can_merge, merged
from assetflow.queries.row_match import Matched, RowMatch, spilling_connection
from assetflow.queries.tally import WORTH_TALLYING, may_differ
from assetflow.queries.two_tables import Side, unshared
from assetflow.queries.unique_key import RepeatedKey, grows, repeated_key

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


@dataclass(frozen=True)
class ChangedRows:
    """Rows of both tables with the same key, side by side; ``cells``: by column, in which of them it differs."""

    old: pa.Table
    new: pa.Table
    cells: dict[str, tuple[bool, ...]]


@dataclass(frozen=True)
class Comparison:
    """What differs between the rows of two tables.

    ``key``: by which rows are matched; empty: equal rows are matched, so that none is changed. ``columns``: what is
    compared. ``cells``: by column, in how many of the matched rows it differs. The first rows of each kind stand in
    ``added_rows``, ``removed_rows`` and ``changed_rows``.
    """

    key: tuple[str, ...]
    columns: tuple[str, ...]
    added: int
    removed: int
    changed: int
    cells: dict[str, int]
    added_rows: pa.Table
    removed_rows: pa.Table
    changed_rows: ChangedRows


@dataclass(frozen=True)
class Asked:
    """How two tables are compared.

    Args:
        columns: in which columns, at least one, which both have with the same types.
        key: those of them by which rows are matched; none: equal rows are matched.
        most: how many rows of each kind to return.
        scratch: a folder for what does not fit memory.
        worth_tallying: from how many rows on those that may differ are looked for first.
    """

    columns: tuple[str, ...]
    key: tuple[str, ...]
    most: int
    scratch: Path
    worth_tallying: int = WORTH_TALLYING


def compare(old: Side, new: Side, asked: Asked) -> Comparison | RepeatedKey:
    """Compare the rows of two tables; or return a key that more than one of the rows that were read has."""
    with spilling_connection(asked.scratch) as connection:
        matched = _matched(old, new, asked, connection)
        if isinstance(matched, RepeatedKey):
            return matched
        olds = old.take([number for number, _ in matched.first_changed])
        news = new.take([number for _, number in matched.first_changed])
        cells = _cells(olds, news, asked.columns, connection)
    return Comparison(
        key=asked.key,
        columns=asked.columns,
        added=matched.added,
        removed=matched.removed,
        changed=matched.changed,
        cells=dict(zip(asked.columns, matched.cells, strict=True)),
        added_rows=new.take(matched.first_added),
        removed_rows=old.take(matched.first_removed),
        changed_rows=ChangedRows(olds, news, cells),
    )


def _matched(
    old: Side, new: Side, asked: Asked, connection: duckdb.DuckDBPyConnection
) -> Matched | RepeatedKey:
    """Match rows in the way that reads least.

    Where the keys are equal from first to last, so are the places of rows with the same key.
    """
    as_many = old.rows == new.rows
    differ = [name for name in asked.columns if not as_many or old.hashes[name] != new.hashes[name]]
    if not differ:
        return Matched(0, 0, 0, (0,) * len(asked.columns))
    olds, news = unshared(old, new)
    is_in_step = bool(asked.key) and not set(asked.key) & set(differ) and only_in_place(olds, news)
    read = (olds,) if is_in_step else (olds, news)
    unsorted = [rows for rows in read if asked.key and not grows(rows, asked.key)]
    for rows in unsorted:
        repeated = repeated_key(rows, asked.key, connection)
        if repeated is not None:
            return repeated
    if is_in_step:
        return _of_steps(in_step(old, new, differ, asked.most, connection), differ, asked)
    if can_merge(old, asked.key) and not unsorted:
        return merged(olds, news, asked.columns, asked.key[0], asked.most, connection)
    if olds.count and news.count and olds.count + news.count >= asked.worth_tallying:
        olds, news = may_differ(olds, news, asked.columns, asked.scratch, connection)
    match = RowMatch(olds, news, asked.columns, asked.most, connection)
    return match.by_key(asked.key) if asked.key else match.by_whole_rows()


def _of_steps(steps: Steps, differ: Sequence[str], asked: Asked) -> Matched:
    cells = dict(zip(differ, steps.cells, strict=True))
    return Matched(
        added=0,
        removed=0,
        changed=steps.rows,
        cells=tuple(cells.get(name, 0) for name in asked.columns),
        first_changed=tuple((number, number) for number in steps.first),
    )


def _cells(
    old: pa.Table, new: pa.Table, columns: Sequence[str], connection: duckdb.DuckDBPyConnection
) -> dict[str, tuple[bool, ...]]:
    """Return in which rows each column differs; each row does in one."""
    from assetflow.queries.bits import bits_of

    names = list(columns)
    _, flags = differing(bits_of(old.select(names)), bits_of(new.select(names)), connection)
    return {name: tuple(map(bool, flag)) for name, flag in zip(names, flags, strict=True)}
