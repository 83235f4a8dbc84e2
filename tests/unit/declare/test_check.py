from __future__ import annotations

from typing import Annotated, Any

import pandas as pd
import polars as pl
import pytest
from pydantic import BaseModel

from assetflow.declare.asset import asset
from assetflow.declare.check import Check, check
from assetflow.declare.check_spec import read_check
from assetflow.declare.context import Context
from assetflow.declare.inputs import Input
from assetflow.declare.resource import Resource
from assetflow.model.spec import InputSpec


@asset
def sales() -> pd.DataFrame:
    return pd.DataFrame()


def read(declared: Check[..., Any]):
    found = read_check(declared, keys={"sales", "customers"}, root=None)
    return found.spec, [problem.message for problem in found.problems]


def test_a_check_stays_a_plain_function_and_says_what_it_judges():
    @check(sales, severity="warn", warn_if=">10", error_if=None)
    def fine(sales: pl.DataFrame) -> bool:
        """Say that all is well."""
        return sales == 1

    spec, problems = read(fine)
    assert problems == []
    assert fine(1) is True
    assert (fine.__name__, fine.__doc__, repr(fine)) == (
        "fine",
        "Say that all is well.",
        "Check('fine' on 'sales')",
    )
    assert (spec.name, spec.asset, spec.severity, spec.warn_if, spec.error_if) == (
        "fine",
        "sales",
        "warn",
        ">10",
        None,
    )
    assert (spec.function, spec.parameter, spec.annotation, spec.inputs) == (
        fine.function,
        "sales",
        pl.DataFrame,
        (),
    )
    assert spec.where.startswith(f"{__file__}:")


def test_the_parameter_named_like_the_asset_is_judged_wherever_it_stands():
    @check("sales", name="known customers")
    def known(customers: pd.DataFrame, sales) -> bool:
        return True

    spec, problems = read(known)
    assert problems == []
    assert (spec.name, spec.parameter, spec.annotation) == ("known customers", "sales", Any)
    assert spec.inputs == (InputSpec("customers", "customers", pd.DataFrame),)


def test_else_the_first_parameter_is_judged():
    @check("retail/sales")
    def known(frame, customers, more: Annotated[pd.DataFrame, Input("retail/more")]) -> bool:
        return True

    spec, problems = read(known)
    assert problems == []
    assert spec.parameter == "frame"
    assert [(item.parameter, item.key) for item in spec.inputs] == [
        ("customers", "customers"),
        ("more", "retail/more"),
    ]


def test_a_pydantic_model_is_data_here_and_no_config():
    class Metric(BaseModel):
        rate: float

    @check("rate")
    def fine(metric: Metric) -> bool:
        return True

    spec, problems = read(fine)
    assert (spec.parameter, spec.annotation, problems) == ("metric", Metric, [])


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"severity": "fatal"}, "severity 'fatal'"),
        ({"warn_if": "many"}, "threshold 'many'"),
        ({"error_if": ">-1"}, "threshold '>-1'"),
        ({"name": ""}, "its name is ''"),
        ({"name": 3}, "its name is 3"),
        ({"asset": None}, "it judges None, which is neither a key nor an asset"),
    ],
)
def test_what_is_wrong_with_an_option_is_told(options, text):
    _, (problem,) = read(check(**{"asset": sales, **options})(lambda sales: True))
    assert text in problem


def test_without_the_asset_it_is_a_plain_type_error():
    with pytest.raises(TypeError, match="needs the asset"):
        check(lambda sales: True)


def test_what_is_wrong_with_a_function_is_told():
    @check(sales)
    async def waits(sales) -> bool:
        return True

    @check(sales)
    def nothing() -> bool:
        return True

    @check(sales)
    def elsewhere(other: Annotated[pd.DataFrame, Input("customers")]) -> bool:
        return True

    @check(sales)
    def parts(sales: Annotated[pd.DataFrame, Input("sales", columns=["a"])]) -> bool:
        return True

    @check(sales)
    def asks(sales, context: Context, db: Annotated[object, Resource("db")]) -> bool:
        return True

    assert "async" in read(waits)[1][0]
    assert read(nothing)[1] == ["check 'nothing': no parameter receives the data to be judged"]
    assert read(elsewhere)[1] == ["check 'elsewhere': no parameter receives the data to be judged"]
    assert read(parts)[1] == ["check 'parts': parameter 'sales' gets the judged data whole"]
    assert read(asks)[1] == [
        "check 'asks': parameter 'db' asks for a resource",
        "check 'asks': parameter 'context' asks for the context, which a check does not get",
    ]
