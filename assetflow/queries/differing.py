"""Owns in which rows and columns two tables differ whose rows lie side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pyarrow as pa

    from assetflow.queries.two_tables import Numbers

    Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]


def differing(
    old: pa.Table, new: pa.Table, connection: duckdb.DuckDBPyConnection
) -> tuple[Numbers, list[Flags]]:
    """Compare row by row: return the rows that differ, and of each column in which of these it does.

    Both tables are given as bits. DuckDB compares what is nested, for which Arrow has no comparison.
    """
    import numpy as np
    import pyarrow as pa

    flags = [
        _nested(before, after, connection) if pa.types.is_nested(before.type) else _flat(before, after)
        for before, after in zip(old.columns, new.columns, strict=True)
    ]
    rows = np.flatnonzero(np.logical_or.reduce(flags)) if flags else np.zeros(0, np.int64)
    return rows, [flag[rows] for flag in flags]


def _flat(old: pa.ChunkedArray, new: pa.ChunkedArray) -> Flags:
    import pyarrow.compute as pc

    unequal = pc.not_equal(old, new)
    if unequal.null_count:
        unequal = pc.if_else(unequal.is_null(), pc.xor(old.is_null(), new.is_null()), unequal)
    flags: Flags = unequal.to_numpy()
    return flags


def _nested(old: pa.ChunkedArray, new: pa.ChunkedArray, connection: duckdb.DuckDBPyConnection) -> Flags:
    import pyarrow as pa

    with connection.cursor() as cursor:
        cursor.register("sides", pa.table({"o": old, "n": new}))
        flags: Flags = cursor.sql("SELECT o IS DISTINCT FROM n AS d FROM sides").fetchnumpy()["d"]
    return flags
