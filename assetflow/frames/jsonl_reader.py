"""Owns reading JSON lines: one object in each line, UTF-8, types as JSON has them.

Numbers without a point are int64, others (or both in one column) float64; text is string, also where it
looks like a date; objects are structs, arrays lists; a key that is missing is null. Knows nothing of
where files lie.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from assetflow.errors import DataError, SourceError
from assetflow.frames.files import InputFile, reading
from assetflow.frames.text_columns import UnreadableValueError, parse_column

if TYPE_CHECKING:
    import pyarrow as pa

OPTIONS: frozenset[str] = frozenset()
_LINES_AT_ONCE = 65_536

_MEND = "a column holds values of one type; declare schema= to say which"

_Row = tuple[int, dict[str, Any]]


def read_jsonl(files: Sequence[InputFile], schema: pa.Schema | None) -> pa.Table:
    """Return the rows of all files, in their order.

    Raises SourceError naming the file, line and column at fault.
    """
    import pyarrow as pa

    pieces = [(file, piece) for file in files for piece in _pieces(file, schema)]
    if schema is None:
        if not pieces:
            raise SourceError(
                f"{files[0].path} is empty, so its columns are not known", hint="declare schema="
            )
        _refuse_change(pieces)
    tables = [piece for _, piece in pieces]
    # int and float meet as float, null with anything, structs by their fields
    if not tables and schema is not None:
        return schema.empty_table()
    return pa.concat_tables(tables, promote_options="permissive")


def _pieces(file: InputFile, schema: pa.Schema | None) -> Iterator[pa.Table]:
    with reading(file), file.open_decompressed() as stream:
        rows = _rows(file, stream)
        while batch := list(islice(rows, _LINES_AT_ONCE)):
            yield _table(file, batch, schema)


def _rows(file: InputFile, stream: Any) -> Iterator[_Row]:
    for number, line in enumerate(stream, 1):
        text = line.strip()
        if not text:
            continue
        try:
            row = json.loads(text)
        except json.JSONDecodeError as error:
            told = f"{file.path}: line {number} is not JSON: {error.msg} at column {error.colno}"
            raise SourceError(told, hint="mend the line") from error
        except UnicodeDecodeError as error:
            raise SourceError(f"{file.path}: line {number} is not UTF-8: {error}") from error
        if not isinstance(row, dict):
            raise SourceError(
                f"{file.path}: line {number} is no object, but a {type(row).__name__}",
                hint='each line is one row: {"column": value, ...}',
            )
        yield number, row


def _table(file: InputFile, rows: Sequence[_Row], schema: pa.Schema | None) -> pa.Table:
    import pyarrow as pa

    keys = dict.fromkeys(key for _, row in rows for key in row)
    if schema is None:
        return pa.table({key: _column(file, rows, key) for key in keys})
    for key in keys:
        if key not in schema.names:
            line = next(number for number, row in rows if key in row)
            raise SourceError(
                f"{file.path}: line {line} has the key {key!r}, which the schema does not declare",
                hint="declare it, or drop it from the file",
            )
    return pa.table([_declared(file, rows, field) for field in schema], schema=schema)


def _column(file: InputFile, rows: Sequence[_Row], key: str) -> pa.Array:
    import pyarrow as pa

    values = [row.get(key) for _, row in rows]
    try:
        return pa.array(values)
    except (pa.ArrowException, OverflowError, TypeError) as error:
        line = rows[_first_misfit(values)][0]
        raise SourceError(
            f"{file.path}: line {line}, key {key!r}: {error}",
            hint=_MEND,
        ) from error


def _first_misfit(values: list[Any]) -> int:
    """Return the shortest prefix's last index that has no common type; halves the rows each time."""
    import pyarrow as pa

    fits, misfits = 0, len(values)
    while misfits - fits > 1:
        middle = (fits + misfits) // 2
        try:
            pa.array(values[:middle])
        except (pa.ArrowException, OverflowError, TypeError):
            misfits = middle
        else:
            fits = middle
    return misfits - 1


def _declared(file: InputFile, rows: Sequence[_Row], field: pa.Field) -> pa.Array | pa.ChunkedArray:
    import pyarrow as pa

    try:
        return pa.array([row.get(field.name) for _, row in rows], type=field.type)
    except (pa.ArrowException, OverflowError, TypeError):
        found = pa.chunked_array([_column(file, rows, field.name)])
    try:
        is_text = pa.types.is_string(found.type) and not pa.types.is_nested(field.type)
        return parse_column(found, field.type) if is_text else _cast(found.combine_chunks(), field.type)
    except UnreadableValueError as error:
        line = rows[error.row][0]
        raise SourceError(
            f"{file.path}: line {line}, key {field.name!r}: {error}",
            hint="mend the value, or declare another type in schema=",
        ) from None
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, DataError) as error:
        raise SourceError(
            f"{file.path}: key {field.name!r} ({found.type}) cannot be read as {field.type}: {error}",
            hint="mend the values, or declare another type in schema=",
        ) from error


def _cast(array: pa.Array, type_: pa.DataType) -> pa.Array:
    """Cast the values, not what lies under a struct's null: Arrow would read empty text there as a date."""
    import pyarrow as pa

    if pa.types.is_struct(array.type) and pa.types.is_struct(type_):
        found = dict(zip((field.name for field in array.type), array.flatten(), strict=True))
        children = [
            _cast(found[field.name], field.type) if field.name in found else pa.nulls(len(array), field.type)
            for field in type_
        ]
        return pa.StructArray.from_arrays(children, fields=list(type_), mask=array.is_null())
    if pa.types.is_list(array.type) and pa.types.is_list(type_):
        values = _cast(array.values, type_.value_type)
        return pa.ListArray.from_arrays(array.offsets, values, type=type_, mask=array.is_null())
    return array.cast(type_)


def _refuse_change(pieces: Sequence[tuple[InputFile, pa.Table]]) -> None:
    import pyarrow as pa

    schema = pieces[0][1].schema
    for file, piece in pieces[1:]:
        try:
            schema = pa.unify_schemas([schema, piece.schema], promote_options="permissive")
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise SourceError(
                f"{file.path}: {error}, the first as before this file or line", hint=_MEND
            ) from error
