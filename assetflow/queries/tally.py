"""Owns finding the few rows in which two tables may differ, in whatever order they come, without comparing them.

Each row has a hash, and by it a bucket. What one table adds to a bucket, the other takes away: where nothing is left,
both put the same rows there. Of rows in the other buckets those are left out whose hash comes as often in both. A row
that differs is always among those found, unless numbers of 64 bits are equal by chance. Knows nothing of keys.
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

# Of a bucket's number: 2 MB of buckets stay in a core's cache; 64 MB are the most.
_FEWEST_BITS, _MOST_BITS = 18, 23
_ROWS_PER_BUCKET_BITS = 7
# Rows left of a table: up to which their hashes are held; up to which their numbers are, for where more are, all are.
_MOST_COUNTED, _MOST_LEFT = 1 << 22, 1 << 25

_Pieces = list[tuple[int, Any]]


def may_differ(
    old: Rows, new: Rows, columns: Sequence[str], scratch: Path, connection: duckdb.DuckDBPyConnection
) -> tuple[Rows, Rows]:
    """Return those of the rows, which are whole pieces, that may not be among the rows of the other side as well."""
    import numpy as np

    from_files = all(can_hash_files(rows.side, columns) for rows in (old, new))
    bits = (old.count + new.count).bit_length() - _ROWS_PER_BUCKET_BITS
    shift = np.uint64(64 - min(max(bits, _FEWEST_BITS), _MOST_BITS))
    tally = np.zeros(1 << int(64 - shift), np.uint64)
    for name, rows, put in (("old", old, np.add), ("new", new, np.subtract)):
        with (scratch / name).open("wb") as kept:
            for hashes in row_hashes(rows, columns, connection, from_files=from_files):
                hashes.tofile(kept)
                put.at(tally, (hashes >> shift).view(np.int64), _scattered(hashes))
    olds, old_hashes = _left(old, scratch / "old", tally != 0, shift)
    news, new_hashes = _left(new, scratch / "new", tally != 0, shift)
    if olds is None or news is None:
        return old, new
    if old_hashes is None or new_hashes is None:
        return Rows(old.side, tuple(olds)), Rows(new.side, tuple(news))
    unlike = _unlike(old_hashes, new_hashes)
    return _among(old, olds, old_hashes, unlike), _among(new, news, new_hashes, unlike)


def _scattered(hashes: Hashes) -> Hashes:
    """Return other numbers, one for each hash, whose sums are as good as chance.

    The hashes of one bucket begin alike, and that of the number 0 is 0.
    """
    import numpy as np

    mixed = hashes ^ np.uint64(0x9E37_79B9_7F4A_7C15)
    mixed *= np.uint64(0xBF58_476D_1CE4_E5B9)
    mixed ^= mixed >> np.uint64(31)
    mixed *= np.uint64(0x94D0_49BB_1331_11EB)
    mixed ^= mixed >> np.uint64(29)
    return mixed


def _left(rows: Rows, file: Path, left: Any, shift: np.uint64) -> tuple[_Pieces | None, Hashes | None]:
    """Return the rows whose bucket is not empty, and their hashes; None where they are too many to hold."""
    import numpy as np

    pieces: _Pieces = []
    found: list[Hashes] = []
    starts, count = rows.side.starts, 0
    with file.open("rb") as kept:
        for number, _ in rows.pieces:
            hashes = np.fromfile(kept, np.uint64, starts[number + 1] - starts[number])
            chosen = np.flatnonzero(left[(hashes >> shift).view(np.int64)]).astype(np.int32)
            count += len(chosen)
            if count > _MOST_LEFT:
                return None, None
            if count <= _MOST_COUNTED:
                found.append(hashes[chosen])
            if len(chosen):
                pieces.append((number, chosen))
    return pieces, np.concatenate([np.zeros(0, np.uint64), *found]) if count <= _MOST_COUNTED else None


def _unlike(old: Hashes, new: Hashes) -> Hashes:
    """Return the hashes that one table has more often than the other."""
    import numpy as np

    hashes, places = np.unique(np.concatenate([old, new]), return_inverse=True)
    counts = np.bincount(places[: len(old)], minlength=len(hashes))
    counts -= np.bincount(places[len(old) :], minlength=len(hashes))
    unlike: Hashes = hashes[counts != 0]
    return unlike


def _among(rows: Rows, pieces: _Pieces, hashes: Hashes, wanted: Hashes) -> Rows:
    """Return those of the rows whose hash is wanted."""
    import numpy as np

    is_wanted = np.isin(hashes, wanted)
    chosen, start = [], 0
    for piece, numbers in pieces:
        kept = numbers[is_wanted[start : start + len(numbers)]]
        start += len(numbers)
        if len(kept):
            chosen.append((piece, kept))
    return Rows(rows.side, tuple(chosen))
