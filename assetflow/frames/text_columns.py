"""Owns what a column of text means: the pinned rules by which a type is guessed, and parsing.

The rules are a part of ``READER_NUMBER``: whole columns are looked at, nulls and empty text aside, and
the first type that every value fits is taken:

- int64: ``-12``; no leading zeros or plus (``007`` and ``+49 30`` stay text), nothing that int64 cannot hold
- float64: ``1.5``, ``.5``, ``1e-3``, integers among them, ``nan``, ``inf``, ``-inf``
- bool: ``true``, ``false``, in lower, upper or title case
- date32: ``2026-11-23``
- timestamp[us]: ``2026-11-23 10:00``, ``2026-11-23T10:00:00.25``; with ``Z`` or ``+01:00`` after it, in UTC
- string: all else, and columns without any value

Knows nothing of files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assetflow.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

_INTEGER = r"^-?(0|[1-9][0-9]*)$"
_FLOAT = r"^(-?(([0-9]|[1-9][0-9]+)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|nan|NaN|-?inf)$"
_BOOLEAN = r"^(true|false|True|False|TRUE|FALSE)$"
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_INSTANT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
_ZONE = r"(Z|[+-][0-9]{2}:?[0-9]{2})$"
_SAMPLE_ROWS = 1000


class UnreadableValueError(Exception):
    """One value of a column cannot be read as its type. ``row`` counts from 0."""

    def __init__(self, row: int, text: str, type_: pa.DataType) -> None:
        super().__init__(f"{text!r} cannot be read as {type_}")
        self.row = row


def guess_type(column: pa.ChunkedArray) -> pa.DataType:
    """Return the type that the pinned rules give to a column of strings."""
    import pyarrow as pa
    import pyarrow.compute as pc

    values = column.filter(pc.greater(pc.binary_length(column), 0))
    candidates = [
        (_INTEGER, pa.int64()),
        (_FLOAT, pa.float64()),
        (_BOOLEAN, pa.bool_()),
        (_DATE, pa.date32()),
        (_INSTANT + "$", pa.timestamp("us")),
        (_INSTANT + _ZONE, pa.timestamp("us", "UTC")),
    ]
    for pattern, guessed in candidates if len(values) else []:
        if not all(_matches(part, pattern) for part in (values.slice(0, _SAMPLE_ROWS), values)):
            continue
        try:
            values.cast(guessed)
        except pa.ArrowInvalid:
            break  # the 30th of February, or a number that is too large, is text
        return guessed
    return pa.string()


def parse_column(column: pa.ChunkedArray, type_: pa.DataType) -> pa.ChunkedArray:
    """Return a column of strings as ``type_``; empty text is null there, unless it is a type of text.

    Raises UnreadableValueError for the first value that does not fit, DataError for a type that text
    cannot hold.
    """
    import pyarrow as pa

    if pa.types.is_nested(type_) or pa.types.is_duration(type_) or pa.types.is_interval(type_):
        raise DataError(
            f"text cannot be read as {type_}", hint="declare it as string, and convert it in an asset"
        )
    try:
        return _parsed(column, type_)
    except pa.ArrowInvalid:
        row = _first_unreadable(column, type_)
        raise UnreadableValueError(row, column[row].as_py(), type_) from None


def _matches(values: pa.ChunkedArray, pattern: str) -> bool:
    import pyarrow.compute as pc

    return bool(pc.all(pc.match_substring_regex(values, pattern)).as_py())


def _parsed(column: pa.ChunkedArray, type_: pa.DataType) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_string(type_) or pa.types.is_binary(type_):
        return column.cast(type_)
    empty = pc.equal(column, "")
    values = pc.if_else(empty, pa.scalar(None, pa.string()), column)
    if pa.types.is_time(type_):
        moments = pc.binary_join_element_wise("1970-01-01", values, " ")
        unit = type_.unit if type_.unit in ("us", "ns") else "ms"
        return moments.cast(pa.timestamp(unit)).cast(pa.time32("ms") if unit == "ms" else type_).cast(type_)
    return values.cast(type_)


def _first_unreadable(column: pa.ChunkedArray, type_: pa.DataType) -> int:
    """Halve the rows until the first that cannot be parsed is alone."""
    import pyarrow as pa

    start, count = 0, len(column)
    while count > 1:
        half = count // 2
        try:
            _parsed(column.slice(start, half), type_)
        except pa.ArrowInvalid:
            count = half
        else:
            start, count = start + half, count - half
    return start
