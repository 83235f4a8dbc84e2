"""Owns the finding: what one test saw in the data, before severity and thresholds say what it amounts to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assetflow.checks.rows import Failing, Rows
from assetflow.model.verdicts import Severity

if TYPE_CHECKING:
    import pyarrow as pa

ROW_COLUMN = "_row"


@dataclass(frozen=True)
class Finding:
    """What a test saw.

    ``failing_rows``: how many rows fail in all, None where the test counts no rows. ``cases``: the first
    ``MOST_CASES`` of them. ``severity``: set where the test itself says how grave it is (pandera's ``raise_warning``).
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


def finding_of_rows(name: str, column: str | None, rows: Rows, failing: Failing, what: str = "") -> Finding:
    """Return the finding that these ``rows`` fail, because ``what``."""
    if not failing.count:
        return Finding(name, passed_by_itself=True, column=column, failing_rows=0)
    message = f"{failing.count:,} of {rows.num_rows:,} rows" + (f": {what}" if what else "")
    return Finding(name, False, column, failing.count, message, numbered_rows(rows, failing.first))


def numbered_rows(rows: Rows, numbers: Sequence[int]) -> pa.Table:
    """Return the whole rows with these ascending numbers, led by the column ``_row`` that holds the numbers.

    ``_row`` gets more underscores in front until no column of the table has its name.
    """
    import pyarrow as pa

    name = ROW_COLUMN
    while name in rows.schema.names:
        name = f"_{name}"
    return rows.take(numbers).add_column(0, pa.field(name, pa.int64()), pa.array(numbers, pa.int64()))
