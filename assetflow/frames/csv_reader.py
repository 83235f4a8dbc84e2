"""Owns reading CSV, with every option pinned: RFC 4180 quotes, line breaks in values, UTF-8, empty is null.

Options: ``delimiter`` (","), ``quote`` ('"'), ``header`` (True), ``columns`` (names, instead of the
header's), ``null_values`` ([""], unquoted), ``encoding`` ("utf-8"). Knows nothing of where files lie.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assetflow.errors import DataError, SourceError
from assetflow.frames.files import InputFile, reading
from assetflow.frames.text_columns import UnreadableValueError, guess_type, parse_column

if TYPE_CHECKING:
    import pyarrow as pa

OPTIONS = frozenset({"delimiter", "quote", "header", "columns", "null_values", "encoding"})
_BLOCK_BYTES = 64 << 20


@dataclass(frozen=True)
class _Dialect:
    delimiter: str = ","
    quote: str = '"'
    header: bool = True
    columns: Sequence[str] | None = None
    null_values: Sequence[str] = ("",)
    encoding: str = "utf-8"


def read_csv(files: Sequence[InputFile], schema: pa.Schema | None, options: Mapping[str, Any]) -> pa.Table:
    """Return the rows of all files, in their order.

    Raises SourceError naming the file, row and column at fault.

    Types come from ``schema``, or are guessed from all rows of all files by the rules of ``text_columns``.
    """
    import pyarrow as pa

    dialect = _Dialect(**options)
    texts = [(file, _read_as_text(file, dialect)) for file in files]
    present = [(file, text) for file, text in texts if text is not None]
    if not present:
        if schema is not None:
            return schema.empty_table()
        raise SourceError(
            f"{files[0].path} is empty: it has no header, so its columns are not known",
            hint="declare schema=",
        )
    names = schema.names if schema is not None else present[0][1].column_names
    aligned = [(file, _aligned(file, text, names, declared=schema is not None)) for file, text in present]
    if schema is None:
        whole = pa.concat_tables([text for _, text in aligned])
        schema = pa.schema([(name, guess_type(whole[name])) for name in names])
    return pa.concat_tables([_parsed(file, text, schema) for file, text in aligned])


def value_problem(options: Mapping[str, Any]) -> str | None:
    """Say what is wrong with the values of the options, or None."""
    for name in ("delimiter", "quote"):
        value = options.get(name, ",")
        if not isinstance(value, str) or len(value) != 1 or not value.isascii():
            return f"{name}={value!r} is not one ASCII character"
    for name in ("columns", "null_values"):
        value = options.get(name)
        if value is not None and (isinstance(value, str) or not all(isinstance(item, str) for item in value)):
            return f"{name}={value!r} is not a list of texts"
    if not isinstance(options.get("header", True), bool):
        return f"header={options['header']!r} is neither True nor False"
    try:
        codecs.lookup(options.get("encoding", "utf-8"))
    except (LookupError, TypeError):
        return f"encoding={options['encoding']!r} is no encoding that Python knows"
    return None


def _read_as_text(file: InputFile, dialect: _Dialect) -> pa.Table | None:
    """Return all values as strings, or None for a file without a single record."""
    with reading(file):
        first = _first_record(file, dialect)
        if first is None:
            return None
        names = list(dialect.columns or (first if dialect.header else _numbered(first)))
        _refuse_twins(file, names)
        try:
            return _parse(file, dialect, names, threads=True)
        except ValueError:
            return _parse_or_tell(file, dialect, names)


def _parse_or_tell(file: InputFile, dialect: _Dialect, names: Sequence[str]) -> pa.Table:
    """Parse on one thread, which is slower and tells the row that is wrong."""
    try:
        return _parse(file, dialect, names, threads=False)
    except ValueError as error:  # of Arrow's parser, or of the decoder of an encoding
        raise SourceError(f"{file.path}: {_told(error, names)}", hint=_advice(error)) from error


def _told(error: ValueError, names: Sequence[str]) -> str:
    """Return Arrow's message with the name of the column, which it counts from 0 (but rows from 1)."""
    return re.sub(r"In CSV column #(\d+)", lambda found: f"column {names[int(found[1])]!r}", str(error))


def _advice(error: ValueError) -> str:
    if isinstance(error, UnicodeError) or "UTF8" in str(error):
        return 'say how it is encoded: options={"encoding": "latin-1"}'
    return (
        "each row needs as many values as the header; mend the row, or name the right delimiter in options="
    )


def _first_record(file: InputFile, dialect: _Dialect) -> list[str] | None:
    with file.open_decompressed() as stream:
        encoding = "utf-8-sig" if dialect.encoding.lower() in ("utf-8", "utf8") else dialect.encoding
        lines = io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline="")
        records = csv.reader(lines, delimiter=dialect.delimiter, quotechar=dialect.quote)
        return next((record for record in records if record), None)


def _numbered(record: Sequence[str]) -> list[str]:
    return [f"column_{number}" for number in range(1, len(record) + 1)]


def _refuse_twins(file: InputFile, names: Sequence[str]) -> None:
    for name in names:
        if list(names).count(name) > 1:
            raise SourceError(
                f"{file.path} has more than one column named {name!r}",
                hint='name them yourself: options={"columns": [...]}',
            )


def _parse(file: InputFile, dialect: _Dialect, names: Sequence[str], *, threads: bool) -> pa.Table:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    # Placeholders, because Arrow would read types by name, and cannot tell columns of odd names apart.
    columns = [str(number) for number in range(len(names))]
    with file.open_decompressed() as stream:
        table = arrow_csv.read_csv(
            stream,
            read_options=arrow_csv.ReadOptions(
                column_names=columns,
                skip_rows_after_names=1 if dialect.header else 0,
                block_size=_BLOCK_BYTES,
                encoding=dialect.encoding,
                use_threads=threads,
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=dialect.delimiter,
                quote_char=dialect.quote,
                double_quote=True,
                escape_char=False,
                newlines_in_values=True,
                ignore_empty_lines=True,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()),
                null_values=list(dialect.null_values),
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    return table.rename_columns(list(names))


def _aligned(file: InputFile, text: pa.Table, names: Sequence[str], *, declared: bool) -> pa.Table:
    measure = "the schema" if declared else "the first file"
    for name in names:
        if name not in text.column_names:
            raise SourceError(
                f"{file.path} has no column {name!r}, unlike {measure}",
                hint=f"its columns are {', '.join(text.column_names)}",
            )
    for name in text.column_names:
        if name not in names:
            raise SourceError(
                f"{file.path} has a column {name!r}, unlike {measure}",
                hint=f"the columns of {measure} are {', '.join(names)}",
            )
    return text.select(list(names))


def _parsed(file: InputFile, text: pa.Table, schema: pa.Schema) -> pa.Table:
    import pyarrow as pa

    return pa.table(list(_parsed_columns(file, text, schema)), schema=schema)


def _parsed_columns(file: InputFile, text: pa.Table, schema: pa.Schema) -> Iterator[pa.ChunkedArray]:
    for field in schema:
        try:
            yield parse_column(text[field.name], field.type)
        except UnreadableValueError as error:
            raise SourceError(
                f"{file.path}: row {error.row + 1}, column {field.name!r}: {error}",
                hint="mend the value, or declare another type in schema=",
            ) from None
        except DataError as error:
            raise SourceError(
                f"{file.path}: column {field.name!r}: {error.message}", hint=error.hint
            ) from error
