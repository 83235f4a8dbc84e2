"""Owns how an Arrow array becomes the one canonical array of its values: one layout, one NaN, no dictionary.

Buffers are shared wherever they may be: an array that is canonical already is returned as it is. Knows
nothing of hashes. Imports pyarrow: to be imported inside functions only.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from assetflow.errors import DataError

MAX_BYTES = 2**31 - 1
"""What 32-bit offsets reach: bytes of the strings, or elements of the lists, of one canonical array."""

_NAN_BITS = {16: 0x7E00, 32: 0x7FC0_0000, 64: 0x7FF8_0000_0000_0000}


def canonical_pieces(array: pa.Array, target: pa.DataType, column: str) -> Iterator[pa.Array]:
    """Yield ``array`` as arrays of ``target``: several where 32-bit offsets do not reach.

    ``target``: its canonical type, or the storage of that (``arrow_types.storage_of``).
    Raises DataError, naming ``column``, for a cell that is too long by itself, and for values that their own
    type does not allow.
    """
    try:
        whole = _canonical(array, target)
    except _TooLongError:
        yield from _halves(array, target, column)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise DataError(f"column {column!r} cannot be made {target}: {error}") from error
    else:
        yield whole


def canonical_chunks(rows: pa.ChunkedArray, target: pa.DataType, column: str) -> list[pa.Array]:
    """Return ``rows`` as one canonical array, or as halves of halves where 32-bit offsets do not reach."""
    pieces = [
        piece for chunk in rows.chunks if len(chunk) for piece in canonical_pieces(chunk, target, column)
    ]
    if len(pieces) == 1:
        return pieces
    try:
        return [pa.concat_arrays(pieces)]
    except pa.ArrowInvalid:  # "offset overflow": the one reason for which arrays of one type do not join
        half = len(rows) // 2
        return [
            *canonical_chunks(rows.slice(0, half), target, column),
            *canonical_chunks(rows.slice(half), target, column),
        ]


class _TooLongError(Exception):
    """32-bit offsets do not reach; half of the rows may do."""


def _halves(array: pa.Array, target: pa.DataType, column: str) -> Iterator[pa.Array]:
    if len(array) == 1:
        raise DataError(
            f"one cell of column {column!r} holds more than 2 GiB",
            hint="hand over the large object as bytes or as a file of its own",
        )
    half = len(array) // 2
    yield from canonical_pieces(array.slice(0, half), target, column)
    yield from canonical_pieces(array.slice(half), target, column)


def _canonical(array: pa.Array, target: pa.DataType) -> pa.Array:
    """Return ``array`` itself where nothing needs to change."""
    if pa.types.is_dictionary(array.type):
        return _decoded(array, target)
    if isinstance(array, pa.ExtensionArray):
        return _extension(array, target) if _is_extension(target) else _canonical(array.storage, target)
    if pa.types.is_floating(target):
        return _with_one_nan(array)
    if pa.types.is_nested(target):
        return array if _same(array, target) and not _holds_floats(target) else _nested(array, target)
    if array.type == target:
        return array
    return _relaid(array, target)


def _is_extension(t: pa.DataType) -> bool:
    return isinstance(t, pa.BaseExtensionType)


def _same(array: pa.Array, target: pa.DataType) -> bool:
    return bool(array.type.equals(target, check_metadata=True))


def _holds_floats(t: pa.DataType) -> bool:
    if _is_extension(t):
        return _holds_floats(t.storage_type)
    return pa.types.is_floating(t) or any(_holds_floats(t.field(i).type) for i in range(t.num_fields))


def _decoded(array: pa.DictionaryArray, target: pa.DataType) -> pa.Array:
    return _taken(_canonical(array.dictionary, target), array.indices)


def _taken(values: pa.Array, indices: pa.Array) -> pa.Array:
    """Take from canonical values without overflowing 32-bit offsets: Arrow before 26 does so in silence.

    Strings take 64-bit offsets on the way; what else may have offsets is taken in slices that are surely short
    enough, and joined, which fails loudly.
    """
    t = values.type
    if pa.types.is_string(t) or pa.types.is_binary(t):
        large = pa.large_string() if pa.types.is_string(t) else pa.large_binary()
        return _narrowed(values.cast(large).take(indices), t)
    step = max(MAX_BYTES // max(values.nbytes, 1), 1)
    if pa.types.is_primitive(t) or len(indices) <= step:
        return values.take(indices)
    slices = [values.take(indices.slice(start, step)) for start in range(0, len(indices), step)]
    try:
        return pa.concat_arrays(slices)
    except pa.ArrowInvalid as error:
        raise _TooLongError from error


def _extension(array: pa.ExtensionArray, target: pa.BaseExtensionType) -> pa.Array:
    storage = array.storage
    canonical = _canonical(storage, target.storage_type)
    return array if canonical is storage else pa.ExtensionArray.from_storage(target, canonical)


def _with_one_nan(array: pa.Array) -> pa.Array:
    if not _has_nan(array):
        return array
    return pc.if_else(pc.is_nan(array), _nan(array.type), array)


def _has_nan(array: pa.Array) -> bool:
    """Tell by the sum where that is faster than looking: not between nulls. Arrow cannot sum float16."""
    if not array.null_count and not pa.types.is_float16(array.type):
        total = pc.sum(array).as_py()
        if total is None or math.isfinite(total):  # NaN and infinity are never lost in a sum
            return False
    return bool(pc.any(pc.is_nan(array)).as_py())


@cache
def _nan(t: pa.DataType) -> pa.Scalar:
    """Return the one NaN, made from its bits: what ``float("nan")`` holds depends on the machine."""
    unsigned = {16: pa.uint16(), 32: pa.uint32(), 64: pa.uint64()}[t.bit_width]
    return pa.array([_NAN_BITS[t.bit_width]], unsigned).view(t)[0]


def _relaid(array: pa.Array, target: pa.DataType) -> pa.Array:
    if pa.types.is_string(target) or pa.types.is_binary(target):
        large = pa.large_string() if pa.types.is_string(target) else pa.large_binary()
        return _narrowed(array.cast(large), target)
    return array.cast(target)


def _narrowed(array: pa.Array, target: pa.DataType) -> pa.Array:
    """Return strings with 64-bit offsets as strings with 32-bit offsets over the same bytes.

    A cast would refuse a slice from beyond 2 GiB: it looks at the offsets as they are, not at what they span.
    """
    if not len(array):
        return pa.nulls(0, target)
    _, offsets_buffer, data = array.buffers()
    offsets = pa.Array.from_buffers(pa.int64(), len(array) + 1, [None, offsets_buffer], offset=array.offset)
    start, stop = offsets[0].as_py(), offsets[-1].as_py()
    if stop - start > MAX_BYTES:
        raise _TooLongError
    near = pc.subtract(offsets, offsets[0]).cast(pa.int32()).buffers()[1]
    span = data.slice(start, stop - start) if data else pa.py_buffer(b"")
    return pa.Array.from_buffers(target, len(array), [_validity(array), near, span])


def _nested(array: pa.Array, target: pa.DataType) -> pa.Array:
    if pa.types.is_struct(target):
        return _struct(array, target)
    if pa.types.is_fixed_size_list(target):
        return _fixed_size_list(array, target)
    if pa.types.is_map(target):
        return _list(array, target, pa.struct([target.key_field, target.item_field]))
    return _list(array, target, target.value_type)


def _struct(array: pa.StructArray, target: pa.StructType) -> pa.Array:
    before = array.flatten()
    after = [_canonical(child, target.field(i).type) for i, child in enumerate(before)]
    if _same(array, target) and all(old is new for old, new in zip(before, after, strict=True)):
        return array
    return pa.Array.from_buffers(target, len(array), [_validity(array)], children=after)


def _fixed_size_list(array: pa.FixedSizeListArray, target: pa.FixedSizeListType) -> pa.Array:
    size = target.list_size
    before = array.values.slice(array.offset * size, len(array) * size)
    after = _canonical(before, target.value_type)
    if after is before and _same(array, target):
        return array
    return pa.Array.from_buffers(target, len(array), [_validity(array)], children=[after])


def _list(array: pa.Array, target: pa.DataType, element: pa.DataType) -> pa.Array:
    """Make a list (or, with entries as elements, a map) of one whose offsets have 32 or 64 bits.

    Its values are made canonical first: Arrow cannot take lists of all types apart.
    """
    if not len(array):
        return pa.nulls(0, target)
    if pa.types.is_list_view(array.type) or pa.types.is_large_list_view(array.type):
        return _list_of_views(array, target, element)
    start, stop = array.offsets[0].as_py(), array.offsets[-1].as_py()
    if stop - start > MAX_BYTES:
        raise _TooLongError
    before = array.values.slice(start, stop - start)
    after = _canonical(before, element)
    if after is before and _same(array, target):
        return array
    offsets = pc.subtract(array.offsets, start).cast(pa.int32()).buffers()[1]
    return pa.Array.from_buffers(target, len(array), [_validity(array), offsets], children=[after])


def _list_of_views(array: pa.Array, target: pa.ListType, element: pa.DataType) -> pa.Array:
    """Make a list of views, which may lie in any order, overlap, and leave gaps."""
    lengths = pc.if_else(pc.is_valid(array), array.sizes, 0).cast(pa.int64())
    stops = pc.cumulative_sum(lengths)
    total = stops[-1].as_py()
    if total > MAX_BYTES:
        raise _TooLongError
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), stops.cast(pa.int32())])
    elements = _viewed(array, lengths, offsets, element) if total else pa.nulls(0, element)
    return pa.Array.from_buffers(
        target, len(array), [_validity(array), offsets.buffers()[1]], children=[elements]
    )


def _viewed(array: pa.Array, lengths: pa.Array, offsets: pa.Array, element: pa.DataType) -> pa.Array:
    """Return what the views see, end to end. ``offsets``: where each begins in that."""
    starts = array.offsets.cast(pa.int64())
    shown = pc.greater(lengths, 0)
    first = pc.min(starts.filter(shown)).as_py()
    last = pc.max(pc.add(starts, lengths).filter(shown)).as_py()
    values = _canonical(array.values.slice(first, last - first), element)
    shifts = pc.subtract(pc.subtract(starts, first), offsets[:-1])
    if pc.all(pc.equal(shifts.filter(shown), 0)).as_py():
        return values  # they lie end to end
    rows = pc.list_parent_indices(pa.ListArray.from_arrays(offsets, pa.nulls(offsets[-1].as_py())))
    places = pc.cumulative_sum(pa.repeat(pa.scalar(1, pa.int64()), len(rows)))
    return _taken(values, pc.subtract(pc.add(places, shifts.take(rows)), 1))


def _validity(array: pa.Array) -> pa.Buffer | None:
    """Return a fresh validity bitmap that begins at the array's first slot, or None where nothing is null."""
    return pc.invert(pc.is_null(array)).buffers()[1] if array.null_count else None
