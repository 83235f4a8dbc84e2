from __future__ import annotations

import decimal
import sys

import polars as pl
import pyarrow as pa
import pytest

from assetflow.errors import DataError
from assetflow.frames.polars_door import arrow_to_polars, arrow_to_polars_lazy, lazy_batches, polars_to_arrow


def test_a_lazy_frame_comes_in_batches_and_an_empty_one_as_one_empty_batch():
    batches = list(lazy_batches(pl.LazyFrame({"a": range(10_000)}).filter(pl.col("a") > 0), 1000))
    assert [row for batch in batches for row in batch["a"]] == list(range(1, 10_000))
    assert len(batches) > 1

    (empty,) = lazy_batches(pl.LazyFrame({"a": [1]}).filter(pl.col("a") > 1), 1000)
    assert empty.schema == {"a": pl.Int64}
    assert empty.height == 0


def test_a_lazy_frame_is_handed_out():
    assert isinstance(arrow_to_polars_lazy(pa.table({"a": [1]})), pl.LazyFrame)


@pytest.mark.parametrize(
    "frame",
    [
        pl.DataFrame({"good": [1], "bad": [object()]}),
        pl.DataFrame({"good": [1], "bad": [1]}, schema_overrides={"bad": pl.Int128}),
        pl.DataFrame({"good": [1], "bad": [[1]]}, schema_overrides={"bad": pl.List(pl.Int128)}),
        pl.DataFrame({"good": [1], "bad": [{"x": 1}]}, schema_overrides={"bad": pl.Struct({"x": pl.Int128})}),
    ],
)
def test_a_column_without_an_arrow_type_is_refused_by_name(frame):
    with pytest.raises(DataError, match="column 'bad' has polars type"):
        polars_to_arrow(frame)


@pytest.mark.parametrize(
    "bad",
    [
        pa.array([None], pa.month_day_nano_interval()),
        pa.array([decimal.Decimal(1)], pa.decimal256(60, 1)),
        pa.array([[decimal.Decimal(1)]], pa.list_(pa.decimal256(60, 1))),
        pa.array([decimal.Decimal(100)], pa.decimal128(5, -2)),
        pa.array([0], pa.timestamp("us", "+05:30")),
        pa.array([b""], pa.binary(0)),
        pa.array([[]], pa.list_(pa.int8(), 0)),
    ],
    ids=lambda array: str(array.type),
)
def test_a_column_that_polars_does_not_have_is_refused_by_name(bad):
    with pytest.raises(DataError, match="column 'bad' has type"):
        arrow_to_polars(pa.table({"good": [1], "bad": bad}))


def test_a_slice_of_fixed_size_lists_keeps_its_rows():
    column = pa.array([[1, 2], None, [3, 4]], pa.list_(pa.int8(), 2))

    assert arrow_to_polars(pa.table({"a": column}).slice(1))["a"].to_list() == [None, [3, 4]]


def test_polars_that_is_not_installed_is_told_with_the_line_that_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "polars", None)

    with pytest.raises(DataError, match=r"pip install 'assetflow\[polars\]'"):
        arrow_to_polars(pa.table({"a": [1]}))
