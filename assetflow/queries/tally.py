"""Owns finding the few rows in which two tables may differ, in whatever order they come, without comparing them.

Each row has a hash, and by it a bucket. What one table adds to a bucket, the other takes away: where nothing is left,
both put the same rows there. A row that differs is always among those found, unless numbers of 64 bits are equal by
chance. Knows nothing of keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetflow.queries.row_hashes import can_hash_files, row_hashes
from assetflow.queries.two_tables import Rows

if TYPE_CHECKING:
    import duckdb
    import numpy as np

    Hashes = np.ndarray[tuple[int], np.dtype[np.uint64]]

WORTH_TALLYING = 1 << 18
"""Rows; fewer are compared at once."""

_MOST_BITS = 23  # of a bucket's number: 64 MB of buckets


def may_differ(
    old: Rows, new: Rows, columns: Sequence[str], scratch: Path, connection: duckdb.DuckDBPyConnection
) -> tuple[Rows, Rows]:
    """Return those of the rows, which are whole pieces, that may not be among the rows of the other side as well."""
    import numpy as np

    from_files = all(can_hash_files(rows.side, columns) for rows in (old, new))
    bits = min(max((old.count + new.count).bit_length() - 3, 8), _MOST_BITS)
    tally = np.zeros(1 << bits, np.uint64)
    for name, rows, put in (("old", old, np.add), ("new", new, np.subtract)):
        with (scratch / name).open("wb") as kept:
            for hashes in row_hashes(rows, columns, connection, from_files=from_files):
                hashes.tofile(kept)
                put.at(tally, (hashes >> np.uint64(64 - bits)).astype(np.intp), _scattered(hashes))
    left = tally != 0
    return _left(old, scratch / "old", left, 64 - bits), _left(new, scratch / "new", left, 64 - bits)


def _scattered(hashes: Hashes) -> Hashes:
    """Return other numbers, one for each hash, whose sums are as good as chance.

    The hashes of one bucket begin alike, and that of the number 0 is 0.
    """
    import numpy as np

    mixed = (hashes ^ np.uint64(0x9E37_79B9_7F4A_7C15)) * np.uint64(0xBF58_476D_1CE4_E5B9)
    mixed ^= mixed >> np.uint64(31)
    mixed *= np.uint64(0x94D0_49BB_1331_11EB)
    return mixed ^ (mixed >> np.uint64(29))


def _left(rows: Rows, file: Path, left: Any, shift: int) -> Rows:
    """Return the rows whose bucket is not empty."""
    import numpy as np

    pieces = []
    starts = rows.side.starts
    with file.open("rb") as kept:
        for number, _ in rows.pieces:
            hashes = np.fromfile(kept, np.uint64, starts[number + 1] - starts[number])
            chosen = np.flatnonzero(left[hashes >> np.uint64(shift)])
            if len(chosen):
                pieces.append((number, None if len(chosen) == len(hashes) else chosen.astype(np.int64)))
    file.unlink()
    return Rows(rows.side, tuple(pieces))
