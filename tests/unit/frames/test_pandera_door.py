from __future__ import annotations

import warnings

import pandas as pd
import pandera.pandas
import pandera.polars
import pandera.pyarrow
import pandera.typing.polars
import polars as pl
import pyarrow as pa
import pytest
from pandera.config import config_context

from assetflow.errors import DataError
from assetflow.frames.content import identify
from assetflow.frames.forms import form_of
from assetflow.frames.hand_out import hand_out
from assetflow.frames.intake import take
from assetflow.frames.pandera_door import coerce, validate

BACKENDS = pytest.mark.parametrize(
    "lib", [pandera.pandas, pandera.polars, pandera.pyarrow], ids=lambda m: m.__name__
)
TABLE = pa.table({"n": [1, -2, 30], "s": ["x", "x", "y"], "x1": [1, 2, 3], "x2": [4, 5, 6]})


def exploding(data):
    raise ZeroDivisionError("bang")


def found(failures):
    return {(failure.column, failure.name): failure for failure in failures}


@BACKENDS
def test_each_check_is_a_verdict_of_its_own(lib):
    schema = lib.DataFrameSchema(
        {
            "n": lib.Column(int, [lib.Check.ge(0), lib.Check.lt(50), lib.Check.isin([1, 30])]),
            "s": lib.Column(str, unique=True),
            "x.*": lib.Column(int, [lib.Check.ge(2), lib.Check.lt(9)], regex=True),
        },
        strict=True,
    )
    failures, passes = validate(schema, TABLE)
    failed = found(failures)

    assert set(failed) == {
        ("n", "greater_than_or_equal_to(0)"),
        ("n", "isin([1, 30])"),
        ("s", "field_uniqueness"),
        ("x1", "greater_than_or_equal_to(2)"),
    }
    first = failed["n", "greater_than_or_equal_to(0)"]
    assert (first.failing_rows, first.severity, first.errored) == (1, "error", False)
    assert first.message == "1 of 3 rows: greater_than_or_equal_to(0)"
    assert first.cases["n"].to_pylist() == [-2]
    if lib is not pandera.pyarrow:
        assert first.rows == (1,)
        assert first.cases.to_pylist() == [{"n": -2, "s": "x", "x1": 2, "x2": 5}]
    passed = {(p.column, p.name) for p in passes}
    assert {
        ("n", "less_than(50)"),
        ("n", "not_nullable"),
        ("x.*", "less_than(9)"),
        (None, "column_in_schema"),
    } <= passed
    assert not passed & {
        ("n", "isin([1, 30])"),
        ("s", "field_uniqueness"),
        ("x.*", "greater_than_or_equal_to(2)"),
    }


@BACKENDS
def test_a_check_that_only_warns_is_counted_and_warns_nobody(lib):
    schema = lib.DataFrameSchema(
        {"n": lib.Column(int, lib.Check.ge(0, raise_warning=True, n_failure_cases=1))}
    )
    table = pa.table({"n": [-1, -2, 3]})

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (failure,), _ = validate(schema, table)
    assert (failure.severity, failure.failing_rows) == ("warn", 2)
    assert schema.columns["n"].checks[0].raise_warning
    _, passes = validate(schema, pa.table({"n": [1]}))
    assert ("greater_than_or_equal_to(0)", "warn") in {(p.name, p.severity) for p in passes}


@BACKENDS
def test_a_check_that_raises_is_no_verdict(lib):
    schema = lib.DataFrameSchema({"n": lib.Column(int, lib.Check(exploding, name="explodes"))})
    (failure,), passes = validate(schema, TABLE.select(["n"]))

    assert (failure.name, failure.errored) == ("explodes", True)
    assert "ZeroDivisionError" in failure.message
    assert "explodes" not in {p.name for p in passes}


@BACKENDS
def test_checks_of_a_missing_or_mistyped_column_are_not_made(lib):
    schema = lib.DataFrameSchema(
        {
            "n": lib.Column(int),
            "gone": lib.Column(int, lib.Check.ge(0)),
            "s": lib.Column(int, lib.Check.ge(0)),
        }
    )
    failures, passes = validate(schema, TABLE)

    assert {failure.column for failure in failures} == {"gone", "s"}
    assert not any(failure.errored for failure in failures)
    messages = {failure.column: failure.message for failure in failures}
    assert messages["gone"].startswith("column 'gone' not in dataframe")
    assert {p.column for p in passes} == {"n", "s"}
    assert {p.name for p in passes if p.column == "s"} == {"column_in_dataframe"}


