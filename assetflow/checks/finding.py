"""Owns the finding: what one test saw in the data, before severity and thresholds say what it amounts to."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assetflow.model.actions import Severity

if TYPE_CHECKING:
    import pyarrow as pa

MOST_CASES = 1_000
ROW_COLUMN = "_row"


@dataclass(frozen=True)
class Finding:
    """What a test saw.

    ``failing_rows``: how many rows fail in all, None where the test counts no rows. ``cases``: the first
    1,000 of them. ``severity``: set where the test itself says how grave it is (pandera's ``raise_warning``).
    """

    name: str
    passed_by_itself: bool
    column: str | None = None
    failing_rows: int | None = None
    message: str = ""
    cases: pa.Table | None = None
    severity: Severity | None = None


def unfit(name: str, column: str | None, message: str) -> Finding:
    """Return the failing finding of a test that cannot look: a column is missing, or of a wrong type."""
    return Finding(name, passed_by_itself=False, column=column, message=message)


def finding_of_rows(
    name: str, column: str | None, table: pa.Table, rows: pa.Array, what: str = ""
) -> Finding:
    """Return the finding that the rows of ``table`` with these ascending numbers fail, because ``what``."""
    if len(rows) == 0:
        return Finding(name, passed_by_itself=True, column=column, failing_rows=0)
    message = f"{len(rows):,} of {table.num_rows:,} rows" + (f": {what}" if what else "")
    cases = numbered_rows(table, rows[:MOST_CASES].to_pylist())
    return Finding(name, False, column, len(rows), message, cases)


def row_numbers(failing: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return the numbers of the rows where the mask ``failing`` is true; null is not."""
    import pyarrow.compute as pc

    return pc.indices_nonzero(failing)


def numbered_rows(table: pa.Table, rows: list[int]) -> pa.Table:
    """Return the whole rows with these ascending numbers, led by the column ``_row`` that holds the numbers.

    ``_row`` gets more underscores in front until no column of the table has its name. Batches are taken from
    one by one, because Arrow joins the chunks of a column to take from it, and text of more than 2 GiB cannot
    be joined.
    """
    import pyarrow as pa

    taken, start = [], 0
    for batch in table.to_batches():
        here = rows[bisect_left(rows, start) : bisect_left(rows, start + len(batch))]
        if here:
            taken.append(batch.take(pa.array([row - start for row in here], pa.int64())))
        start += len(batch)
    name = ROW_COLUMN
    while name in table.column_names:
        name = f"_{name}"
    whole = pa.Table.from_batches(taken, schema=table.schema)
    return whole.add_column(0, pa.field(name, pa.int64()), pa.array(rows, pa.int64()))
