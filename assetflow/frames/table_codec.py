"""Owns the bytes of tables: Parquet and Arrow IPC, the text of a schema.

What is read back has exactly the type that the authoritative schema says, whatever the file format made
of it. Knows nothing of manifests or stores.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING

from assetflow.errors import UnknownNameError
from assetflow.frames.encodings import encodings_of
from assetflow.keys import did_you_mean

if TYPE_CHECKING:
    import pyarrow as pa

COMPRESSION_LEVEL = 1
# With Arrow's 1 MiB, a part of 100,000 different numbers becomes a dictionary: a third slower, a quarter larger.
DICTIONARY_BYTES = 128 << 10


def table_to_parquet(table: pa.Table) -> memoryview:
    """Return a table as one Parquet file: zstd, statistics, page checksums."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(
        table,
        sink,
        compression="zstd",
        compression_level=COMPRESSION_LEVEL,
        dictionary_pagesize_limit=DICTIONARY_BYTES,
        write_statistics=True,
        write_page_checksum=True,
        **encodings_of(table),
    )
    return memoryview(sink.getvalue())


def table_to_ipc(table: pa.Table) -> memoryview:
    """Return a table as one uncompressed Arrow IPC file, which can be memory-mapped."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return memoryview(sink.getvalue())


def table_to_ipc_stream(table: pa.Table) -> memoryview:
    """Return a table in the Arrow IPC stream format, the smallest for tiny tables."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return memoryview(sink.getvalue())


def table_from_ipc_stream(data: bytes | memoryview, columns: Sequence[str] | None) -> pa.Table:
    """Read what ``table_to_ipc_stream`` made."""
    import pyarrow as pa

    table = pa.ipc.open_stream(pa.py_buffer(data)).read_all()
    return table if columns is None else table.select(list(columns))


def part_from_bytes(data: bytes | memoryview, format: str, columns: Sequence[str] | None) -> pa.Table:  # noqa: A002 - the manifest's word
    """Read one part; only the bytes of the named columns are decoded."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    wanted = None if columns is None else list(columns)
    if format == "parquet":
        table = pq.ParquetFile(pa.BufferReader(data)).read(columns=wanted)
    else:
        table = pa.ipc.open_file(pa.BufferReader(data)).read_all()
    # Parquet also reads "a.b" for "a" and the other way round: the choice is made once more, by whole names.
    return table if wanted is None else table.select(wanted)


def join(parts: Sequence[pa.Table], schema: pa.Schema) -> pa.Table:
    """Put the parts of a table together again, with the types of the authoritative (canonical) schema."""
    import pyarrow as pa

    return pa.concat_tables([_restored(part, schema) for part in parts]).replace_schema_metadata(None)


def select_schema(schema: pa.Schema, columns: Sequence[str]) -> pa.Schema:
    """Return the schema of some columns, in the order asked for.

    Raises UnknownNameError for one that is not there.
    """
    import pyarrow as pa

    for name in columns:
        if name not in schema.names:
            raise UnknownNameError(
                f"there is no column {name!r}",
                hint=did_you_mean(name, schema.names) or f"its columns are {', '.join(schema.names)}",
            )
    return pa.schema([schema.field(name) for name in columns])


def schema_to_text(schema: pa.Schema) -> str:
    """Return a schema as base64 of its Arrow IPC message."""
    return base64.b64encode(schema.serialize()).decode("ascii")


def schema_from_text(text: str) -> pa.Schema:
    """Read what ``schema_to_text`` made."""
    import pyarrow as pa

    return pa.ipc.read_schema(pa.py_buffer(base64.b64decode(text)))


def _restored(part: pa.Table, schema: pa.Schema) -> pa.Table:
    """Give back the units and names that Parquet changed: what it holds is what was written, told otherwise."""
    import pyarrow as pa

    from assetflow.hashing.canonical import canonical_pieces

    if part.schema.equals(schema, check_metadata=True):
        return part
    # Not cast(): Arrow loses elements where it casts lists of nulls to lists whose elements have another name.
    columns = [
        column
        if column.type.equals(field.type, check_metadata=True)
        else pa.chunked_array(
            [piece for chunk in column.chunks for piece in canonical_pieces(chunk, field.type, field.name)],
            field.type,
        )
        for column, field in zip(part.columns, schema, strict=True)
    ]
    return pa.table(columns, schema=schema)
