from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from assetflow.checks.result import CheckResult, finding_of
from assetflow.errors import DataError, UsageError

TABLE = pa.table({"x": [1, 2, 3]})


TRUTHS = {
    "python": True,
    "numpy": np.True_,
    "arrow": pc.all(pa.chunked_array([[True]])),
    "pandas": pd.Series([1]).gt(0).all(),
    "polars": pl.Series([1]).gt(0).all(),
}


@pytest.mark.parametrize("passed", TRUTHS.values(), ids=TRUTHS)
def test_the_truth_of_every_library_is_a_pass(passed):
    assert finding_of(passed, TABLE, "mine").passed_by_itself is True


@pytest.mark.parametrize("failed", [False, np.False_, pa.scalar(False)])
def test_the_untruth_of_every_library_is_a_failure(failed):
    assert finding_of(failed, TABLE, "mine").passed_by_itself is False


@pytest.mark.parametrize(
    ("returned", "says"),
    [
        (None, "returned None"),
        (0.3, "returned a float"),
        (np.float64(0.3), "returned a numpy.float64"),
        ("ok", "returned a str"),
        ([True, False, True], "returned a list"),
        ({"x": [1]}, "returned a dict"),
        (np.array([1, 0, 1]), "returned a numpy.ndarray of int64, not of booleans"),
        (pd.Series([1, 0, 1]), "returned a pandas.Series of int64, not of booleans"),
        (np.array([[True], [False], [True]]), "returned a numpy.ndarray, which is no mask"),
        (pl.col("x") > 0, "returned a polars.Expr"),
        (pl.Series([True]), "returned a mask of 1 values for 3 rows"),
        (pa.scalar(None, pa.bool_()), "returned a pyarrow.BooleanScalar"),
        (object(), "returned an object"),
        (CheckResult(passed="yes"), "CheckResult(passed=...) got a str, not a bool"),
        (CheckResult(passed=False, cases=7), "returned an int"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_and_told_what_may_be_returned(returned, says):
    with pytest.raises(DataError) as caught:
        finding_of(returned, TABLE, "mine")
    assert says in caught.value.message


def test_a_mask_on_something_else_than_a_table_is_refused():
    with pytest.raises(DataError, match="no table"):
        finding_of(np.array([True]), None, "mine")


def test_a_relation_holds_the_failing_rows():
    connection = duckdb.connect()
    relation = connection.sql("select x, 2 * x as twice from range(1500) as r(x)")

    finding = finding_of(relation, TABLE, "mine")

    assert (finding.failing_rows, finding.cases.num_rows, finding.message) == (
        1500,
        1000,
        "1,500 failing rows",
    )


def test_the_cases_of_a_result_count_its_failing_rows():
    by_mask = finding_of(CheckResult(passed=False, cases=np.array([True, False, True])), TABLE, "mine")
    by_frame = finding_of(CheckResult(passed=False, cases=TABLE.slice(1, 2)), TABLE, "mine")

    assert (by_mask.failing_rows, by_mask.cases.to_pylist()) == (1, [{"_row": 1, "x": 2}])
    assert (by_frame.failing_rows, by_frame.cases["x"].to_pylist()) == (2, [2, 3])


def test_a_result_may_know_more_failing_rows_than_it_shows():
    result = CheckResult(passed=False, failing_rows=1_000_000, cases=TABLE, message="far too many")

    finding = finding_of(result, TABLE, "mine")

    assert (finding.failing_rows, finding.cases.num_rows, finding.message) == (1_000_000, 3, "far too many")


def test_a_negative_number_of_failing_rows_is_refused():
    with pytest.raises(UsageError, match="is not negative"):
        CheckResult(passed=False, failing_rows=-1)


@pytest.mark.parametrize("frame", [pd.DataFrame(columns=["x"]), pl.DataFrame(schema=["x"]), TABLE.slice(3)])
def test_a_frame_without_rows_passes_whatever_its_columns_are(frame):
    assert finding_of(frame, TABLE, "mine").passed_by_itself


def test_failing_rows_that_come_in_a_stream_are_counted_and_only_the_first_are_kept():
    def failing():
        for start in range(0, 9_000_000, 1_000_000):  # more than is held whole
            yield pa.table({"row": pa.array(range(start, start + 1_000_000))})

    found = finding_of(failing(), None, "streamed")

    assert (found.passed_by_itself, found.failing_rows) == (False, 9_000_000)
    assert found.cases["row"].to_pylist() == list(range(1_000))
