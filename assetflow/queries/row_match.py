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

    from assetflow.queries.two_tables import Numbers

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


@contextmanager
def spilling_connection(scratch: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database for one comparison, with little memory."""
    from assetflow.frames.duckdb_door import fresh_connection

    with fresh_connection(scratch) as connection:
        connection.execute(f"SET memory_limit = '{MEMORY}'")
        yield connection


@dataclass(frozen=True)
class RowMatch:
    """Rows of both tables to be matched, once.

    ``columns``: what is compared. ``most``: how many numbers of rows of each kind to return. ``connection``: of a
    database without tables of its own.
    """

    old: Rows
    new: Rows
    columns: Sequence[str]
    most: int
    connection: duckdb.DuckDBPyConnection

    def by_key(self, key: Sequence[str]) -> Matched:
        """Match rows whose key, which must be unique on each side, is equal, NULL to NULL."""
        keys = [list(self.columns).index(name) for name in key]
        others = [n for n in range(len(self.columns)) if n not in keys]
        differs = {n: f"o.c{n} IS DISTINCT FROM n.c{n}" for n in others}
        is_key = " AND ".join(f"o.c{n} IS NOT DISTINCT FROM n.c{n}" for n in keys)
        shown = ", ".join(
            ["o.row AS o", "n.row AS n", *(f"{differ} AS d{n}" for n, differ in differs.items())]
        )
        chosen = " OR ".join(["o.row IS NULL", "n.row IS NULL", *differs.values()])
        self._load()
        self.connection.execute(
            f"CREATE TEMP TABLE found AS SELECT {shown} FROM old o FULL JOIN new n ON {is_key} WHERE {chosen}"
        )
        counts = ["o IS NULL", "n IS NULL", _IN_BOTH, *(f"{_IN_BOTH} AND d{n}" for n in others)]
        counted = ", ".join(f"count(*) FILTER ({what})" for what in counts)
        added, removed, changed, *cells = self.connection.sql(f"SELECT {counted} FROM found").fetchall()[0]
        of_column = dict(zip(others, cells, strict=True))
        return Matched(
            added,
            removed,
            changed,
            tuple(of_column.get(n, 0) for n in range(len(self.columns))),
            tuple(number for (number,) in self._first("n", "o IS NULL")),
            tuple(number for (number,) in self._first("o", "n IS NULL")),
            tuple((old, new) for new, old in self._first("n, o", _IN_BOTH)),
        )

    def by_whole_rows(self) -> Matched:
        """Match equal rows, one to one; of those that are left, nobody can say which became which."""
        names = ", ".join(f"c{n}" for n in range(len(self.columns)))
        self._load()
        self.connection.execute(f"{_SURPLUS} GROUP BY {names} HAVING more <> 0")
        sums = "SELECT sum(greatest(more, 0)), sum(greatest(-more, 0)) FROM found"
        added, removed = self.connection.sql(sums).fetchall()[0]
        return Matched(
            int(added or 0),
            int(removed or 0),
            0,
            (0,) * len(self.columns),
            tuple(number for (number,) in self._first("n", "more > 0")),
            tuple(number for (number,) in self._first("o", "more < 0")),
        )

    def _load(self) -> None:
        """Make the rows tables ``old`` and ``new``: ``row``, the number of each, and its bits."""
        self.connection.execute("SET preserve_insertion_order = false")  # takes less memory
        for name, rows in (("old", self.old), ("new", self.new)):
            with given(rows, self.columns, self.connection):
                self.connection.execute(f"CREATE TEMP TABLE {name} AS FROM given")

    def _first(self, numbers: str, which: str) -> list[tuple[int, ...]]:
        query = f"SELECT {numbers} FROM found WHERE {which} ORDER BY ALL LIMIT {self.most}"
        return self.connection.sql(query).fetchall()


_IN_BOTH = "o IS NOT NULL AND n IS NOT NULL"

_SURPLUS = """
    CREATE TEMP TABLE found AS SELECT
        count(*) FILTER (is_new) - count(*) FILTER (NOT is_new) AS more,
        min(row) FILTER (is_new) AS n, min(row) FILTER (NOT is_new) AS o
    FROM (SELECT true AS is_new, * FROM new UNION ALL SELECT false, * FROM old)"""


@contextmanager
def given(rows: Rows, columns: Sequence[str], connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Show rows to a database, to be gone through once, as ``given``: ``row``, the number of each, and its bits.

    What reading them raises goes through DuckDB.
    """
    import duckdb
    import pyarrow as pa

    chosen = dict(rows.pieces)
    schema = _numbered(rows.side.empty.select(list(columns)), 0, None).schema
    raised: list[Exception] = []

    def piece(number: int) -> pa.Table:
        return _numbered(rows.side.piece(number, columns), rows.side.starts[number], chosen[number])

    def batches(tables: Iterator[pa.Table]) -> Iterator[pa.RecordBatch]:
        try:
            for table in tables:
                yield from table.to_batches()
        except Exception as error:
            raised.append(error)
            raise

    with reading() as each:
        reader = pa.RecordBatchReader.from_batches(schema, batches(each(piece, list(chosen))))
        connection.register("given", reader)
        try:
            yield
        except duckdb.Error:
            if raised:
                raise raised[0] from None
            raise
        finally:
            connection.unregister("given")


def _numbered(piece: pa.Table, start: int, chosen: Numbers | None) -> pa.Table:
    import numpy as np
    import pyarrow as pa

    from assetflow.queries.bits import bits_of

    numbers = np.arange(len(piece), dtype=np.int64) if chosen is None else chosen
    bits = bits_of(piece if chosen is None else piece.take(pa.array(chosen)))
    return bits.add_column(0, "row", pa.array(numbers + start, pa.int64()))
