"""Owns whether a key is unique among rows: it is where it only ever grows, which is soon seen, and else is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assetflow.queries.row_match import given
from assetflow.queries.two_tables import Rows, Side, reading

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


@dataclass(frozen=True)
class RepeatedKey:
    """A key that more than one row has. ``row``: one row, of the key's columns; ``times``: how many rows have it."""

    side: Side
    row: pa.Table
    times: int


def repeated_key(rows: Rows, key: Sequence[str], connection: duckdb.DuckDBPyConnection) -> RepeatedKey | None:
    """Return a key that several of ``rows`` have; None where there is none. NULL is a value like others."""
    names = ", ".join(f"c{n}" for n in range(len(key)))
    counted = f"SELECT min(row) AS first, count(*) AS times FROM given GROUP BY {names} HAVING times > 1"  # noqa: S608 -- numbered names alone
    with given(rows, key, connection):
        found = connection.sql(f"{counted} ORDER BY first LIMIT 1").fetchall()
    if not found:
        return None
    first, times = found[0]
    return RepeatedKey(rows.side, rows.side.take([first]).select(list(key)), times)


def grows(rows: Rows, key: Sequence[str]) -> bool:
    """Say whether each row's key is greater than that of the row before: so it is where rows are sorted by it."""
    import pyarrow as pa

    from assetflow.queries.bits import bits_of

    last: pa.Table | None = None
    with reading() as each:
        for piece in each(lambda number: rows.side.piece(number, key), [number for number, _ in rows.pieces]):
            bits = bits_of(piece)
            if any(pa.types.is_nested(t) or pa.types.is_boolean(t) for t in bits.schema.types):
                return False
            keys = bits if last is None else pa.concat_tables([last, bits])
            if not _ascends(keys):
                return False
            last = keys.slice(len(keys) - 1)
    return True


def _ascends(keys: pa.Table) -> bool:
    """Say whether each row is greater than the one before: by the first column, where that is equal by the next."""
    import pyarrow.compute as pc

    greater: pa.ChunkedArray | None = None
    for column in reversed(keys.columns):
        before, after = column.slice(0, len(keys) - 1), column.slice(1)
        more = pc.greater(after, before)
        greater = more if greater is None else pc.or_(more, pc.and_(pc.equal(after, before), greater))
    return bool(pc.all(greater, skip_nulls=False).as_py())
