"""Owns the cast of a table to a declared schema. Knows nothing of who declared it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assetflow.errors import DataError
from assetflow.hashing.arrow_types import canonical_type

if TYPE_CHECKING:
    import pyarrow as pa


def target_types(schema: pa.Schema) -> pa.Schema:
    """Return a declared schema with canonical types, so that values are cast once.

    What may be null stays declared.
    """
    import pyarrow as pa

    return pa.schema([field.with_type(canonical_type(field.type, field.name)) for field in schema])


def conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return a table with the columns, order and types of ``schema``.

    Raises DataError, naming the column, where one is missing, is not declared, or holds what the type cannot.
    """
    import pyarrow as pa

    _require_same_names(table.column_names, schema.names)
    columns = [_cast(table[field.name], field) for field in schema]
    return pa.table(columns, schema=schema) if columns else table


def _require_same_names(present: list[str], declared: list[str]) -> None:
    missing = [name for name in declared if name not in present]
    if missing:
        raise DataError(
            f"column {missing[0]!r} is declared in the schema, but not there",
            hint=f"the columns are {', '.join(present)}",
        )
    extra = [name for name in present if name not in declared]
    if extra:
        raise DataError(f"column {extra[0]!r} is not in the declared schema", hint="declare it, or drop it")


def _cast(column: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray:
    import pyarrow as pa

    try:
        made = column if column.type.equals(field.type) else column.cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError) as error:
        raise DataError(
            f"column {field.name!r} ({column.type}) cannot be made {field.type}, as declared: {error}",
            hint="mend the values, or the declared schema",
        ) from error
    if not field.nullable and made.null_count:
        raise DataError(
            f"column {field.name!r} is declared not null, and holds {made.null_count:,} nulls",
            hint="fill or drop them, or declare the field nullable",
        )
    return made
