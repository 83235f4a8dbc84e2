"""Owns ``array/1``: the identity of a numpy array, by dtype, shape and bytes in C order.

Knows nothing of files and of other values. numpy is imported only where an array is at hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assetflow.errors import DataError
from assetflow.hashing.digest import Digest

if TYPE_CHECKING:
    import numpy as np

_KINDS = frozenset("biufcmMSUV")  # objects, StringDType and others hold pointers, whose bytes say nothing


def hash_array(array: np.ndarray[Any, Any]) -> str:
    """Return the ``array/1`` hash: every bit of every value counts, strides do not.

    Raises DataError as ``require_plain`` does.
    """
    require_plain(array)
    preimage = Digest("array/1")
    _add(preimage, array)
    return preimage.hexdigest()


def require_plain(array: np.ndarray[Any, Any]) -> None:
    """Raise DataError for subclasses such as masked arrays, and for dtypes whose bytes are not their values."""
    import numpy as np

    if type(array) not in {np.ndarray, np.memmap}:
        raise DataError(
            f"an array of type {type(array).__qualname__} holds more than its values",
            hint="return numpy.asarray(...) of it; of a masked array, the data and the mask",
        )
    _require_plain_dtype(array.dtype)


def _require_plain_dtype(dtype: np.dtype[Any]) -> None:
    if dtype.names is not None:
        for name in dtype.names:
            _require_plain_dtype(dtype[name])
    elif dtype.base.kind not in _KINDS or dtype.hasobject:
        raise DataError(
            f"an array of dtype {dtype} holds references, not values",
            hint="give it a dtype of numbers, times or fixed-width strings, or return a list or a table",
        )
    elif dtype.base.char in "gG":
        raise DataError(
            f"an array of dtype {dtype} is laid out differently from machine to machine",
            hint="use float64 or complex128",
        )


def _add(preimage: Digest, array: np.ndarray[Any, Any]) -> None:
    """Add an array; a structured one field by field, for the bytes between its fields mean nothing."""
    import numpy as np

    preimage.add(array.ndim, *array.shape)
    if not array.dtype.names:
        preimage.add(array.dtype.str, np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
        return
    preimage.add("fields", array.dtype.itemsize, len(array.dtype.names))
    for name in array.dtype.names:
        preimage.add(name, array.dtype.fields[name][1])
        _add(preimage, array[name])
