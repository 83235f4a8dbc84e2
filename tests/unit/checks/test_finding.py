from __future__ import annotations

import pyarrow as pa

from assetflow.checks.finding import finding_of_rows, numbered_rows
from assetflow.checks.rows import MOST_CASES, Failing, WholeTable, failing_where


def test_all_failing_rows_are_counted_and_the_first_thousand_kept():
    table = pa.concat_tables([pa.table({"x": range(start, start + 500)}) for start in range(0, 3_000, 500)])

    finding = finding_of_rows(
        "mine",
        "x",
        WholeTable(table),
        Failing().and_rows(pa.array(range(1, 3_000, 2), pa.int64())),
        "x is odd",
    )

    assert (finding.failing_rows, finding.passed_by_itself) == (1_500, False)
    assert finding.message == "1,500 of 3,000 rows: x is odd"
    assert finding.cases["x"].to_pylist() == list(range(1, 2 * MOST_CASES, 2))
    assert finding.cases["_row"].to_pylist() == finding.cases["x"].to_pylist()


def test_no_failing_row_is_a_pass_without_cases():
    finding = finding_of_rows("mine", None, WholeTable(pa.table({"x": [1]})), Failing(), "never")

    assert (finding.passed_by_itself, finding.failing_rows, finding.cases) == (True, 0, None)


def test_cases_are_whole_rows_with_the_types_of_the_table():
    table = pa.table({"x": [1, 2], "tags": [["a"], None]})

    cases = numbered_rows(WholeTable(table), [1])

    assert cases.schema == pa.schema([("_row", pa.int64()), *table.schema])
    assert cases.to_pylist() == [{"_row": 1, "x": 2, "tags": None}]


def test_the_row_number_does_not_hide_a_column_of_its_name():
    cases = numbered_rows(WholeTable(pa.table({"_row": ["mine"], "__row": ["too"]})), [0])

    assert cases.to_pylist() == [{"___row": 0, "_row": "mine", "__row": "too"}]


def test_null_in_a_mask_is_no_failing_row():
    rows = WholeTable(pa.table({"x": pa.chunked_array([[True, None], [False, True]])}))

    assert failing_where(rows, ["x"], lambda piece: piece["x"]) == Failing(2, (0, 3))