@BACKENDS
def test_a_column_that_is_not_in_a_strict_schema_is_told(lib):
    (failure, *_), passes = validate(
        lib.DataFrameSchema({"n": lib.Column(int)}, strict=True), TABLE.select(["n", "s"])
    )

    assert (failure.name, failure.column) == ("column_in_schema", "s")
    assert failure.message == "column 's' is not in the schema"
    assert "column_in_schema" not in {p.name for p in passes}


def test_checks_of_the_whole_table_have_no_column():
    lib = pandera.pandas
    schema = lib.DataFrameSchema(
        checks=[
            lib.Check(lambda frame: frame["n"] > 0, name="positive"),
            lib.Check(lambda frame: False, name="never"),
        ]
    )
    failed = found(validate(schema, TABLE)[0])

    assert failed[None, "positive"].rows == (1,)
    assert failed[None, "positive"].cases.num_rows == 1
    assert failed[None, "never"].failing_rows is None


def test_checks_of_one_name_are_told_apart():
    lib = pandera.pandas
    schema = lib.DataFrameSchema(
        {"n": lib.Column(int, [lib.Check(lambda s: s > 0), lib.Check(lambda s: s < 0)])}
    )

    assert set(found(validate(schema, TABLE)[0])) == {("n", "<lambda>"), ("n", "<lambda> [2]")}


@BACKENDS
def test_validation_cannot_be_switched_off_from_outside(lib):
    schema = lib.DataFrameSchema({"n": lib.Column(int, lib.Check.ge(0))})

    with config_context(validation_enabled=False, validation_depth="SCHEMA_ONLY"):
        assert len(validate(schema, TABLE)[0]) == 1


def test_at_most_a_thousand_cases_are_kept():
    schema = pandera.pyarrow.DataFrameSchema({"n": pandera.pyarrow.Column(int, pandera.pyarrow.Check.ge(0))})
    (failure,), _ = validate(schema, pa.table({"n": [-1] * 5000}))

    assert (failure.failing_rows, failure.cases.num_rows) == (5000, 1000)


class PandasSales(pandera.pandas.DataFrameModel):
    amount: float = pandera.pandas.Field(ge=0, coerce=True)


class PolarsSales(pandera.polars.DataFrameModel):
    amount: float = pandera.polars.Field(ge=0, coerce=True)


class ArrowSales(pandera.pyarrow.DataFrameModel):
    amount: float = pandera.pyarrow.Field(ge=0)


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        (PandasSales, pd.DataFrame),
        (pandera.typing.DataFrame[PandasSales], pd.DataFrame),
        (pandera.typing.polars.DataFrame[PolarsSales], pl.DataFrame),
        (pandera.typing.polars.LazyFrame[PolarsSales], pl.LazyFrame),
        (ArrowSales, pa.Table),
    ],
)
def test_an_annotation_coerces_what_comes_in_and_what_goes_out(annotation, kind):
    form = form_of(annotation)
    raw = pa.table({"amount": pa.array([1, 2], pa.float64() if annotation is ArrowSales else pa.int64())})
    handed = hand_out(take(raw), form)

    assert isinstance(handed, kind)
    assert identify(take(handed, form=form)) == identify(take(raw, form=form))
    assert take(raw, form=form).data.schema.types == [pa.float64()]
    assert take(raw.to_pandas(), form=form).data.equals(take(raw, form=form).data)


def test_data_that_do_not_pass_an_annotation_are_refused_with_every_failure():
    form = form_of(pandera.typing.polars.LazyFrame[PolarsSales])
    table = pa.table({"amount": [-1.0, 2.0]})

    for attempt in (
        lambda: hand_out(take(table), form),
        lambda: take(pl.from_arrow(table).lazy(), form=form),
    ):
        with pytest.raises(
            DataError, match=r"do not pass PolarsSales: amount: greater_than_or_equal_to\(0\) \(1 cases\)"
        ):
            attempt()


def test_a_frame_with_a_column_named_collect_is_no_lazy_frame():
    schema = pandera.pandas.DataFrameSchema({"collect": pandera.pandas.Column(int)})

    assert coerce(schema, pd.DataFrame({"collect": [1]}))["collect"].to_list() == [1]
