"""Owns finding the few rows in which two tables may differ, in whatever order they come, without comparing them.

Each row has a hash, and by it a bucket. What one table adds to a bucket, the other takes away: where nothing is left,
both put the same rows there. A row that differs is always among those found, unless numbers of 64 bits are equal by
chance. Knows nothing of keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetflow.queries.two_tables import Rows, Side, reading

if TYPE_CHECKING:
    import numpy as np

    Hashes = np.ndarray[tuple[int], np.dtype[np.uint64]]

WORTH_TALLYING = 1 << 18
"""Rows; fewer are compared at once."""

_MOST_BITS = 23  # of a bucket's number: 64 MB of buckets


def may_differ(old: Rows, new: Rows, columns: Sequence[str], scratch: Path) -> tuple[Rows, Rows]:
    """Return those of the rows, which are whole pieces, that may not be among the rows of the other side as well."""
    import numpy as np

    bits = min(max((old.count + new.count).bit_length() - 3, 8), _MOST_BITS)
    tally = np.zeros(1 << bits, np.uint64)
    for name, rows, put in (("old", old, np.add), ("new", new, np.subtract)):
        _tally(rows, columns, scratch / name, (tally, 64 - bits, put))
    left = tally != 0
    return _left(old, scratch / "old", left, 64 - bits), _left(new, scratch / "new", left, 64 - bits)


def _tally(rows: Rows, columns: Sequence[str], file: Path, into: tuple[Any, int, Any]) -> None:
    """Put all rows into their buckets, and their hashes into a file."""
    import numpy as np

    tally, shift, put = into
    with row_hashes(rows.side, columns) as of_piece, reading() as each, file.open("wb") as kept:
        for found in each(of_piece, [number for number, _ in rows.pieces]):
            found.tofile(kept)
            put.at(tally, (found >> np.uint64(shift)).astype(np.intp), _scattered(found))


@contextmanager
def row_hashes(side: Side, columns: Sequence[str]) -> Iterator[Callable[[int], Hashes]]:
    """Give what returns the hash of each row of a piece, in order; from any thread."""
    from assetflow.frames.duckdb_door import fresh_connection
    from assetflow.queries.bits import bits_of, row_hash

    with fresh_connection() as connection:
        connection.execute("SET threads = 1")  # other threads of ours read other pieces

        def of_piece(number: int) -> Hashes:
            bits = bits_of(side.piece(number, columns))
            with connection.cursor() as cursor:
                cursor.register("bits", bits)
                rows = cursor.sql(f"SELECT {row_hash(bits.schema)} AS h FROM bits").fetchnumpy()  # noqa: S608 - numbered names alone
            hashes: Hashes = rows["h"]
            return hashes

        yield of_piece


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
