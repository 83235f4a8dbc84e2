from __future__ import annotations

import polars as pl
import pyarrow as pa
import pyarrow.dataset
import pytest

from assetflow.errors import DataError, UsageError
from assetflow.frames import pieces as module
from assetflow.frames.intake import take
from assetflow.frames.pieces import table_or_stream, whole_table
from assetflow.frames.stream import TableStream

ROWS = 1000


def numbered(count: int, **columns):
    for number in range(count):
        yield pa.table({"n": range(number * ROWS, (number + 1) * ROWS), **columns})


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch):
    monkeypatch.setattr(module, "_PIECE_ROWS", 2 * ROWS)


def streamed(value, schema=None) -> TableStream:
    stream = table_or_stream(value, schema, held_bytes=3 * ROWS * 8)
    assert isinstance(stream, TableStream)
    return stream


def test_what_is_small_is_held_whole_and_the_rest_streams():
    assert isinstance(table_or_stream(numbered(3)), pa.Table)
    stream = streamed(numbered(20))

    assert stream.schema == pa.schema([("n", pa.int64())])
    assert pa.concat_tables(stream)["n"].to_pylist() == list(range(20 * ROWS))
    with pytest.raises(UsageError, match="gone through once"):
        iter(stream)


@pytest.mark.parametrize(
    "value",
    [
        pl.LazyFrame({"n": range(20 * ROWS)}),
        pa.table({"n": range(20 * ROWS)}).to_reader(ROWS),
        pyarrow.dataset.dataset(pa.table({"n": range(20 * ROWS)}).to_batches(ROWS)),
        pyarrow.dataset.dataset(pa.table({"n": range(20 * ROWS)}).to_batches(ROWS)).scanner(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_lazy_form_streams(value):
    assert pa.concat_tables(streamed(value))["n"].to_pylist() == list(range(20 * ROWS))


@pytest.mark.parametrize(
    "value",
    [
        pl.LazyFrame(schema={"n": pl.Int64}),
        pa.table({"n": pa.array([], pa.int64())}).to_reader(),
        pyarrow.dataset.dataset(pa.table({"n": pa.array([], pa.int64())})),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_lazy_form_without_rows_still_has_columns(value):
    assert whole_table(value).schema == pa.schema([("n", pa.int64())])


def test_small_pieces_are_put_together():
    tables = list(streamed(numbered(20)))

    assert {len(table) for table in tables} == {2 * ROWS}
    assert all(table["n"].num_chunks == 1 for table in tables)


def test_pieces_are_cast_to_a_declared_schema():
    schema = pa.schema([("n", pa.int32())])

    assert {piece.schema for piece in streamed(numbered(30), schema)} == {schema}


def test_columns_of_nulls_take_the_type_that_others_have():
    def late():
        yield from numbered(1, x=pa.nulls(ROWS))
        yield from numbered(9, x=pa.array(["x"] * ROWS))
        yield from numbered(1, x=pa.nulls(ROWS))

    stream = streamed(late())
    assert stream.schema.field("x").type == pa.string()
    assert pa.concat_tables(stream)["x"].null_count == 2 * ROWS


def test_a_type_that_is_told_too_late_is_refused_with_advice():
    def later():
        yield from numbered(20, x=pa.nulls(ROWS))
        yield from numbered(1, x=pa.array(["x"] * ROWS))

    with pytest.raises(DataError, match="column 'x' held nulls alone") as caught:
        list(streamed(later()))
    assert "schema=" in caught.value.hint


def test_a_column_that_changes_late_is_refused_by_the_items_number():
    def changing():
        yield from numbered(19)
        yield pa.table({"n": [0.5]})

    with pytest.raises(DataError, match=r"column 'n' is double in item 20 of the stream, not int64"):
        list(streamed(changing()))


def test_streams_are_rounded_and_what_parquet_may_not_hold_is_stored_as_arrow(monkeypatch):
    monkeypatch.setattr(module, "HELD_BYTES", 0)
    monkeypatch.setattr(module.table_or_stream, "__defaults__", (None, 0))

    rounded = take(iter([pa.table({"x": [1.26, 2.0]})]), round={"x": 1})
    assert rounded.format == "parquet"
    assert pa.concat_tables(rounded.data)["x"].to_pylist() == [1.3, 2.0]
    seconds = pa.table({"t": pa.array([1], pa.timestamp("s"))})
    assert take(iter([seconds])).format == "arrow"
    assert take(seconds).format == "parquet"
    in_order = take(iter([pa.table({"x": [2, 1]}), pa.table({"x": [0]})]), sort_by=["x"])
    assert pa.concat_tables(in_order.data)["x"].to_pylist() == [0, 1, 2]
    with pytest.raises(DataError, match="asset 'a': sort_by names column 'y'"):
        list(take(iter([seconds]), asset="a", sort_by=["y"]).data)
