from __future__ import annotations

import decimal

import pyarrow as pa
import pytest

from assetflow.frames.storable import fits_parquet


@pytest.mark.parametrize(
    ("array", "fits"),
    [
        (pa.array([1]), True),
        (pa.nulls(1), True),
        (pa.array([0.5], pa.float16()), True),
        (pa.array([decimal.Decimal(1)], pa.decimal256(60, 1)), True),
        (pa.array([1], pa.duration("s")), False),
        (pa.array([None], pa.month_day_nano_interval()), False),
        (pa.array([b""], pa.binary(0)), False),
        (pa.array([[]], pa.list_(pa.int8(), 0)), False),
        (pa.array([{}], pa.struct([])), False),
        (pa.StructArray.from_arrays([pa.array([1]), pa.array([2])], ["a", "a"]), False),
        (pa.array([decimal.Decimal(100)], pa.decimal128(5, -2)), False),
        (pa.array([[{"a": None}]], pa.list_(pa.struct([("a", pa.duration("s"))]))), False),
        (pa.array([0, None], pa.timestamp("s")), True),
        (pa.array([2**60], pa.timestamp("s")), False),
        (pa.array([-(2**63)]).view(pa.timestamp("s")), False),
        (pa.array([86_400_000]).view(pa.date64()), True),
        (pa.array([1]).view(pa.date64()), False),
        (pa.array([2**30], pa.int32()).view(pa.time32("s")), False),
        (pa.array([[[2**60]], None], pa.list_(pa.list_(pa.timestamp("s")))), False),
        (pa.array([[("k", 2**60)]], pa.map_(pa.string(), pa.timestamp("s"))), False),
        (pa.array([{"t": [0, 2**60]}], pa.struct([("t", pa.list_(pa.timestamp("s"), 2))])), False),
    ],
    ids=lambda value: str(getattr(value, "type", value)),
)
def test_what_parquet_holds_without_changing_it(array, fits):
    assert fits_parquet(pa.table({"x": array})) == fits


def test_rows_without_columns_do_not_fit():
    assert not fits_parquet(pa.table({"x": [1]}).select([]))
