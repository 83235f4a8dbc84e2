"""Owns the exact comparison of rows in DuckDB: by a key, or as many of each row as there are. It spills to disk.

Knows nothing of which rows are worth comparing.
"""
# ruff: noqa: S608 -- of statements made here all that varies are numbers, and names that are numbered

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assetflow.queries.two_tables import Rows, reading

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

MEMORY = "800MB"
"""What DuckDB may take; the rest goes to disk."""


@dataclass(frozen=True)
class Matched:
    """How many rows differ, in how many matched rows each column does, and the numbers of the first such rows.

    ``first_changed``: (number in the old table, number in the new one).
    """

    added: int
    removed: int
    changed: int
    cells: tuple[int, ...]
    first_added: tuple[int, ...] = ()
    first_removed: tuple[int, ...] = ()
    first_changed: tuple[tuple[int, int], ...] = ()


def match_by_key(
    old: Rows, new: Rows, columns: Sequence[str], keys: Sequence[int], most: int, scratch: Path
) -> Matched:
    """Match rows whose key is equal, NULL to NULL. The key must be unique on each side.

    ``columns``: what is compared; ``keys``: the places of the key's columns among them. ``most``: how many numbers of
    rows of each kind to return.
    """
    others = [n for n in range(len(columns)) if n not in keys]
    differs = {n: f"o.c{n} IS DISTINCT FROM n.c{n}" for n in others}
    is_key = " AND ".join(f"o.c{n} IS NOT DISTINCT FROM n.c{n}" for n in keys)
    shown = ", ".join(["o.row AS o", "n.row AS n", *(f"{differ} AS d{n}" for n, differ in differs.items())])
    chosen = " OR ".join(["o.row IS NULL", "n.row IS NULL", *differs.values()])
    with _loaded(old, new, columns, scratch) as connection:
        connection.execute(
            f"CREATE TEMP TABLE found AS SELECT {shown} FROM old o FULL JOIN new n ON {is_key} WHERE {chosen}"
        )
        counts = ["o IS NULL", "n IS NULL", _IN_BOTH, *(f"{_IN_BOTH} AND d{n}" for n in others)]
        counted = ", ".join(f"count(*) FILTER ({what})" for what in counts)
        added, removed, changed, *cells = connection.sql(f"SELECT {counted} FROM found").fetchall()[0]
        of_column = dict(zip(others, cells, strict=True))
        pairs = connection.sql(f"SELECT o, n FROM found WHERE {_IN_BOTH} ORDER BY n LIMIT {most}").fetchall()
        return Matched(
            added,
            removed,
            changed,
            tuple(of_column.get(n, 0) for n in range(len(columns))),
            _first(connection, "n", "o IS NULL", most),
            _first(connection, "o", "n IS NULL", most),
            tuple(pairs),
        )


def match_whole_rows(old: Rows, new: Rows, columns: Sequence[str], most: int, scratch: Path) -> Matched:
    """Match equal rows, one to one; of those that are left, nobody can say which became which."""
    names = ", ".join(f"c{n}" for n in range(len(columns)))
    with _loaded(old, new, columns, scratch) as connection:
        connection.execute(f"{_SURPLUS} GROUP BY {names} HAVING more <> 0")
        added, removed = connection.sql(
            "SELECT sum(greatest(more, 0)), sum(greatest(-more, 0)) FROM found"
        ).fetchall()[0]
        return Matched(
            int(added or 0),
            int(removed or 0),
            0,
            (0,) * len(columns),
            _first(connection, "n", "more > 0", most),
            _first(connection, "o", "more < 0", most),
        )


def most_repeated(rows: Rows, keys: Sequence[str], scratch: Path) -> tuple[int, int] | None:
    """Return the number of the first row whose key others have too, and how many have it; None where there is none."""
    names = ", ".join(f"c{n}" for n in range(len(keys)))
    with _connected(scratch) as connection, _reader(rows, keys) as reader:
        connection.register("given", reader)
        found = connection.sql(
            f"SELECT min(row) AS first, count(*) AS times FROM given GROUP BY {names} HAVING times > 1 "
            "ORDER BY first LIMIT 1"
        ).fetchall()
    return found[0] if found else None


_IN_BOTH = "o IS NOT NULL AND n IS NOT NULL"

_SURPLUS = """
    CREATE TEMP TABLE found AS SELECT
        count(*) FILTER (is_new) - count(*) FILTER (NOT is_new) AS more,
        min(row) FILTER (is_new) AS n, min(row) FILTER (NOT is_new) AS o
    FROM (SELECT true AS is_new, * FROM new UNION ALL SELECT false, * FROM old)"""


def _first(connection: duckdb.DuckDBPyConnection, number: str, which: str, most: int) -> tuple[int, ...]:
    query = f"SELECT {number} FROM found WHERE {which} ORDER BY {number} LIMIT {most}"
    return tuple(row for (row,) in connection.sql(query).fetchall())


@contextmanager
def _connected(scratch: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    from assetflow.frames.duckdb_door import fresh_connection

    with fresh_connection(scratch) as connection:
        connection.execute(f"SET memory_limit = '{MEMORY}'")
        connection.execute("SET preserve_insertion_order = false")
        yield connection


@contextmanager
def _loaded(
    old: Rows, new: Rows, columns: Sequence[str], scratch: Path
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database with the rows as tables ``old`` and ``new``: ``row``, the number of each, and its bits."""
    with _connected(scratch) as connection:
        for name, rows in (("old", old), ("new", new)):
            with _reader(rows, columns) as reader:
                connection.register("given", reader)
                connection.execute(f"CREATE TEMP TABLE {name} AS FROM given")
                connection.unregister("given")
        yield connection


@contextmanager
def _reader(rows: Rows, columns: Sequence[str]) -> Iterator[pa.RecordBatchReader]:
    """Give the bits of rows, with the number of each, batch by batch. What reading raises goes through DuckDB."""
    import duckdb
    import pyarrow as pa

    chosen = dict(rows.pieces)
    empty = _numbered(rows.side.empty.select(list(columns)), 0, None)

    def piece(number: int) -> pa.Table:
        return _numbered(rows.side.piece(number, columns), rows.side.starts[number], chosen[number])

    raised: list[Exception] = []

    def batches(tables: Iterator[pa.Table]) -> Iterator[pa.RecordBatch]:
        try:
            for table in tables:
                yield from table.to_batches()
        except Exception as error:
            raised.append(error)
            raise

    with reading() as each:
        try:
            yield pa.RecordBatchReader.from_batches(empty.schema, batches(each(piece, list(chosen))))
        except duckdb.Error:
            if raised:
                raise raised[0] from None
            raise


def _numbered(piece: pa.Table, start: int, chosen: object) -> pa.Table:
    import numpy as np
    import pyarrow as pa

    from assetflow.queries.bits import bits_of

    numbers = np.arange(len(piece), dtype=np.int64) if chosen is None else chosen
    bits = bits_of(piece if chosen is None else piece.take(pa.array(chosen)))
    return bits.add_column(0, "row", pa.array(numbers + start, pa.int64()))
