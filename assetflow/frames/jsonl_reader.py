"""Owns reading JSON lines: one object in each line, UTF-8, types as JSON has them.

Numbers without a point are int64, others (or both in one column) float64; text is string, also where it looks like a
date; objects are structs, arrays lists; a key that is missing is null. Knows nothing of where files lie.
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

_Row = tuple[int, dict[str, Any]]


def read_jsonl(files: Sequence[InputFile], schema: pa.Schema | None) -> pa.Table:
    """Return the rows of all files, in their order. Raises SourceError naming the file, line and column at fault."""
    pieces = [piece for file in files for piece in _pieces(file, schema)]
    if schema is not None:
        import pyarrow as pa

        return pa.concat_tables(pieces) if pieces else schema.empty_table()
    if not pieces:
        raise SourceError(
            f"{files[0].path} is empty, so its columns are not known", hint="declare schema="
        )
    return _joined(files, pieces)


def _pieces(file: InputFile, schema: pa.Schema | None) -> Iterator[pa.Table]:
    with reading(file), file.open_decompressed() as stream:
        rows = _rows(file, stream)
        while batch := list(islice(rows, _LINES_AT_ONCE)):
            yield _table(file, batch, schema)


def _rows(file: InputFile, stream: Any) -> Iterator[_Row]:
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise SourceError(f"{file.path}: line {number} is not JSON: {error}", hint="mend the line") from error
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
            hint="a column holds values of one type; declare schema= to say which",
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
        return parse_column(found, field.type) if is_text else found.cast(field.type)
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


def _joined(files: Sequence[InputFile], pieces: Sequence[pa.Table]) -> pa.Table:
    """Join what was read batch by batch; int and float meet as float, null with anything, structs by their fields."""
    import pyarrow as pa

    try:
        return pa.concat_tables(pieces, promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise SourceError(
            f"{files[0].path}{' and the files after it' if len(files) > 1 else ''}: {error}",
            hint="a column holds values of one type; declare schema= to say which",
        ) from error
