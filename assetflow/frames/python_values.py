"""Owns the values of a column as Python objects, also where Python has no object for one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


def python_values(column: pa.ChunkedArray) -> Sequence[Any]:
    """Return the values of a column as Python objects; as text where Python has no object for one of them."""
    import pyarrow as pa

    try:
        return list(column.to_pylist())
    except (
        ValueError,
        OverflowError,
    ):  # nanoseconds without pandas, years beyond 9999; Arrow's errors are ValueErrors
        return list(column.cast(pa.string()).to_pylist())
