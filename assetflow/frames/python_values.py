"""Owns the values of a column as Python objects, also where Python has no object for one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


def python_values(column: pa.ChunkedArray) -> Sequence[Any]:
    """Return the values of a column as Python objects; as text where Python has no object for one of them."""
    import pyarrow as pa

    # nanoseconds without pandas, years beyond 9999, days beyond what a timedelta holds
    no_object = (ValueError, OverflowError, pa.ArrowException)
    try:
        return list(column.to_pylist())
    except no_object:
        pass
    try:
        return list(column.cast(pa.string()).to_pylist())
    except no_object:  # nested, or a type that Arrow has no text for
        return [_value(scalar, no_object) for scalar in column]


def _value(scalar: pa.Scalar, no_object: tuple[type[Exception], ...]) -> Any:
    import pyarrow as pa

    try:
        return scalar.as_py()
    except no_object:
        pass
    if isinstance(scalar, pa.MapScalar):
        return [tuple(_value(part, no_object) for part in pair.values()) for pair in scalar.values]
    if isinstance(scalar, pa.ListScalar | pa.FixedSizeListScalar):
        return [_value(item, no_object) for item in scalar.values]
    if isinstance(scalar, pa.StructScalar):
        return {name: _value(item, no_object) for name, item in scalar.items()}
    if isinstance(scalar, pa.ExtensionScalar):
        return _value(scalar.value, no_object)
    try:
        return scalar.cast(pa.string()).as_py()
    except no_object:
        return f"{scalar.value} {scalar.type}"
