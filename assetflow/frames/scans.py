"""Owns handing out a table in its parts as something that reads their files itself, and only what it needs of them.

A form gets the files where it reads from them exactly what it would get from the table in memory; where not, it
gets the tables of the parts, one after the other, or the whole. Knows nothing of who asks.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetflow.frames.parted import PartedTable

if TYPE_CHECKING:
    import duckdb
    import polars as pl
    import pyarrow as pa


def scan_polars(parts: PartedTable, scratch: Path | None) -> pl.LazyFrame:
    """Return a lazy frame over the parts; raise DataError naming a column whose type polars does not have."""
    from assetflow.frames.polars_door import arrow_to_polars_lazy, holds_extensions, scan_files, scan_tables

    if holds_extensions(_empty(parts)):
        return arrow_to_polars_lazy(parts.read())
    if parts.format == "parquet":
        frame = scan_files(local_files(parts, scratch), _empty(parts))
        if frame is not None:
            return frame
    return scan_tables(parts)


def scan_duckdb(
    parts: PartedTable, connection: duckdb.DuckDBPyConnection, name: str, scratch: Path | None
) -> duckdb.DuckDBPyRelation:
    """Make the parts the view ``name`` of a connection.

    Raises DataError naming a column whose type DuckDB does not have.
    """
    from assetflow.frames.duckdb_door import files_to_relation

    return files_to_relation(local_files(parts, scratch), parts.format, _empty(parts), connection, name)


def scan_arrow(parts: PartedTable, scratch: Path | None) -> Any:
    """Return a dataset over the parts; of the whole table where the files have other types than the table."""
    import pyarrow.dataset

    files = [str(path) for path in local_files(parts, scratch)]
    form = "parquet" if parts.format == "parquet" else "ipc"
    dataset = pyarrow.dataset.dataset(files, schema=parts.schema, format=form)
    stored = {field.name: field.type for field in next(dataset.get_fragments()).physical_schema}
    if all(field.type.equals(stored[field.name]) for field in parts.schema):
        return dataset
    return pyarrow.dataset.dataset(parts.read())


def local_files(parts: PartedTable, scratch: Path | None) -> tuple[Path, ...]:
    """Return the verified parts as files of this machine: where they lie, or else as copies in ``scratch``."""
    files = parts.files
    if files is not None:
        return files
    folder = Path(tempfile.mkdtemp(prefix="assetflow-parts-", dir=scratch))
    copies = []
    for number, part in enumerate(parts.parts):
        path = folder / f"{number}.{parts.format}"
        path.write_bytes(parts.read_part(part))
        copies.append(path)
    return tuple(copies)


def _empty(parts: PartedTable) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_batches([], parts.schema)
