"""Owns going through a table that is not at hand whole: a reader, a generator, a lazy frame, a relation, a dataset.

What turns out small is held whole after all; the rest is a ``TableStream``. Knows nothing of where it goes.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from assetflow.errors import DataError
from assetflow.frames.forms import class_names
from assetflow.frames.stream import TableStream
from assetflow.frames.tables import is_lazy, is_stream, is_tabular, to_table
from assetflow.hashing.arrow_types import canonical_schema
from assetflow.hashing.tables import canonical_table

if TYPE_CHECKING:
    import pyarrow as pa

HELD_BYTES = 64 << 20
"""A table that comes in pieces is held whole up to so many bytes."""

BATCH_ROWS = 131_072
_PIECE_ROWS = 65_536  # smaller pieces are put together: hashing and cutting cost something per piece, too
_PIECE_BYTES = 8 << 20


def whole_table(value: Any, schema: pa.Schema | None = None) -> pa.Table:
    """Return any tabular value as a canonical table, cast to ``schema`` where one is declared.

    Raises as ``table_or_stream``.
    """
    if not is_lazy(value):
        return canonical_table(to_table(value, schema))
    return table_or_stream(value, schema, held_bytes=None)


def table_or_stream(value: Any, schema: pa.Schema | None = None, held_bytes: int | None = HELD_BYTES) -> Any:
    """Return a lazy value as a canonical table if it is small, else as a ``TableStream``.

    Args:
        value: what ``is_lazy`` says yes to.
        schema: what each piece is cast to, where one is declared.
        held_bytes: what is small; None: anything.

    Raises:
        DataError: it yields what is no table, or nothing at all, or its columns change. Of a stream, later pieces
            raise when they are reached. Whatever the value's own computation raises goes through.
    """
    import pyarrow as pa

    pieces = _gathered(_checked(_tables_of(value), schema))
    held: list[pa.Table] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += piece.nbytes
        if held_bytes is not None and size > held_bytes:
            known = pa.unify_schemas([table.schema for table in held])
            return TableStream(known, _typed(chain(held, pieces), known))
    if held:
        return canonical_table(pa.concat_tables(held, promote_options="default"))
    if schema is None:
        raise DataError(
            "the stream yielded nothing, so its columns are not known",
            hint="yield an empty table of the right schema, or declare schema=",
        )
    return canonical_table(pa.Table.from_batches([], schema))


def _tables_of(value: Any) -> Iterator[Any]:
    """Yield whatever a lazy value is made of; of all but generators, at least one table."""
    names = set(class_names(type(value)))
    if is_stream(value):
        return iter(value)
    if ("polars", "LazyFrame") in names:
        from assetflow.frames.polars_door import lazy_batches

        return lazy_batches(value, BATCH_ROWS)
    if names & {("duckdb", "DuckDBPyRelation"), ("_duckdb", "DuckDBPyRelation")}:
        from assetflow.frames.duckdb_door import relation_batches

        return relation_batches(value, BATCH_ROWS)
    return _batches(_reader(value, names))


def _reader(value: Any, names: set[tuple[str, str]]) -> pa.RecordBatchReader:
    import pyarrow as pa

    if isinstance(value, pa.RecordBatchReader):
        return value
    if ("pyarrow", "Scanner") in names:
        return value.to_reader()
    if ("pyarrow", "Dataset") in names:
        # With threads, Arrow reads ahead of a slow consumer, further and further.
        return value.scanner(batch_size=BATCH_ROWS, use_threads=False).to_reader()
    try:
        return pa.RecordBatchReader.from_stream(value)
    except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError, ValueError) as error:
        raise DataError(
            f"a {type(value).__module__}.{type(value).__qualname__} is no table: {error}",
            hint="return a pyarrow.Table, or a frame of pandas or polars",
        ) from error


def _batches(reader: pa.RecordBatchReader) -> Iterator[pa.Table]:
    import pyarrow as pa

    empty = True
    for batch in reader:
        empty = False
        yield pa.Table.from_batches([batch])
    if empty:
        yield pa.Table.from_batches([], reader.schema)


def _checked(items: Iterator[Any], schema: pa.Schema | None) -> Iterator[pa.Table]:
    """Yield the items as tables of one schema, but for columns that hold nulls alone so far."""
    known: pa.Schema | None = None
    for number, item in enumerate(items, 1):
        if not is_tabular(item) or is_stream(item):
            raise DataError(
                f"item {number} of the stream is a {type(item).__qualname__}, not a table",
                hint="yield batches, tables or frames; of rows, yield pyarrow.Table.from_pylist(rows)",
            )
        for part in _tables_of(item) if is_lazy(item) else (item,):
            table = to_table(part, schema)
            known = _agreed(known, canonical_schema(table.schema), number)
            yield table


def _agreed(known: pa.Schema | None, later: pa.Schema, number: int) -> pa.Schema:
    """Return the schema of all items so far; raise DataError where one's columns are not those before."""
    import pyarrow as pa

    if known is None or known == later:
        return later
    if known.names != later.names:
        raise DataError(
            f"item {number} of the stream has columns {', '.join(later.names)}, not {', '.join(known.names)}",
            hint="yield the same columns in the same order",
        )
    for before, after in zip(known, later, strict=True):
        if len({before.type, after.type} - {pa.null()}) > 1:
            raise DataError(
                f"column {before.name!r} is {after.type} in item {number} of the stream, not {before.type}",
                hint="cast it, or declare schema=",
            )
    pairs = zip(known, later, strict=True)
    return pa.schema([after if before.type == pa.null() else before for before, after in pairs])


def _gathered(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Yield canonical tables, small ones put together."""
    import pyarrow as pa

    waiting: list[pa.Table] = []
    rows = size = 0
    for table in tables:
        if waiting and waiting[0].schema != table.schema:
            yield canonical_table(pa.concat_tables(waiting))
            waiting, rows, size = [], 0, 0
        waiting.append(table)
        rows, size = rows + len(table), size + table.nbytes
        if rows >= _PIECE_ROWS or size >= _PIECE_BYTES:
            yield canonical_table(pa.concat_tables(waiting))
            waiting, rows, size = [], 0, 0
    if waiting:
        yield canonical_table(pa.concat_tables(waiting))


def _typed(pieces: Iterator[pa.Table], schema: pa.Schema) -> Iterator[pa.Table]:
    """Yield pieces of one schema: columns of nulls alone take the type that the others have."""
    import pyarrow as pa

    for piece in pieces:
        if piece.schema == schema:
            yield piece
            continue
        for field, later in zip(schema, piece.schema, strict=True):
            if field.type == pa.null() and later.type != pa.null():
                raise DataError(
                    f"column {field.name!r} held nulls alone in the first {HELD_BYTES >> 20} MiB of the stream, "
                    f"and is {later.type} later",
                    hint="declare schema=, or cast it from the first piece on",
                )
        columns = [
            column if column.type == field.type else pa.chunked_array([pa.nulls(len(column), field.type)])
            for field, column in zip(schema, piece.columns, strict=True)
        ]
        yield pa.Table.from_arrays(columns, schema=schema)
