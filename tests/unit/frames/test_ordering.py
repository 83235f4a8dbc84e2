from __future__ import annotations

import decimal

import pyarrow as pa
import pytest

from assetflow.errors import DataError
from assetflow.frames.ordering import round_columns, sort_rows

NAN = float("nan")


@pytest.mark.parametrize("kind", [pa.float64(), pa.float32(), pa.float16()], ids=str)
def test_numbers_come_before_nan_and_nan_before_null(kind):
    column = pa.array([None, NAN, float("inf"), 0.0, -0.0, -1.0, float("-inf")], kind)

    made = sort_rows(pa.table({"x": column}), ["x"])["x"].to_pylist()
    assert str(made) == "[-inf, -1.0, -0.0, 0.0, inf, nan, None]"


def test_text_is_ordered_by_its_bytes():
    made = sort_rows(pa.table({"s": ["é", "z", None, "", "Z", "😀", "\uffff"]}), ["s"])["s"].to_pylist()

    assert made == ["", "Z", "z", "é", "\uffff", "😀", None]


def test_ties_are_broken_by_the_other_columns_in_their_order():
    table = pa.table({"a": [1, 0, 1, 0], "b": [2, 2, 1, 1], "c": [1, 1, 1, 1]})

    assert sort_rows(table, ["c"]).to_pydict() == {"a": [0, 0, 1, 1], "b": [1, 2, 1, 2], "c": [1] * 4}
    assert sort_rows(table, ["b"])["a"].to_pylist() == [0, 1, 0, 1]


def test_columns_that_arrow_cannot_order_still_decide():
    rows = [{"k": 1, "l": [value], "n": None} for value in range(5)]
    there, back = pa.Table.from_pylist(rows), pa.Table.from_pylist(rows[::-1])

    assert sort_rows(there, ["k"]).equals(sort_rows(back, ["k"]))
    assert sort_rows(there, ["l"]).equals(sort_rows(back, ["l"]))
    assert sort_rows(there, []).equals(sort_rows(back, []))


def test_a_table_in_order_is_returned_as_it_is():
    table = pa.table({"a": [1, 2, 3]})

    assert sort_rows(table, ["a"]) is table


def test_halves_are_rounded_to_even_and_minus_zero_becomes_zero():
    table = pa.table(
        {
            "x": [0.125, -0.001, NAN],
            "h": pa.array([0.5, 1.5, None], pa.float16()),
            "d": pa.array([decimal.Decimal("0.125"), None, decimal.Decimal("0.375")], pa.decimal128(5, 3)),
            "i": [15, 25, None],
        }
    )

    made = round_columns(table, {"x": 2, "h": 0, "d": 2, "i": -1})
    assert made.schema.equals(table.schema)
    assert str(made["x"].to_pylist()) == "[0.12, 0.0, nan]"
    assert made["h"].to_pylist() == [0.0, 2.0, None]
    assert made["d"].to_pylist() == [decimal.Decimal("0.120"), None, decimal.Decimal("0.380")]
    assert made["i"].to_pylist() == [20, 20, None]


def test_an_unknown_column_is_told_with_the_nearest():
    with pytest.raises(DataError, match="did you mean 'amount'"):
        sort_rows(pa.table({"amount": [1]}), ["amuont"])
    with pytest.raises(DataError, match="cannot be rounded"):
        round_columns(pa.table({"s": ["a"]}), {"s": 1})


@pytest.mark.parametrize("kind", [pa.decimal128(5, 2), pa.decimal128(5, -2), pa.decimal256(60, 0)], ids=str)
def test_decimals_are_ordered_by_value(kind):
    values = [decimal.Decimal(300), decimal.Decimal(-100), None, decimal.Decimal(200)]

    made = sort_rows(pa.table({"d": pa.array(values, kind)}), ["d"])["d"].to_pylist()
    assert made == [-100, 200, 300, None]
