"""Owns numpy arrays: a private copy that nobody can write to, the ``.npy`` bytes it is stored as, where two differ.

Knows nothing of why an array is kept.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from assetflow.hashing.arrays import require_plain

if TYPE_CHECKING:
    import numpy as np


_NPY_VERSION = (3, 0)  # the one that holds field names of any script


def frozen_array(array: Any) -> np.ndarray[Any, Any]:
    """Return a canonical copy that nobody can make writable again.

    Raises DataError for what is more than values.
    """
    import numpy as np

    require_plain(array)
    plain = np.asarray(array, dtype=array.dtype.newbyteorder("<"))
    return _over_bytes(plain.tobytes(order="C"), plain.dtype, plain.shape)


def array_to_npy(array: np.ndarray[Any, Any]) -> memoryview:
    """Return an array as ``.npy`` bytes."""
    import numpy as np

    sink = io.BytesIO()
    np.lib.format.write_array(sink, array, version=_NPY_VERSION, allow_pickle=False)
    return sink.getbuffer()


def array_from_npy(data: bytes | memoryview) -> np.ndarray[Any, Any]:
    """Read ``.npy`` bytes; never unpickles."""
    import numpy as np

    return frozen_array(np.lib.format.read_array(io.BytesIO(data), allow_pickle=False))


def array_words(array: np.ndarray[Any, Any]) -> str:
    """Return what an array is: ``float64 1x3``."""
    return f"{array.dtype} {'x'.join(map(str, array.shape)) or 'scalar'}"


def differing_elements(
    one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]
) -> np.ndarray[Any, np.dtype[np.bool_]] | None:
    """Say of each element, in C order, whether its bits differ; NaN is NaN. None for arrays of other type or shape."""
    import numpy as np

    if (one.dtype, one.shape) != (other.dtype, other.shape):
        return None
    width = max(one.dtype.itemsize, 1)
    bits = (np.frombuffer(array.tobytes(), np.uint8).reshape(-1, width) for array in (one, other))
    differ: np.ndarray[Any, np.dtype[np.bool_]] = np.asarray(np.not_equal(*bits).any(axis=1))
    if one.dtype.kind in "fc":
        differ &= ~(np.isnan(one) & np.isnan(other)).ravel()
    return differ


def _over_bytes(data: bytes, dtype: np.dtype[Any], shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """Return an array over immutable bytes: numpy refuses to make it writable, even to its owner."""
    import numpy as np

    array: np.ndarray[Any, Any] = np.ndarray(shape, dtype, buffer=data)
    array.flags.writeable = False
    return array
