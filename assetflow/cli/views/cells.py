"""Owns how the values of a table look as text, and how a table comes apart into rows of such text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from assetflow.cli.json_text import json_line
from assetflow.cli.views.words import one_line
from assetflow.frames.python_values import python_values

if TYPE_CHECKING:
    import pyarrow as pa

NULL = "NULL"


@dataclass(frozen=True)
class Cells:
    """The first rows of a table as text. ``numeric``: columns that hold numbers; ``total``: rows of the whole table."""

    names: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    total: int


def cells_of(table: pa.Table, most: int | None = None) -> Cells:
    """Return the first ``most`` rows (None: all) of a table as text, one line to a cell."""
    first = table if most is None else table.slice(0, most)
    columns = [[cell_text(value) for value in python_values(column)] for column in first.columns]
    return Cells(
        names=tuple(one_line(name) for name in table.column_names),
        numeric=tuple(_is_number(field.type) for field in table.schema),
        rows=tuple(zip(*columns, strict=True)),
        total=table.num_rows,
    )


def cell_text(value: Any) -> str:
    """Return a value on one line."""
    match value:
        case None:
            return NULL
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat(sep=" ")
        case bytes():
            return f"0x{value.hex()}"
        case list() | dict() | tuple():
            return one_line(json_line(value))
    return one_line(value)


def _is_number(arrow_type: pa.DataType) -> bool:
    import pyarrow as pa

    types = pa.types
    return bool(types.is_integer(arrow_type) or types.is_floating(arrow_type) or types.is_decimal(arrow_type))
