from __future__ import annotations

import random

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws.arrow_columns import Layouts, slow_column_hash, values

from assetflow.hashing import streams
from assetflow.hashing.arrow_types import canonical_type
from assetflow.hashing.streams import ColumnStreams


def hash_of(*arrays: pa.Array) -> str:
    column = ColumnStreams("x", canonical_type(arrays[0].type))
    for array in arrays:
        column.feed(array)
    return column.hexdigest()


WIDTHS = {1: pa.int8(), 2: pa.uint16(), 4: pa.date32(), 8: pa.duration("ns"), 16: pa.decimal128(38, 0)}
ODD_WIDTHS = {0: pa.binary(0), 3: pa.binary(3)}


def fixed(t: pa.DataType, width: int, logical: list[bytes | None], before: int = 0) -> pa.Array:
    """An array with ones under its nulls, the slice of one that has ``before`` more rows in front."""
    shown = [b"\xff" * width] * before + [b"\xff" * width if value is None else value for value in logical]
    valid = [*[False] * before, *[value is not None for value in logical], True]
    buffers = [pa.array(valid).buffers()[1], pa.py_buffer(b"".join(shown))]
    return pa.Array.from_buffers(t, len(shown), buffers).slice(before)


@pytest.mark.parametrize("rows", [65_535, 65_536, 65_537, 131_073])
@pytest.mark.parametrize("share_of_nulls", [0.0, 0.01, 0.06, 0.5, 1.0])
def test_windows_of_their_real_size_give_the_slow_definition(share_of_nulls, rows):
    pick = random.Random(rows)
    logical = [None if pick.random() < share_of_nulls else pick.randbytes(8) for _ in range(rows)]

    assert hash_of(fixed(pa.int64(), 8, logical, before=5)) == slow_column_hash(pa.int64(), logical)


@given(
    st.sampled_from(sorted((WIDTHS | ODD_WIDTHS).items())),
    st.sampled_from([0, 1, 63, 64, 65, 127, 128, 129, 200]),
    st.sampled_from([0.0, 0.02, 0.05, 0.09, 0.5, 1.0]),
    st.integers(0, 17),
    st.randoms(use_true_random=False),
)
def test_windows_nulls_of_any_share_and_offsets_of_bitmaps_give_the_slow_definition(
    kind, rows, share_of_nulls, before, pick
):
    width, t = kind
    logical = [None if pick.random() < share_of_nulls else bytes(max(width - 1, 0)) for _ in range(rows)]
    logical = [value if value is None else (value + b"\x07")[:width] for value in logical]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streams, "_WINDOW_ROWS", 64)
        patch.setattr(streams, "_WINDOW_BYTES", 64 * 8)

        assert hash_of(fixed(t, width, logical, before)) == slow_column_hash(t, logical)


KINDS = st.sampled_from(
    [
        *(pa.bool_(), pa.string(), pa.binary(), pa.float16(), pa.float32(), pa.float64()),
        *(pa.list_(pa.string()), pa.list_(pa.float64(), 2), pa.struct([("a", pa.float32())])),
        pa.map_(pa.string(), pa.bool_()),
    ]
)


@given(st.data(), KINDS, st.sampled_from([15, 16, 17, 32, 33]), st.integers(0, 2**32))
def test_windows_of_every_kind_of_node_give_the_slow_definition(data, t, rows, seed):
    few = data.draw(st.lists(values(t), min_size=1, max_size=6))
    logical = [few[i % len(few)] for i in range(rows)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streams, "_WINDOW_ROWS", 16)
        patch.setattr(streams, "_CONVERTED_ROWS", 24)

        assert hash_of(Layouts(seed).array(t, logical)) == slow_column_hash(t, logical)


def test_a_column_that_surely_has_one_nan_is_not_searched_and_has_the_same_hash():
    array = pa.array([1.5, float("nan"), None, -0.0])
    trusted = ColumnStreams("x", array.type, one_nan=True)
    trusted.feed(array)

    assert trusted.hexdigest() == hash_of(array)


def test_text_hidden_under_nulls_is_left_out_and_text_without_is_not_copied():
    hidden = pa.Array.from_buffers(
        pa.string(),
        3,
        [pa.py_buffer(b"\x05"), pa.array([0, 1, 7, 8], pa.int32()).buffers()[1], pa.py_buffer(b"agarbage")],
    )

    assert hidden.to_pylist() == ["a", None, "e"]
    assert hash_of(hidden) == hash_of(pa.array(["a", None, "e"]))


def test_null_rows_are_numbered_from_the_first_row_fed():
    whole = pa.array([1, None, 3, None])

    assert hash_of(whole.slice(0, 2), whole.slice(2)) == hash_of(whole)
    assert hash_of(whole.slice(2), whole.slice(0, 2)) != hash_of(whole)


def test_a_column_without_nulls_feeds_no_nulls():
    assert hash_of(pa.array([0, 1])) != hash_of(pa.array([None, 1], pa.int64()))
    assert hash_of(pa.array(["", "a"])) != hash_of(pa.array([None, "a"]))
    assert hash_of(pa.array([[], [1]])) != hash_of(pa.array([None, [1]]))
