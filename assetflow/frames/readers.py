"""Owns reading the files of a source: tables from CSV, JSON lines, Parquet and Arrow IPC, and text.

How each format is read is pinned: what the same bytes mean may change only with ``READER_NUMBER``. Knows
nothing of where files lie; files are read in order of their paths, and joined by column name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from assetflow.errors import DataError, SourceError
from assetflow.frames import csv_reader, jsonl_reader
from assetflow.frames.conforming import conform, target_types
from assetflow.frames.content import FileSource
from assetflow.frames.files import InputFile, reading
from assetflow.frames.table_codec import select_schema
from assetflow.hashing.tables import canonical_table
from assetflow.keys import did_you_mean

if TYPE_CHECKING:
    import pyarrow as pa

READER_NUMBER = 1
TABLE_FORMATS = ("csv", "jsonl", "parquet", "arrow")
FORMATS = (*TABLE_FORMATS, "text", "file")

_ARROW_FILE_MAGIC = b"ARROW1"


def read_table(
    format: str,  # noqa: A002 - the declaration's word
    files: Sequence[tuple[str, FileSource]],
    schema: pa.Schema | None = None,
    options: Mapping[str, Any] | None = None,
    columns: Sequence[str] | None = None,
) -> pa.Table:
    """Return the rows of all files as one canonical table.

    Args:
        format: one of ``TABLE_FORMATS``.
        files: (path relative to the source, where its bytes are).
        schema: columns and types; without it types are those of the format, or guessed from what is there
            (CSV).
        options: of the reader; see ``csv_reader``.
        columns: return only these, in this order.

    Raises:
        SourceError: a file cannot be read, or does not fit the others or the schema; names file, column
            and row or line.
        UnknownNameError: a column asked for is not there.
    """
    problem = option_problem(format, options or {})
    if problem:
        raise SourceError(problem)
    ordered = [InputFile(path, source) for path, source in sorted(files, key=lambda file: file[0])]
    if not ordered:
        raise SourceError("there is no file to read")
    declared = None if schema is None else target_types(schema)
    if format == "csv":
        table = csv_reader.read_csv(ordered, declared, options or {})
    elif format == "jsonl":
        table = jsonl_reader.read_jsonl(ordered, declared)
    else:
        table = _read_typed(format, ordered, declared)
    whole = _canonical(ordered, table, declared)
    return whole if columns is None else whole.select(select_schema(whole.schema, columns).names)


def read_text(files: Sequence[tuple[str, FileSource]]) -> str:
    """Return the text of all files, one after the other in order of their paths.

    Raises SourceError for what is not UTF-8.
    """
    return "".join(
        _read_text(InputFile(path, source)) for path, source in sorted(files, key=lambda file: file[0])
    )


def option_problem(format: str, options: Mapping[str, Any]) -> str | None:  # noqa: A002 - the declaration's word
    """Say what is wrong with the options of a reader, or None."""
    known = csv_reader.OPTIONS if format == "csv" else frozenset()
    for name in options:
        if name not in known:
            near = did_you_mean(name, known)
            told = f"it knows {', '.join(sorted(known))}" if known else "it has none"
            return f"the reader of {format} has no option {name!r}: {near or told}"
    return csv_reader.value_problem(options) if format == "csv" else None


def _read_text(file: InputFile) -> str:
    with reading(file), file.open_decompressed() as stream:
        data = bytes(stream.read())
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise SourceError(
            f"{file.path}: line {line} is not UTF-8: {error}", hint='read it as it is: format="file"'
        ) from error


def _read_typed(format: str, files: Sequence[InputFile], declared: pa.Schema | None) -> pa.Table:  # noqa: A002 - as above
    """Read files that say their own types, and join them by name."""
    import pyarrow as pa

    read = _read_parquet if format == "parquet" else _read_arrow
    tables: list[pa.Table] = []
    for file in files:
        with reading(file):
            try:
                table = canonical_table(read(file))
                tables.append(conform(table, declared) if declared is not None else table)
            except DataError as error:
                raise SourceError(f"{file.path}: {error.message}", hint=error.hint) from error
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
                raise SourceError(f"{file.path} is no {format} file: {error}", hint="is it whole?") from error
    if declared is None:
        tables = [
            tables[0],
            *(
                _like(tables[0], table, files[0], file)
                for table, file in zip(tables[1:], files[1:], strict=True)
            ),
        ]
    return pa.concat_tables(tables, promote_options="default")


def _read_parquet(file: InputFile) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with file.open() as stream:
        return pq.ParquetFile(pa.PythonFile(stream, "r"), page_checksum_verification=True).read()


def _read_arrow(file: InputFile) -> pa.Table:
    import pyarrow as pa

    with file.open() as stream:
        is_file = stream.read(len(_ARROW_FILE_MAGIC)) == _ARROW_FILE_MAGIC
        stream.seek(0)
        source = pa.PythonFile(stream, "r")
        return (pa.ipc.open_file(source) if is_file else pa.ipc.open_stream(source)).read_all()


def _like(first: pa.Table, table: pa.Table, first_file: InputFile, file: InputFile) -> pa.Table:
    """Return a later file's table in the order of the first's columns.

    Raises SourceError where they differ.
    """
    import pyarrow as pa

    for name in first.column_names:
        if name not in table.column_names:
            raise SourceError(f"{file.path} has no column {name!r}, unlike {first_file.path}", hint=_UNIFY)
    for name in table.column_names:
        if name not in first.column_names:
            raise SourceError(f"{file.path} has a column {name!r}, unlike {first_file.path}", hint=_UNIFY)
    for field in first.schema:
        other = table.schema.field(field.name).type
        if len({field.type, other} - {pa.null()}) > 1:
            raise SourceError(
                f"column {field.name!r} is {other} in {file.path}, and {field.type} in {first_file.path}",
                hint=_UNIFY,
            )
    return table.select(first.column_names)


_UNIFY = "declare schema= to cast all files to one, or read the files as different sources"


def _canonical(files: Sequence[InputFile], table: pa.Table, declared: pa.Schema | None) -> pa.Table:
    try:
        return canonical_table(table if declared is None else conform(table, declared))
    except DataError as error:
        raise SourceError(f"{files[0].path}: {error.message}", hint=error.hint) from error
