"""Owns ``table/1``: the identity of a table's rows, names and types, and the canonical table that has it.

Knows nothing of where tables come from (frames) or how they are stored (storage).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from assetflow.errors import DataError
from assetflow.hashing.arrow_types import canonical_schema
from assetflow.hashing.digest import Digest

if TYPE_CHECKING:
    import pyarrow as pa

    from assetflow.hashing.streams import ColumnStreams

CHUNK_ROWS = 1_048_576
"""Rows in each chunk of a canonical table but the last."""

_BYTES_WORTH_THREADS = 4_194_304
_COST_OF_NULLS = 4
"""How much longer a column takes that has nulls than one of as many bytes that has none."""


@dataclass(frozen=True)
class TableVersion:
    """The identity of a table: its data version, its row count, and each column's name and hash, in order."""

    data_version: str
    rows: int
    columns: tuple[tuple[str, str], ...]


def table_version_of(rows: int, columns: Sequence[tuple[str, str]]) -> str:
    """Return the ``table/1`` hash of a table, or a projection, with these (name, column hash) pairs."""
    preimage = Digest("table/1").add(rows)
    for name, column_hash in columns:
        preimage.add(name, column_hash)
    return preimage.hexdigest()


def hash_table(table: pa.Table, threads: int = 1, *, canonical: bool = False) -> TableVersion:
    """Return the identity of ``table``. Columns are hashed in up to ``threads`` threads.

    ``canonical``: whether it surely is a canonical table already, so that its NaNs need no look.
    """
    hasher = TableHasher(table.schema, threads=threads, canonical=canonical)
    hasher.update(table)
    return hasher.finish()


class TableHasher:
    """Hashes a table handed over piece by piece: H(stream) = H(whole).

    Pieces may differ in how they are laid out (string or dictionary), not in canonical types.

    Args:
        schema: of the first piece.
        threads: most threads at once; they live as long as the hasher does.
        canonical: whether all pieces are of canonical tables.
    """

    def __init__(self, schema: pa.Schema, *, threads: int = 1, canonical: bool = False) -> None:
        from assetflow.hashing.streams import ColumnStreams

        self._schema = canonical_schema(schema)
        self._streams = [ColumnStreams(field.name, field.type, one_nan=canonical) for field in self._schema]
        self._threads = min(threads, len(self._streams))
        self._rows = 0

    def update(self, data: pa.Table | pa.RecordBatch) -> None:
        """Append the rows of ``data``. Raises DataError where its columns are not those of the schema."""
        if not data.schema.equals(self._schema) and canonical_schema(data.schema) != self._schema:
            raise DataError(f"a batch has the columns {data.schema}, the first one had {self._schema}")
        self._rows += data.num_rows
        columns = [getattr(column, "chunks", [column]) for column in data.columns]
        if self._threads > 1 and data.nbytes >= _BYTES_WORTH_THREADS:
            self._feed_in_threads(columns)
        else:
            for streams, chunks in zip(self._streams, columns, strict=True):
                _feed(streams, chunks)

    def finish(self) -> TableVersion:
        """Return the identity of all rows so far."""
        hashes = [streams.hexdigest() for streams in self._streams]
        columns = tuple(zip(self._schema.names, hashes, strict=True))
        return TableVersion(table_version_of(self._rows, columns), self._rows, columns)

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        """Threads for large pieces; they end when the hasher is gone."""
        return ThreadPoolExecutor(self._threads, "hash")

    def _feed_in_threads(self, columns: list[list[pa.Array]]) -> None:
        """Feed the columns that take longest first, so that the threads end together."""
        work = sorted(zip(self._streams, columns, strict=True), key=lambda pair: -_cost(pair[1]))
        for fed in [self._pool.submit(_feed, streams, chunks) for streams, chunks in work]:
            fed.result()


def canonical_table(table: pa.Table) -> pa.Table:
    """Return ``table`` in its one canonical form: itself where it has it, else sharing buffers where it can.

    Canonical types, one NaN, no dictionaries, no metadata, every field nullable, chunks of CHUNK_ROWS rows
    (fewer only where their text is beyond 2 GiB): whatever the hash ignores is gone. Raises DataError as
    ``canonical_schema`` does.
    """
    import pyarrow as pa

    schema = canonical_schema(table.schema)
    if not schema.names:
        return pa.table({"rows": pa.nulls(table.num_rows)}).select([])
    given = table.columns
    columns = [_canonical_column(column, field) for column, field in zip(given, schema, strict=True)]
    if _same(columns, given) and table.schema.equals(schema, check_metadata=True):
        return table
    return pa.Table.from_arrays(columns, schema=schema)


def _feed(streams: ColumnStreams, chunks: list[pa.Array]) -> None:
    for chunk in chunks:
        streams.feed(chunk)


def _cost(chunks: list[pa.Array]) -> int:
    return sum(chunk.nbytes * (_COST_OF_NULLS if chunk.null_count else 1) for chunk in chunks)


def _canonical_column(column: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray:
    """Return ``column`` itself where nothing needs to change."""
    import pyarrow as pa

    from assetflow.hashing.canonical import canonical_chunks, canonical_pieces

    given = column.chunks
    if _in_step(given):
        pieces = [piece for chunk in given for piece in canonical_pieces(chunk, field.type, field.name)]
        if len(pieces) == len(given):
            return column if _same(pieces, given) else pa.chunked_array(pieces, field.type)
    windows = (column.slice(start, CHUNK_ROWS) for start in range(0, len(column), CHUNK_ROWS))
    chunks = [chunk for rows in windows for chunk in canonical_chunks(rows, field.type, field.name)]
    return pa.chunked_array(chunks, field.type)


def _in_step(chunks: list[pa.Array]) -> bool:
    """Whether chunks have the lengths that a canonical table's have."""
    return all(len(chunk) == CHUNK_ROWS for chunk in chunks[:-1]) and all(
        0 < len(chunk) <= CHUNK_ROWS for chunk in chunks[-1:]
    )


def _same(ones: Sequence[object], others: Sequence[object]) -> bool:
    return all(one is other for one, other in zip(ones, others, strict=True))
