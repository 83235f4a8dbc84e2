"""The large table: 20 million rows make about 1 GB in memory. Handed out in pieces, the same on every machine."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

PIECE = 1_000_000
"""Rows that share one random state, so that any stretch can be made without what lies before it."""

_CATEGORIES = pa.array([f"category {number:02}" for number in range(50)])
_BEGIN = np.datetime64("2024-01-01", "us")
_YEAR = 365 * 24 * 3600 * 1_000_000

SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("store", pa.int32()),
        ("amount", pa.float64()),
        ("category", pa.string()),
        ("sold_at", pa.timestamp("us")),
        ("quantity", pa.int64()),
    ]
)


def pieces(rows: int) -> Iterator[pa.RecordBatch]:
    """Yield the table's first ``rows`` rows in batches of PIECE; a tenth of ``quantity`` is null."""
    for start in range(0, rows, PIECE):
        yield _piece(start, min(PIECE, rows - start))


def table(rows: int) -> pa.Table:
    """Return the table's first ``rows`` rows."""
    return pa.Table.from_batches(pieces(rows), SCHEMA)


def _piece(start: int, rows: int) -> pa.RecordBatch:
    random = np.random.default_rng(start)
    quantity = pa.array(random.integers(1, 100, rows), mask=random.random(rows) < 0.1)
    sold_at = _BEGIN + random.integers(0, _YEAR, rows).astype("timedelta64[us]")
    columns = [
        pa.array(np.arange(start, start + rows)),
        pa.array(random.integers(0, 500, rows, dtype=np.int32)),
        pa.array(random.random(rows) * 150),
        _CATEGORIES.take(pa.array(random.integers(0, 50, rows))),
        pa.array(sold_at),
        quantity,
    ]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)
