"""Owns handing content to a consumer in the form it asks for: an object of its own, to change as it likes.

Frames have blocks of their own; Arrow, polars and DuckDB share memory that none of them can change. Knows
nothing of who asks.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetflow.errors import DataError
from assetflow.frames.content import Content, open_file
from assetflow.frames.folders import copy_out
from assetflow.frames.forms import ANY, VALUE_FORMS, Form
from assetflow.frames.parted import PartedTable
from assetflow.frames.parts import cut
from assetflow.frames.scans import scan_arrow, scan_duckdb, scan_polars
from assetflow.hashing.tables import canonical_table

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def hand_out(
    content: Content,
    form: Form = ANY,
    *,
    scratch: Path | None = None,
    connection: duckdb.DuckDBPyConnection | None = None,
    name: str = "input",
) -> Any:
    """Return a fresh object in the form asked for.

    Args:
        content: what is handed out; it stays as it is.
        form: ``any`` gives the stored form: a ``pyarrow.Table``, the plain value, text, bytes, array or path.
        scratch: folder for private copies of files, which lasts as long as what is handed out; None: the system's
            folder for temporary files, to be removed by the caller.
        connection: where a DuckDB relation is made; None: on a database of its own.
        name: of the view that a DuckDB relation stands on.

    Raises:
        DataError: the content cannot take this form; names the column where one is the cause.
    """
    if content.kind == "table":
        if isinstance(content.data, PartedTable):
            return _parts_as(content.data, form, scratch, connection, name)
        return _table_as(content.data, form, connection, name)
    if content.kind == "pickle":
        return pickle.loads(content.data)  # noqa: S301 - only where the asset says format="pickle", after its hash matched
    if content.kind == "files":
        return _files_as(content, form, scratch)
    if content.kind == "value":
        return _value_as(content.data, form)
    own = {"text": "str", "bytes": "bytes", "numpy": "numpy", "figure": "bytes"}[content.kind]
    if form.name not in ("any", own) and not (content.kind == "text" and form.name == "value"):
        raise _mismatch(content.kind, form)
    return content.data


def hand_out_all(
    inputs: Mapping[str, tuple[Content, Form]], *, scratch: Path | None = None
) -> dict[str, Any]:
    """Return the inputs of one call by parameter.

    DuckDB relations among them share a database, so they can be joined. Raises DataError, which names the parameter.
    """
    connection = None
    if any(form.name == "duckdb" for _, form in inputs.values()):
        from assetflow.frames.duckdb_door import fresh_connection

        connection = fresh_connection(scratch)
    handed = {}
    for parameter, (content, form) in inputs.items():
        try:
            handed[parameter] = hand_out(
                content, form, scratch=scratch, connection=connection, name=parameter
            )
        except DataError as error:
            raise DataError(f"input {parameter!r}: {error.message}", hint=error.hint) from error
    return handed


def _table_as(table: pa.Table, form: Form, connection: duckdb.DuckDBPyConnection | None, name: str) -> Any:
    match form.name:
        case "any" | "arrow":
            return table
        case "arrow-batch":
            return _single_batch(table)
        case "arrow-reader":
            return _reader(table.schema, cut(table))
        case "arrow-dataset":
            import pyarrow.dataset

            return pyarrow.dataset.dataset(table)
        case "stream":
            return _stream(cut(table), form.target)
        case "pandas":
            from assetflow.frames.pandas_door import arrow_to_pandas

            return arrow_to_pandas(table)
        case "polars":
            from assetflow.frames.polars_door import arrow_to_polars

            return arrow_to_polars(table)
        case "polars-lazy":
            from assetflow.frames.polars_door import arrow_to_polars_lazy

            return arrow_to_polars_lazy(table)
        case "duckdb":
            from assetflow.frames.duckdb_door import arrow_to_relation, fresh_connection

            return arrow_to_relation(table, connection or fresh_connection(), name)
        case "pandera":
            from assetflow.frames.pandera_door import coerce, to_backend

            return coerce(form.target, to_backend(form.target, table), lazy=form.frame == "polars-lazy")
        case _:
            raise _mismatch("table", form)


def _single_batch(table: pa.Table) -> pa.RecordBatch:
    import pyarrow as pa

    batches = table.combine_chunks().to_batches()
    if len(batches) > 1:
        raise DataError(
            "the table does not fit one record batch", hint="ask for pyarrow.Table or RecordBatchReader"
        )
    if batches:
        return batches[0]
    return pa.RecordBatch.from_arrays([pa.nulls(0, t) for t in table.schema.types], schema=table.schema)


def _parts_as(
    parts: PartedTable,
    form: Form,
    scratch: Path | None,
    connection: duckdb.DuckDBPyConnection | None,
    name: str,
) -> Any:
    """Return what reads the parts as it goes; the whole table for forms that hold it whole anyway."""
    match form.name:
        case "arrow-reader":
            return _reader(parts.schema, parts.tables())
        case "stream":
            return _stream(parts.tables(), form.target)
        case "arrow-dataset":
            return scan_arrow(parts, scratch)
        case "polars-lazy":
            return scan_polars(parts, scratch)
        case "duckdb":
            from assetflow.frames.duckdb_door import fresh_connection

            return scan_duckdb(parts, connection or fresh_connection(scratch), name, scratch)
        case _:
            return _table_as(parts.read(), form, connection, name)


def _reader(schema: pa.Schema, tables: Iterator[pa.Table]) -> pa.RecordBatchReader:
    """Return a reader with one batch per part, whether the table was at hand or is read part by part."""
    import pyarrow as pa

    return pa.RecordBatchReader.from_batches(schema, map(_single_batch, tables))


def _stream(tables: Iterator[pa.Table], element: Form) -> Iterator[Any]:
    for table in tables:
        yield _table_as(canonical_table(table), element, None, "input")


def _value_as(text: str, form: Form) -> Any:
    from assetflow.hashing.values import decode_value

    if form.name not in ("any", "str", "bytes", *VALUE_FORMS):
        raise _mismatch("value", form)
    value = decode_value(text, form.target)
    if form.name in ("str", "bytes") and type(value).__name__ != form.name:
        raise _mismatch(f"value of type {type(value).__name__}", form)
    return value


def _files_as(content: Content, form: Form, scratch: Path | None) -> Any:
    paths = content.data.paths
    single = content.format != "folder" and len(paths) == 1
    if form.name == "bytes" and single:
        with open_file(paths[0][1]) as stream:
            return stream.read()
    if form.name not in ("any", "path"):
        raise _mismatch("file" if single else "folder", form)
    return copy_out(content.data, single=single, scratch=scratch)


def _mismatch(what: str, form: Form) -> DataError:
    return DataError(
        f"a {what} cannot be handed out as {form.written}",
        hint="ask for the form it is stored in, or leave the form out",
    )
