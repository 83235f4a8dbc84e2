from __future__ import annotations

import random

import pyarrow as pa
import pytest
from laws.arrow_columns import slow_column_hash

from assetflow.hashing import streams
from assetflow.hashing.streams import ColumnStreams


def hash_of(*arrays: pa.Array) -> str:
    column = ColumnStreams("x", arrays[0].type)
    for array in arrays:
        column.feed(array)
    return column.hexdigest()


@pytest.mark.parametrize("share_of_nulls", [0.0, 0.01, 0.5, 1.0])
@pytest.mark.parametrize("width", [1, 2, 4, 8, 16])
def test_the_fast_ways_around_nulls_give_the_slow_definition(monkeypatch, width, share_of_nulls):
    """More rows than a window or a block has, few nulls (filled one by one) and many (multiplied away)."""
    monkeypatch.setattr(streams, "_WINDOW_ROWS", 90_000)
    pick = random.Random(width)
    t = {1: pa.int8(), 2: pa.uint16(), 4: pa.date32(), 8: pa.duration("ns"), 16: pa.decimal128(38, 0)}[width]
    logical = [
        None if pick.random() < share_of_nulls else pick.randbytes(width - 1) + b"\0" for _ in range(140_000)
    ]
    valid = pa.array([value is not None for value in logical]).buffers()[1]
    data = pa.py_buffer(b"".join(b"\xff" * width if value is None else value for value in logical))

    assert hash_of(pa.Array.from_buffers(t, len(logical), [valid, data])) == slow_column_hash(t, logical)


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
