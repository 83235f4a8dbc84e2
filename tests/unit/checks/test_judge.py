from __future__ import annotations

import datetime as dt

import pandas as pd
import pandera.pandas
import pandera.polars
import pandera.pyarrow
import polars as pl
import pyarrow as pa
import pytest

from assetflow.checks import builtin
from assetflow.checks.judge import arguments_of, evaluate
from assetflow.checks.result import CheckResult
from assetflow.errors import CheckRaisedError
from assetflow.frames.content import Content
from assetflow.model.spec import CheckSpec
from assetflow.model.verdicts import Verdict

SALES = pa.table({"id": [1, 2, 2, None], "amount": [5.0, -1.0, 0.0, 7.0]})
IDS = pa.table({"id": [1]})


def table(data: pa.Table) -> Content:
    return Content("table", data, "parquet")


def judge(check=None, *, data=SALES, function=None, schema=None, others=None, arguments=None, **options):
    spec = CheckSpec(
        name=check.name if check else "mine",
        asset="sales",
        builtin=check,
        function=function,
        schema=schema,
        **options,
    )
    content = data if isinstance(data, Content) else table(data)
    handed = {"sales": data} if arguments is None else arguments
    return evaluate(spec, content, others or {}, lambda: handed)


def test_a_builtin_gives_one_verdict_with_the_failing_rows():
    (judged,) = judge(builtin.range("amount", min=0))

    assert (judged.name, judged.column, judged.severity) == ("range(amount, min=0)", "amount", "error")
    assert (judged.passed, judged.blocks, judged.failing_rows) == (False, True, 1)
    assert judged.cases.to_pylist() == [{"_row": 1, "id": 2, "amount": -1.0}]


def test_a_builtin_is_given_the_other_assets_as_tables():
    (judged,) = judge(builtin.relationships("id", "ids"), others={"ids": table(IDS)})

    assert judged.failing_rows == 2


def test_severity_and_thresholds_come_from_the_spec():
    check = builtin.not_null("id")

    assert judge(check, severity="warn")[0].blocks is False
    assert judge(check, error_if=">1")[0].severity == "warn"
    assert judge(check, warn_if=">1", error_if=">2")[0].passed is True


def test_thresholds_do_not_excuse_a_missing_column():
    (judged,) = judge(builtin.not_null("idd"), warn_if=">1000", error_if=">1000")

    assert judged.blocks


def test_a_function_gets_its_arguments_by_name():
    def same(sales: pa.Table, ids: pa.Table) -> bool:
        return sales is SALES and ids is IDS

    assert judge(function=same, arguments={"sales": SALES, "ids": IDS})[0].passed


def test_arguments_are_not_asked_for_where_there_is_no_function():
    def never():
        raise AssertionError

    spec = CheckSpec(name="rows", asset="sales", builtin=builtin.row_count(min=1))
    assert evaluate(spec, table(SALES), {}, never)[0].passed


def test_a_bool_is_judged_by_severity_alone():
    (judged,) = judge(function=lambda sales: False, warn_if=">5", error_if=">5")

    assert (judged.blocks, judged.failing_rows, judged.message) == (True, None, "returned False")


def test_the_failing_rows_of_a_function_are_judged_by_thresholds():
    (judged,) = judge(function=lambda sales: sales.filter([False, True, True, False]), error_if=">2")

    assert (judged.passed, judged.severity, judged.failing_rows) == (False, "warn", 2)


def test_a_result_that_passes_with_failing_rows_passes_without_thresholds():
    result = CheckResult(passed=True, failing_rows=3, message="within reason")

    assert judge(function=lambda sales: result)[0].passed
    assert judge(function=lambda sales: result, error_if=">2")[0].blocks


def test_what_a_function_raises_is_no_verdict_and_is_kept():
    def broken(sales: pa.Table) -> bool:
        raise KeyError("day")

    with pytest.raises(
        CheckRaisedError, match="check mine of sales gave no verdict: raised KeyError: 'day'"
    ) as caught:
        judge(function=broken)
    assert isinstance(caught.value.original, KeyError)
    assert caught.value.original.__traceback__ is not None


def test_a_check_that_cannot_be_handed_what_it_reads_gives_no_verdict():
    def lost():
        raise OSError("no such part")

    with pytest.raises(CheckRaisedError, match="no such part"):
        evaluate(CheckSpec(name="mine", asset="sales", function=bool), table(SALES), {}, lost)


