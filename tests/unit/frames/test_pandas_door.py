from __future__ import annotations

import datetime as dt
import decimal
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from assetflow.errors import DataError
from assetflow.frames.pandas_door import arrow_to_pandas, pandas_to_arrow


def columns_of(frame: pd.DataFrame) -> list[str]:
    return pandas_to_arrow(frame).column_names


def test_an_unnamed_index_is_dropped_and_a_named_one_becomes_columns_for_good():
    frame = pd.DataFrame({"x": [1, 2]}, index=[5, 6])
    named = frame.rename_axis(index="key")
    levels = pd.DataFrame({"x": [1]}, index=pd.MultiIndex.from_tuples([(1, 2)], names=["a", None]))

    assert columns_of(frame) == ["x"]
    assert pandas_to_arrow(named).to_pydict() == {"key": [5, 6], "x": [1, 2]}
    assert columns_of(arrow_to_pandas(pandas_to_arrow(named))) == ["key", "x"]
    assert columns_of(levels) == ["a", "x"]


def test_nan_of_numpy_is_null_and_types_that_pandas_kept_stand():
    floats = pa.chunked_array([[float("nan"), None]])
    frame = pd.DataFrame({"numpy": [np.nan, 1.0], "arrow": pd.arrays.ArrowExtensionArray(floats)})
    table = pandas_to_arrow(frame)

    assert table["numpy"].null_count == 1
    assert table["arrow"].null_count == 1
    assert pandas_to_arrow(pd.DataFrame({"n": pd.array([1, None], "Int16")}))["n"].type == pa.int16()


OUT = [
    (pa.array([1, None]), "Int64"),
    (pa.array([1, None], pa.uint8()), "UInt8"),
    (pa.array([1, 2], pa.int16()), "int16"),
    (pa.array([True, None]), "boolean"),
    (pa.array([True]), "bool"),
    (pa.array(["a", None]), "str"),
    (pa.array([0.5, None]), "float64"),
    (pa.array([0.5], pa.float16()), "float16"),
    (pa.array([1, None], pa.timestamp("s")), "datetime64[s]"),
    (pa.array([1], pa.timestamp("us", "Europe/Berlin")), "datetime64[us, Europe/Berlin]"),
    (pa.array([1], pa.duration("ms")), "timedelta64[ms]"),
    (pa.array([dt.date(2026, 1, 1), None]), "date32[day][pyarrow]"),
    (pa.array([decimal.Decimal("1.50")]), "decimal128(3, 2)[pyarrow]"),
    (pa.array([dt.time(1), None]), "time64[us][pyarrow]"),
    (pa.array([b"a", None]), "binary[pyarrow]"),
    (pa.array([[1], None]), "list<item: int64>[pyarrow]"),
    (pa.array([{"a": 1}]), "struct<a: int64>[pyarrow]"),
    (pa.nulls(2), "null[pyarrow]"),
    (pa.array([pa.MonthDayNano((1, 2, 3)), None]), "object"),
]


@pytest.mark.parametrize(("array", "dtype"), OUT, ids=[dtype for _, dtype in OUT])
def test_a_column_goes_out_as_a_type_in_which_it_comes_back(array, dtype):
    table = pa.table({"c": array})
    frame = arrow_to_pandas(table)

    assert str(frame["c"].dtype) == dtype
    assert pandas_to_arrow(frame).cast(table.schema).equals(table)
    assert len(arrow_to_pandas(table.slice(0, 0))) == 0


def test_blocks_are_writable_and_the_consumers_own():
    table = pa.table({"i": [1, 2], "f": [0.5, 1.5], "t": pa.array([1, 2], pa.timestamp("us"))})
    frame = arrow_to_pandas(table)

    for block in frame._mgr.blocks:
        values = getattr(block.values, "_ndarray", block.values)
        assert values.flags.writeable
        values[...] = 0
    assert table["i"].to_pylist() == [1, 2]
    assert table["f"].to_pylist() == [0.5, 1.5]


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        (pd.DataFrame([[1]]), "column 0 has a label of type int"),
        (pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")])), "label of type tuple"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "named 'a'"),
        (pd.DataFrame({"a": [1]}, index=pd.Index([1], name="a")), "both named 'a'"),
        (pd.DataFrame({"a": [None, None]}, dtype=object), "column 'a' holds no value"),
        (pd.DataFrame({"a": pd.Series([], dtype=object)}), "column 'a' holds no value"),
        (pd.DataFrame({"a": pd.Categorical([None])}), "column 'a' holds no value"),
        (pd.DataFrame({"a": [1, "x"]}), "column 'a' (object) cannot be converted"),
        (pd.DataFrame({"a": [1 + 2j]}), "column 'a' (complex128) cannot be converted"),
        (pd.DataFrame({"a": pd.period_range("2020", periods=1, freq="Y")}), "column 'a' has type period"),
        (pd.DataFrame({"a": pd.interval_range(0, 1)}), "column 'a' has type interval"),
        (pd.DataFrame({"a": pd.arrays.SparseArray([0])}), "column 'a' has type Sparse"),
    ],
)
def test_what_has_no_arrow_form_is_refused_by_name(frame, told):
    with pytest.raises(DataError) as caught:
        pandas_to_arrow(frame)

    assert told in str(caught.value)
    assert caught.value.hint


def test_a_declared_type_is_given_to_a_column_without_values():
    frame = pd.DataFrame({"a": [None, None]}, dtype=object)

    assert pandas_to_arrow(frame, pa.schema([("a", pa.date32())]))["a"].type == pa.date32()
    with pytest.raises(DataError, match=r"column 'b'.* to int64"):
        pandas_to_arrow(pd.DataFrame({"b": ["x"]}), pa.schema([("b", pa.int64())]))


def test_pandas_that_is_not_installed_is_told_with_the_line_that_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)

    with pytest.raises(DataError, match=r"pip install 'assetflow\[pandas\]'"):
        arrow_to_pandas(pa.table({"a": [1]}))
