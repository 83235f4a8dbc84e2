from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterator

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset
import pydantic
import pytest

from assetflow.errors import DataError
from assetflow.frames.content import identify
from assetflow.frames.forms import form_of
from assetflow.frames.hand_out import hand_out
from assetflow.frames.intake import take

TABLE = pa.table({"n": [1, 2], "s": ["x", None]})


class Settings(pydantic.BaseModel):
    rate: float


@dataclasses.dataclass
class Point:
    x: int


class Foreign:
    """A table of a library that nobody has heard of."""

    def __arrow_c_stream__(self, requested_schema=None):
        return TABLE.__arrow_c_stream__(requested_schema)


class Broken:
    def __arrow_c_stream__(self, requested_schema=None):
        raise TypeError("no columns yet")


def batches():
    yield TABLE.slice(0, 1).to_batches()[0]
    yield pl.from_arrow(TABLE.slice(1, 1))


@pytest.mark.parametrize(
    "value",
    [
        TABLE,
        TABLE.to_batches()[0],
        TABLE.to_reader(),
        pyarrow.dataset.dataset(TABLE),
        pyarrow.dataset.dataset(TABLE).scanner(),
        pl.from_arrow(TABLE),
        pl.from_arrow(TABLE).lazy(),
        pd.DataFrame({"n": [1, 2], "s": ["x", None]}),
        duckdb.from_arrow(TABLE),
        Foreign(),
        batches(),
        iter([TABLE]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_table_in_any_form_is_the_same_table(value):
    content = take(value)

    assert (content.kind, content.format) == ("table", "parquet")
    assert content.data.equals(TABLE)


@pytest.mark.parametrize(
    ("value", "annotation", "kind", "stored"),
    [
        ({"a": (1, 2)}, dict, "value", "json"),
        (1.5, float, "value", "json"),
        (np.float64(1.5), float, "value", "json"),
        (Settings(rate=0.5), Settings, "value", "json"),
        (Point(1), Point, "value", "json"),
        (None, int | None, "value", "json"),
        ("a", str, "text", "text"),
        (b"a", bytes, "bytes", "bytes"),
        (bytearray(b"a"), bytes, "bytes", "bytes"),
        (np.arange(3), np.ndarray, "numpy", "npy"),
    ],
)
def test_what_is_no_table_is_kept_as_what_it_is(value, annotation, kind, stored):
    content = take(value, form=form_of(annotation))

    assert (content.kind, content.format) == (kind, stored)
    assert (take(value).kind if value is not None else "value") == kind


def test_text_is_a_plain_value_where_the_annotation_says_so():
    assert take("a", form=form_of(int | str)).kind == "value"


def test_the_format_can_be_chosen():
    assert take(TABLE, format="arrow").format == "arrow"
    pickled = take({1, 2}, format="pickle")
    assert (pickled.kind, hand_out(pickled)) == ("pickle", {1, 2})


def test_what_parquet_cannot_hold_is_stored_as_arrow():
    assert take(pa.table({"d": pa.array([1], pa.duration("s"))})).format == "arrow"


def test_rows_are_rounded_and_then_ordered():
    table = pa.table({"x": [0.31, 0.29, -0.001], "n": [1, 2, 3]})

    made = take(table, round={"x": 1}, sort_by=["x"]).data
    assert made.to_pydict() == {"x": [0.0, 0.3, 0.3], "n": [3, 1, 2]}


def test_a_declared_schema_orders_and_casts_the_columns():
    schema = pa.schema([("s", pa.string()), ("n", pa.int8())])

    made = take(TABLE, schema=schema).data
    assert made.schema.equals(schema)
    assert take(pd.DataFrame({"s": [None, None], "n": [1, 2]}), schema=schema).data["s"].null_count == 2
    assert take(iter([]), schema=schema).data.equals(schema.empty_table())


def test_the_maker_may_write_to_what_it_returned():
    frame = pd.DataFrame({"x": [1.0, 2.0]})
    array = np.array([1, 2])
    table, copy = take(frame), take(array)
    before = identify(table), identify(copy)

    frame["x"].array._ndarray[:] = 9
    array[:] = 9
    assert (identify(table), identify(copy)) == before


@pytest.mark.parametrize(
    ("value", "options", "told"),
    [
        (None, {}, "returned None"),
        (None, {"form": form_of(pa.Table)}, "returned None"),
        (TABLE, {"form": form_of(float)}, "annotated to return float, but returned a pyarrow.lib.Table"),
        ({"rate": 0.5}, {"form": form_of(Settings)}, "annotated to return Settings"),
        ({1}, {"form": form_of(list)}, "annotated to return list, but returned a set"),
        ((1,), {"form": form_of(list[int])}, "annotated to return list[int], but returned a tuple"),
        (1.5, {"form": form_of(int | str)}, "annotated to return int | str, but returned a float"),
        (None, {"form": form_of(Settings)}, "returned None"),
        ("x.csv", {"form": form_of(pathlib.Path)}, "annotated to return pathlib.Path,"),
        (1, {"form": form_of(pa.RecordBatchReader)}, "annotated to return pyarrow.RecordBatchReader,"),
        (1, {"form": form_of(pa.Table)}, "annotated to return pyarrow.Table,"),
        (1, {"form": form_of(pl.LazyFrame)}, "annotated to return polars.LazyFrame,"),
        (1, {"form": form_of(Iterator[pa.RecordBatch])}, "to return Iterator[pyarrow.RecordBatch],"),
        (pd.Series([1]), {}, "single column"),
        (pl.Series([1]), {}, "single column"),
        (pa.array([1]), {}, "single column"),
        (pa.chunked_array([[1]]), {}, "single column"),
        (Broken(), {}, "Broken is no table: no columns yet"),
        (object(), {}, "no canonical form"),
        ({"a": [object()]}, {}, "at ['a'][0]"),
        ("\ud800", {}, "UTF-8"),
        (np.array([object()]), {}, "references"),
        (TABLE, {"sort_by": ["m"]}, "'m'"),
        (TABLE, {"round": {"s": 1}}, "column 's'"),
        (TABLE, {"format": "png"}, "cannot be stored as 'png'"),
        ({}, {"format": "parquet"}, "cannot be stored as 'parquet'"),
        ({}, {"sort_by": ["n"]}, "sort_by= is for tables"),
        (lambda: 1, {"format": "pickle"}, "cannot be pickled"),
        (pa.table([[1], [2]], names=["a", "a"]), {}, "named 'a'"),
        (TABLE, {"schema": pa.schema([("n", pa.int8())])}, "column 's' is not in the declared schema"),
        (TABLE.select(["n"]), {"schema": TABLE.schema}, "column 's' is declared"),
        (TABLE, {"schema": pa.schema([("n", pa.int8()), ("s", pa.int8())])}, "column 's' (string)"),
        (
            TABLE,
            {"schema": pa.schema([pa.field("s", pa.string(), nullable=False), ("n", pa.int8())])},
            "holds 1 nulls",
        ),
        (iter([]), {}, "yielded nothing"),
        (iter([{"a": 1}]), {}, "item 1 of the stream is a dict"),
        (iter([TABLE, TABLE.select(["n"])]), {}, "item 2 of the stream has columns n, not n, s"),
        (iter([TABLE, pa.table({"n": [0.5], "s": ["x"]})]), {}, "column 'n' is double in item 2"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_the_assets_name_and_advice(value, options, told):
    with pytest.raises(DataError) as caught:
        take(value, asset="shop/sales", **options)

    assert str(caught.value).startswith("asset 'shop/sales': ")
    assert told in str(caught.value)
    assert caught.value.hint


def test_a_stream_may_come_in_tens_of_thousands_of_single_rows():
    content = take(pa.table({"n": [row]}) for row in range(70_000))

    assert content.data["n"].to_pylist() == list(range(70_000))


def test_an_error_of_the_users_own_stream_goes_through():
    def broken():
        yield TABLE
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        take(broken())


def test_batches_without_any_value_in_a_column_join_those_that_have_one():
    empty = pa.table({"n": [1], "s": pa.nulls(1)})

    assert take(iter([empty, TABLE])).data["s"].to_pylist() == [None, "x", None]