@pytest.mark.parametrize("kind", [SystemExit, BaseException])
def test_whatever_a_check_raises_is_no_verdict(kind):
    def panic(sales):
        raise kind("panic")

    with pytest.raises(CheckRaisedError, match="panic") as caught:
        judge(function=panic)
    assert type(caught.value.original) is kind


def test_an_interrupt_is_no_matter_of_the_check():
    def interrupted(sales):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judge(function=interrupted)


def test_what_a_check_says_is_recorded_short_and_as_unicode():
    (judged,) = judge(function=lambda sales: CheckResult(passed=False, message="\udc80" + "x" * 100_000))

    verdict = judged.verdict(None)
    assert verdict.message.startswith("\\udc80")
    assert len(verdict.model_dump_json()) < 2000


def test_an_answer_without_meaning_is_no_verdict_and_says_what_to_return():
    with pytest.raises(CheckRaisedError, match="returned None") as caught:
        judge(function=lambda sales: None)
    assert "af.CheckResult" in str(caught.value)


def test_a_builtin_on_something_else_than_a_table_is_no_verdict():
    with pytest.raises(CheckRaisedError, match="sales is no table, but a value"):
        judge(builtin.not_null("id"), data=Content("value", 0.3, "json"))


def test_a_function_may_judge_something_else_than_a_table():
    assert judge(
        function=lambda sales: sales < 1, data=Content("value", 0.3, "json"), arguments={"sales": 0.3}
    )[0].passed


CHECKS = {
    pandera.pandas: {"id": "Int64", "amount": float},
    pandera.polars: {"id": pl.Int64, "amount": pl.Float64},
    pandera.pyarrow: {"id": pa.int64(), "amount": pa.float64()},
}


@pytest.mark.parametrize("library", CHECKS, ids=lambda library: library.__name__)
def test_each_check_of_a_schema_is_a_verdict_and_warnings_do_not_block(library):
    kinds = CHECKS[library]
    checks = [library.Check.ge(0), library.Check.gt(0, raise_warning=True), library.Check.lt(100)]
    schema = library.DataFrameSchema(
        {
            "id": library.Column(kinds["id"], nullable=True),
            "amount": library.Column(kinds["amount"], checks),
        }
    )
    found = {(judged.name, judged.column): judged for judged in judge(schema=schema)}

    blocking = found["greater_than_or_equal_to(0)", "amount"]
    warning = found["greater_than(0)", "amount"]
    assert (blocking.blocks, blocking.failing_rows) == (True, 1)
    assert (warning.passed, warning.severity, warning.failing_rows) == (False, "warn", 2)
    assert found["less_than(100)", "amount"].passed
    assert sum(judged.blocks for judged in found.values()) == 1
    if library is not pandera.pyarrow:  # which does not tell the rows
        assert warning.cases["_row"].to_pylist() == [1, 2]
        assert warning.cases["amount"].to_pylist() == [-1.0, 0.0]


def test_a_check_of_a_schema_that_raises_is_no_verdict():
    def broken(data) -> bool:
        raise ZeroDivisionError("by hand")

    schema = pandera.polars.DataFrameSchema(
        {"id": pandera.polars.Column(pl.Int64, pandera.polars.Check(broken))}
    )
    with pytest.raises(CheckRaisedError, match="gave no verdict: broken on id raised"):
        judge(schema=schema)


def test_only_a_builtin_has_arguments_beside_its_code():
    check = builtin.range("day", min=dt.date(1997, 1, 1))

    assert arguments_of(CheckSpec(name="x", asset="sales", builtin=check, severity="warn")) == {
        "rule": "Range",
        "definition": 1,
        "column": "day",
        "min": dt.date(1997, 1, 1),
        "max": None,
        "inclusive": "both",
    }
    assert arguments_of(CheckSpec(name="x", asset="sales", function=bool)) is None


def test_a_judged_check_becomes_a_verdict_of_the_log():
    (judged,) = judge(builtin.range("amount", min=0))

    assert judged.verdict(None) == Verdict(
        name="range(amount, min=0)",
        column="amount",
        severity="error",
        passed=False,
        failing_rows=1,
        message="1 of 4 rows: amount is below 0",
    )


def test_a_pandas_mask_made_after_sorting_still_names_its_rows():
    frame = pd.DataFrame({"amount": [5.0, -1.0, 0.0, 7.0]})

    (judged,) = judge(function=lambda sales: frame.sort_values("amount")["amount"] >= 0)

    assert judged.cases["_row"].to_pylist() == [1]
