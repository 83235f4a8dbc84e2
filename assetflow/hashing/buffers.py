"""Owns what lies in the buffers of an Arrow array, seen as numpy arrays: values, offsets, which rows are null.

Nothing is copied; only bits are spread to bytes. Knows nothing of hashes. Imports numpy: to be imported inside
functions only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

Array = np.ndarray[Any, Any]

_WIDTHS_OF_INTEGERS = (1, 2, 4, 8)


def fixed_values(array: pa.Array, width: int) -> Array:
    """Return the values, of ``width`` bytes each, that an array of at least one row holds, under nulls too."""
    kind = f"u{width}" if width in _WIDTHS_OF_INTEGERS else f"V{width}"
    return np.frombuffer(array.buffers()[1], kind, len(array), array.offset * width)


def boolean_values(array: pa.Array) -> Array:
    """Return the values of a boolean array as bytes 0 and 1, which the caller may change."""
    before = array.offset % 8
    return np.unpackbits(_octets(array, 1), bitorder="little")[before : before + len(array)]


def offsets(array: pa.Array) -> Array:
    """Return the 32-bit offsets, one more than there are rows, of an array of at least one string or list."""
    return np.frombuffer(array.buffers()[1], "i4", len(array) + 1, array.offset * 4)


def null_rows(array: pa.Array) -> Array | None:
    """Return the numbers, ascending from 0, of the rows that are null; None where none is.

    Where from one row in 40 to one in 10 is null, as many ones are put behind the rows as make it more: numpy then
    gathers without branches, of which a processor would foresee few, and takes half the time.
    """
    count = array.null_count
    if not count:
        return None
    valid = _octets(array, 0)
    behind = len(valid) // 8 + 1 if count * 10 <= len(array) < count * 40 else 0
    null = np.full(len(valid) + behind, 0xFF, np.uint8)
    np.invert(valid, out=null[: len(valid)])
    rows = np.unpackbits(null, bitorder="little")[array.offset % 8 :]
    return np.flatnonzero(rows.view(np.bool_))[:count]


def _octets(array: pa.Array, place: int) -> Array:
    """Return the octets of a bitmap in which the bits of the array's rows lie."""
    size = (array.offset % 8 + len(array) + 7) // 8
    return np.frombuffer(array.buffers()[place], np.uint8, size, array.offset // 8)
