"""Owns rows spread over buckets by the hash of their key, on disk where there are several: what fits no memory at once.

Rows with equal keys lie in one bucket, so each bucket can be looked at by itself. Knows nothing of what is looked for.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from assetflow.checks.rows import Rows, pieces_of
from assetflow.frames.stream import gathered

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pyarrow as pa

Pieces = Callable[[], Iterator["pa.Table"]]
"""Gives the rows out from the first, as often as it is called: at least one piece, if an empty one."""

_BUCKET_BYTES = 32 << 20
MOST_FILES = 256
"""How many files are open at once; numbers of one byte are sorted fastest."""

_PIECE_BYTES = 64 << 20
"""What is looked for in each piece is prepared for each anew: smaller ones are put together."""

ROW = "row"
"""Name of the column that holds the numbers of rows."""


def buckets_for(nbytes: int) -> int:
    """Return how many buckets keys of so many bytes take."""
    return min(nbytes // _BUCKET_BYTES + 1, MOST_FILES)


def pieces_in(nbytes: int) -> int:
    """Return in about how many pieces keys of so many bytes come, with the numbers of their rows."""
    return 2 * nbytes // _PIECE_BYTES + 1


@contextmanager
def spread(pieces: Pieces, keys: Sequence[str], count: int) -> Iterator[list[Pieces]]:
    """Spread rows over ``count`` buckets by their columns ``keys``, without nulls; a single one is what is given."""
    if count == 1:
        yield [pieces]
        return
    with tempfile.TemporaryDirectory(prefix="assetflow-check-") as folder:
        paths = [Path(folder) / f"{number}.arrows" for number in range(count)]
        _write(pieces(), keys, paths)
        yield [partial(_read, path) for path in paths]


def keyed(rows: Rows, names: Sequence[str], key_of: Callable[[pa.ChunkedArray], pa.ChunkedArray]) -> Pieces:
    """Return what gives the rows without a null in ``names`` as their key columns and their ``ROW`` numbers.

    The key columns are ``key_columns``; each is what ``key_of`` makes of a column.
    """

    def pieces() -> Iterator[pa.Table]:
        import pyarrow as pa

        start = 0
        for piece in pieces_of(rows, names):
            stop = start + piece.num_rows
            columns = [*map(key_of, piece.columns), pa.arange(start, stop)]
            yield pa.table(columns, [*key_columns(len(names)), ROW]).drop_null()
            start = stop

    return lambda: gathered(pieces(), _PIECE_BYTES)


def hash_keys(
    piece: pa.Table, keys: Sequence[str], connection: duckdb.DuckDBPyConnection
) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Return a number of 64 bits for each row of a piece without nulls; where the keys are equal, it is too."""
    import pyarrow as pa

    from assetflow.frames.duckdb_door import hash_rows

    return hash_rows(pa.table([_plain(piece[name]) for name in keys], list(keys)), connection)


def key_columns(count: int) -> list[str]:
    """Return the names of so many key columns."""
    return [f"key{number}" for number in range(count)]


def _write(pieces: Iterator[pa.Table], keys: Sequence[str], paths: list[Path]) -> None:
    import numpy as np
    import pyarrow as pa

    from assetflow.frames.duckdb_door import fresh_connection

    first = next(pieces)
    with ExitStack() as files:
        connection = files.enter_context(fresh_connection())
        sinks = [files.enter_context(pa.OSFile(str(path), "wb")) for path in paths]
        writers = [files.enter_context(pa.ipc.new_stream(sink, first.schema)) for sink in sinks]
        for piece in chain([first], pieces):
            numbers = (hash_keys(piece, keys, connection) % np.uint64(len(paths))).astype(np.uint8)
            together = piece.take(np.argsort(numbers, kind="stable"))
            ends = np.cumsum(np.bincount(numbers, minlength=len(paths))).tolist()
            for writer, start, stop in zip(writers, [0, *ends], ends, strict=False):
                if stop > start:
                    writer.write_table(together.slice(start, stop - start))


def _read(path: Path) -> Iterator[pa.Table]:
    import pyarrow as pa

    with pa.OSFile(str(path), "rb") as source, pa.ipc.open_stream(source) as reader:
        batches = (pa.Table.from_batches([batch]) for batch in reader)
        yield from gathered(chain([reader.schema.empty_table()], batches), _PIECE_BYTES)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column without nulls as text, bytes or integers of the same bits: DuckDB has not all types."""
    import pyarrow as pa

    t = column.type
    if pa.types.is_string(t) or pa.types.is_binary(t) or pa.types.is_boolean(t):
        return column
    if pa.types.is_null(t):
        return column.cast(pa.uint8())
    width = t.bit_width // 8
    integers = {1: pa.uint8(), 2: pa.uint16(), 4: pa.uint32(), 8: pa.uint64()}
    plain = integers.get(width) or pa.binary(width)
    chunks = [
        pa.Array.from_buffers(plain, len(chunk), [None, chunk.buffers()[1]], offset=chunk.offset)
        for chunk in column.chunks
    ]
    return pa.chunked_array(chunks, plain)
