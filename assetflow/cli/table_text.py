"""Owns the text forms of a query's result for other programs: CSV, and a JSON document."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from assetflow.cli.views.cells import cell_text
from assetflow.frames.python_values import python_values

if TYPE_CHECKING:
    import pyarrow as pa


def table_document(table: pa.Table) -> dict[str, Any]:
    """Return ``{"columns": [{"name", "type"}], "rows": [{name: value}]}``."""
    names = distinct(table.column_names)
    columns = [python_values(column) for column in table.columns]
    return {
        "columns": [
            {"name": name, "type": str(field.type)} for name, field in zip(names, table.schema, strict=True)
        ],
        "rows": [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)],
    }


def distinct(names: list[str]) -> list[str]:
    """Return ``names`` with a number behind each that came before: a, a_2."""
    found: list[str] = []
    for name in names:
        candidate, number = name, 2
        while candidate in found:
            candidate, number = f"{name}_{number}", number + 1
        found.append(candidate)
    return found


def table_csv(table: pa.Table) -> bytes:
    """Return a table as CSV with a header; nested values as JSON."""
    import pyarrow as pa
    import pyarrow.csv

    written = io.BytesIO()
    columns = [_flat(table.column(number)) for number in range(table.num_columns)]
    flat = pa.Table.from_arrays(columns, names=table.column_names)
    pyarrow.csv.write_csv(flat, written, pyarrow.csv.WriteOptions(quoting_header="needed"))
    return written.getvalue()


def _flat(column: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow as pa

    if _is_flat(column.type):
        return column
    texts = [None if value is None else cell_text(value) for value in python_values(column)]
    return pa.chunked_array([texts], pa.string())


def _is_flat(arrow_type: pa.DataType) -> bool:
    """Say whether Arrow's own CSV writer knows the type."""
    import pyarrow as pa

    is_a = pa.types
    kinds = (
        is_a.is_integer,
        is_a.is_floating,
        is_a.is_decimal,
        is_a.is_boolean,
        is_a.is_string,
        is_a.is_date,
    )
    return is_a.is_timestamp(arrow_type) or any(kind(arrow_type) for kind in kinds)
