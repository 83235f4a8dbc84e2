"""Owns ``table/1``: the identity of a table's rows, names and types, and the canonical table that has it.

Knows nothing of where tables come from (frames) or how they are stored (storage).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assetflow.errors import DataError
from assetflow.hashing.arrow_types import canonical_schema
from assetflow.hashing.digest import Digest

if TYPE_CHECKING:
    import pyarrow as pa

    from assetflow.hashing.streams import ColumnStreams

CHUNK_ROWS = 1_048_576
"""Rows in each chunk of a canonical table but the last."""

_ROWS_WORTH_THREADS = 100_000


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


def hash_table(table: pa.Table, threads: int = 1) -> TableVersion:
    """Return the identity of ``table``, canonical or not. Columns are hashed in up to ``threads`` threads."""
    hasher = TableHasher(table.schema, threads=threads)
    hasher.update(table)
    return hasher.finish()


class TableHasher:
    """Hashes a table handed over piece by piece: H(stream) = H(whole).

    Pieces may differ in how they are laid out (string or dictionary), not in canonical types.
    """

    def __init__(self, schema: pa.Schema, *, threads: int = 1) -> None:
        from assetflow.hashing.streams import ColumnStreams

        self._schema = canonical_schema(schema)
        self._streams = [ColumnStreams(field.name, field.type) for field in self._schema]
        self._threads = min(threads, len(self._streams))
        self._rows = 0

    def update(self, data: pa.Table | pa.RecordBatch) -> None:
        """Append the rows of ``data``. Raises DataError where its columns are not those of the schema."""
        if canonical_schema(data.schema) != self._schema:
            raise DataError(f"a batch has the columns {data.schema}, the first one had {self._schema}")
        self._rows += data.num_rows
        if self._threads > 1 and data.num_rows >= _ROWS_WORTH_THREADS:
            with ThreadPoolExecutor(self._threads) as pool:
                list(pool.map(_feed, self._streams, data.columns))
        else:
            list(map(_feed, self._streams, data.columns))

    def finish(self) -> TableVersion:
        """Return the identity of all rows so far."""
        hashes = [streams.hexdigest() for streams in self._streams]
        columns = tuple(zip(self._schema.names, hashes, strict=True))
        return TableVersion(table_version_of(self._rows, columns), self._rows, columns)


def canonical_table(table: pa.Table) -> pa.Table:
    """Return ``table`` in its one canonical form, sharing buffers where it can.

    Canonical types, one NaN, no dictionaries, no metadata, every field nullable, chunks of CHUNK_ROWS rows
    (fewer only where their text is beyond 2 GiB): whatever the hash ignores is gone. Raises DataError as
    ``canonical_schema`` does.
    """
    import pyarrow as pa

    schema = canonical_schema(table.schema)
    if not schema.names:
        return pa.table({"rows": pa.nulls(table.num_rows)}).select([])
    columns = [_canonical_column(column, field) for column, field in zip(table.columns, schema, strict=True)]
    return pa.Table.from_arrays(columns, schema=schema)


def _feed(streams: ColumnStreams, column: pa.ChunkedArray | pa.Array) -> None:
    for chunk in getattr(column, "chunks", [column]):
        streams.feed(chunk)


def _canonical_column(column: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray:
    import pyarrow as pa

    from assetflow.hashing.canonical import canonical_chunks

    windows = (column.slice(start, CHUNK_ROWS) for start in range(0, len(column), CHUNK_ROWS))
    chunks = [chunk for rows in windows for chunk in canonical_chunks(rows, field.type, field.name)]
    return pa.chunked_array(chunks, field.type)
