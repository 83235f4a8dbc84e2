"""Owns telling which rows may share their key, by hashes alone: cheap, and of most tables it leaves no row.

Rows that share a key are always among them. Knows nothing of how keys are compared.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assetflow.checks.buckets import MOST_FILES, Pieces, hash_keys

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pyarrow as pa

    Hashes = np.ndarray[tuple[int], np.dtype[np.uint64]]

_RANGE_ROWS = 1 << 21  # hashes sorted at once, about
_MOST_SHARED = 1 << 22  # hashes held at once; where more are shared, nearly every row may be a double


@dataclass(frozen=True)
class Doubles:
    """The rows that may share their key: how many, at most; and at most how many different keys they share."""

    pieces: Pieces
    rows: int
    keys: int


def possible_doubles(pieces: Pieces, keys: Sequence[str], rows: int) -> Doubles:
    """Return the rows, of ``rows`` at most, whose key has the hash of another row's key.

    Where that is every second row, all rows are returned, for going through them costs less than choosing.
    """
    from assetflow.frames.duckdb_door import fresh_connection

    shared, count = _shared(pieces, keys, min(rows // _RANGE_ROWS + 1, MOST_FILES))
    if shared is None:
        return Doubles(pieces, rows, rows)
    if count * 2 > rows:
        return Doubles(pieces, count, len(shared))

    def doubles() -> Iterator[pa.Table]:
        with fresh_connection() as connection:
            for piece in pieces():
                yield piece.filter(_among(hash_keys(piece, keys, connection), shared))

    return Doubles(doubles, count, len(shared))


def _shared(pieces: Pieces, keys: Sequence[str], count: int) -> tuple[Hashes | None, int]:
    """Return the hashes that several rows have, sorted, and how many rows have them; None where they are too many."""
    import numpy as np

    from assetflow.frames.duckdb_door import fresh_connection

    found: list[Hashes] = []
    rows = 0
    with tempfile.TemporaryDirectory(prefix="assetflow-check-") as folder:
        paths = [Path(folder) / str(number) for number in range(count)]
        with fresh_connection() as connection:
            _write(pieces(), keys, connection, paths)
        for path in paths:
            hashes, times = np.unique(np.fromfile(path, np.uint64), return_counts=True)
            found.append(hashes[times > 1])
            rows += int(times[times > 1].sum())
            if sum(map(len, found)) > _MOST_SHARED:
                return None, 0
    return np.concatenate(found), rows


def _write(
    pieces: Iterator[pa.Table], keys: Sequence[str], connection: duckdb.DuckDBPyConnection, paths: list[Path]
) -> None:
    """Write the hash of each row to the file of its range of hashes, the first range to the first file."""
    import numpy as np

    bounds = np.array([(number << 64) // len(paths) for number in range(1, len(paths))], np.uint64)
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("wb")) for path in paths]
        for piece in pieces:
            hashes = np.sort(hash_keys(piece, keys, connection))
            for file, part in zip(files, np.split(hashes, np.searchsorted(hashes, bounds)), strict=True):
                part.tofile(file)


def _among(hashes: Hashes, shared: Hashes) -> pa.Array:
    """Return where a hash is one of those that are shared."""
    import numpy as np
    import pyarrow as pa

    if not len(shared):
        return pa.array(np.zeros(len(hashes), np.bool_))
    places = np.minimum(np.searchsorted(shared, hashes), len(shared) - 1)
    return pa.array(shared[places] == hashes)
