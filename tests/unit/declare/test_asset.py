from __future__ import annotations

import functools
import inspect
import time
from datetime import timedelta
from typing import Annotated, Any, Literal, Optional

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pydantic import BaseModel

from assetflow.checks.builtin import not_null
from assetflow.declare.asset import Asset, asset
from assetflow.declare.asset_spec import ReadDeclaration, read_asset
from assetflow.declare.context import Context
from assetflow.declare.inputs import Input
from assetflow.declare.resource import Resource
from assetflow.declare.retry import Retry
from assetflow.declare.source import source
from assetflow.model.spec import InputSpec, ResourceSpec
from assetflow.model.spec import Retry as Policy


class Config(BaseModel):
    rate: float = 0.19


def read(declared: Asset[..., Any]) -> ReadDeclaration:
    return read_asset(declared, keys=(), root=None)


def messages(declared: Asset[..., Any]) -> list[str]:
    assert all(problem.where.startswith(f"{__file__}:") for problem in read(declared).problems)
    return [problem.message for problem in read(declared).problems]


def told(declared: Asset[..., Any], text: str) -> bool:
    found = messages(declared)
    assert len(found) == 1, found
    assert text in found[0], found
    return True


# --- the object


def test_a_bare_decorator_names_the_asset_by_its_function():
    @asset
    def sales() -> dict:
        """Return what was sold."""
        return {}

    assert (sales.key, read(sales).specs[0].key, repr(sales)) == ("sales", "sales", "Asset('sales')")
    assert read(sales).specs[0].description == "Return what was sold."


def test_a_key_is_given_first_or_by_name():
    assert asset("retail/sales")(lambda: 1).key == "retail/sales"
    assert asset(key="retail/sales")(lambda: 1).key == "retail/sales"


def test_calling_an_asset_calls_the_plain_function():
    @asset(tags=["a"])
    def total(orders: list[int], *, add: int = 1) -> int:
        """Add up."""
        return sum(orders) + add

    assert total([1, 2]) == 4
    assert total(orders=[1], add=5) == 6
    assert (total.__name__, total.__doc__, total.__wrapped__) == ("total", "Add up.", total.function)
    assert list(inspect.signature(total).parameters) == ["orders", "add"]


def test_attributes_of_the_function_never_replace_the_asset_s_own():
    def sales() -> int:
        return 1

    sales.options = sales.function = "mine"
    assert asset(sales).key == "sales"
    assert asset(sales)() == 1


def test_the_place_is_the_line_of_the_first_decorator():
    line = inspect.currentframe().f_lineno + 2

    @asset(
        group="g",
    )
    def sales() -> int:
        return 1

    assert read(sales).specs[0].where == f"{__file__}:{line}"
    assert read(sales).specs[0].path == __file__
    assert read(sales).specs[0].module == __name__


def test_a_wrapped_function_is_placed_and_read_through_its_wrapper():
    def wrapper(function):
        @functools.wraps(function)
        def inner(*args, **kwargs):
            return function(*args, **kwargs)

        return inner

    @asset
    @wrapper
    def sales(orders: pd.DataFrame) -> pd.DataFrame:
        return orders

    assert messages(sales) == []
    assert [item.key for item in read(sales).specs[0].inputs] == ["orders"]


def test_declaring_a_thousand_assets_takes_less_than_a_tenth_of_a_second():
    def make(number: int) -> Asset[..., Any]:
        @asset(key=f"a{number}", tags=["many"])
        def made(orders: pd.DataFrame) -> pd.DataFrame:
            return orders

        return made

    make(0)
    best = min(_seconds(lambda: [make(number) for number in range(1000)]) for _ in range(3))
    assert best < 0.1


def _seconds(call) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


# --- parameters


def test_each_parameter_is_the_asset_of_its_name():
    @asset
    def joined(sales: pl.LazyFrame, customers) -> pl.LazyFrame:
        return sales

    assert read(joined).specs[0].inputs == (
        InputSpec("sales", "sales", pl.LazyFrame),
        InputSpec("customers", "customers", Any),
    )
    assert read(joined).specs[0].returns is pl.LazyFrame


def test_inputs_map_parameters_to_keys_assets_and_inputs():
    raw = source("raw/orders", "orders.csv")

    @asset
    def other() -> int:
        return 1

    mapped = {"a": "retail/a", "b": raw, "c": other, "d": Input("retail/d", columns=["x"], missing="skip")}

    @asset(inputs=mapped)
    def joined(a, b, c, d, e: Annotated[pd.DataFrame, Input(raw, columns=["id", "day"])]):
        return a

    assert [
        (item.parameter, item.key, item.columns, item.missing) for item in read(joined).specs[0].inputs
    ] == [
        ("a", "retail/a", None, "fail"),
        ("b", "raw/orders", None, "fail"),
        ("c", "other", None, "fail"),
        ("d", "retail/d", ("x",), "skip"),
        ("e", "raw/orders", ("id", "day"), "fail"),
    ]
    assert read(joined).specs[0].inputs[4].annotation is pd.DataFrame
    assert messages(joined) == []


def test_an_annotation_that_allows_none_asks_for_none_where_the_input_is_missing():
    @asset(inputs={"d": Input("d", missing="fail")})
    def made(
        a: pd.DataFrame | None,
        b: Optional[pa.Table],  # noqa: UP045 - the older spelling is what is tested
        c: Annotated[pl.DataFrame, Input("other")] | None,
        d: pd.DataFrame | None,
        e: Annotated[pl.DataFrame | None, Input("other", missing="skip")],
    ):
        return a

    assert [(item.key, item.missing) for item in read(made).specs[0].inputs] == [
        ("a", "none"),
        ("b", "none"),
        ("other", "none"),
        ("d", "fail"),
        ("other", "skip"),
    ]
    assert read(made).specs[0].inputs[2].annotation == pl.DataFrame | None
    assert messages(made) == []


def test_config_context_and_resources_are_no_inputs():
    db = Resource("db", dict)

    @asset
    def made(
        orders,
        config: Config,
        context: Context,
        one: Annotated[Any, Resource("named")],
        two: Annotated[object, db],
    ) -> dict:
        return {}

    spec = read(made).specs[0]
    assert [item.key for item in spec.inputs] == ["orders"]
    assert (spec.config_parameter, spec.config_model, spec.context_parameter) == ("config", Config, "context")
    assert spec.resources == (ResourceSpec("one", "named"), ResourceSpec("two", "db"))
    assert messages(made) == []


def test_types_beside_a_nested_function_are_found_though_annotations_are_text():
    class Local(BaseModel):
        window: int = 30

    @asset
    def made(config: Local, kind: Annotated[Literal["a"], Input("other")]) -> int:
        return config.window

    assert read(made).specs[0].config_model is Local
    assert messages(made) == []


def test_a_strict_pandera_model_names_the_columns_that_are_read():
    import pandera.polars as pa_polars

    class Strict(pa_polars.DataFrameModel):
        id: int
        day: str

        class Config:
            strict = True

    class Loose(pa_polars.DataFrameModel):
        id: int

    @asset
    def made(
        a: pa_polars.typing.DataFrame[Strict], b: Loose, c: Annotated[Strict, Input("c", columns=["id"])]
    ):
        return a

    assert messages(made) == []
    assert [item.columns for item in read(made).specs[0].inputs] == [("id", "day"), None, ("id",)]


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda *rest: 1, "parameter *rest has no meaning"),
        (lambda **rest: 1, "parameter **rest has no meaning"),
        (lambda a, /: 1, "parameter 'a', which is positional-only, has no meaning"),
    ],
)
def test_parameters_that_cannot_be_passed_by_name_have_no_meaning(function, text):
    assert told(asset("made")(function), text)


def test_an_annotation_that_cannot_be_evaluated_is_told_with_its_parameter_alone():
    @asset
    def made(a: pd.DataFrame, b: nowhere.Frame) -> missing:  # noqa: F821 - that is the point
        return a

    first, second = messages(made)
    assert "the return annotation 'missing' cannot be evaluated (NameError" in first
    assert "the annotation of parameter 'b', 'nowhere.Frame' cannot be evaluated (NameError" in second
    assert [item.key for item in read(made).specs[0].inputs] == ["a"]


def test_annotations_without_a_form_are_told():
    @asset
    def made(a: pd.Series) -> set[object] | pd.DataFrame:
        return a

    first, second = messages(made)
    assert "the return annotation: " in first
    assert "the annotation of parameter 'a': " in second


def test_a_parameter_has_one_meaning():
    @asset(inputs={"a": "x"})
    def twice(a: Annotated[pd.DataFrame, Input("y")]):
        return a

    assert told(twice, "parameter 'a' says more than once what it receives")

    @asset
    def configs(one: Config, two: Config) -> int:
        return 1

    assert told(configs, "parameters 'one' and 'two' are both a config")

    @asset
    def contexts(one: Context, two: Context) -> int:
        return 1

    assert told(contexts, "parameters 'one' and 'two' are both the context")


def test_a_default_config_that_would_never_be_used_is_told():
    @asset
    def same(config: Config = Config()) -> int:  # noqa: B008 - as users write it
        return 1

    @asset
    def other(config: Config = Config(rate=0.5)) -> int:  # noqa: B008 - as users write it
        return 1

    class Needing(BaseModel):
        rate: float

    @asset
    def needing(config: Needing = Needing(rate=1)) -> int:  # noqa: B008 - as users write it
        return 1

    assert messages(same) == []
    assert told(needing, "the default of config parameter 'config' would never be used")
    assert told(other, "the default of config parameter 'config' would never be used")


@pytest.mark.parametrize(
    ("inputs", "text"),
    [
        ({"b": "x"}, "inputs= names 'b', which is no parameter of the function"),
        ({"a": 3}, "parameter 'a' is mapped to 3"),
        ({"a": Input("x", columns="id")}, "parameter 'a': columns='id'"),
        ({"a": Input("x", columns=["id", "id"])}, "parameter 'a': columns=('id', 'id')"),
        ({"a": Input("x", columns=[])}, "parameter 'a': columns=()"),
        ({"a": Input("x", missing="never")}, "parameter 'a': missing='never'"),
        (["a"], "inputs=['a'] is not a mapping from names"),
        ({"a": "made"}, "it reads itself, by parameter 'a'"),
    ],
)
def test_what_is_wrong_with_inputs_is_told(inputs, text):
    assert told(asset("made", inputs=inputs)(lambda a: 1), text)


def test_waiting_for_itself_is_told():
    assert told(asset("made", deps=["made"])(lambda: 1), "it waits for itself")


# --- functions that are none


class Shop:
    @asset
    def method(self) -> int:
        return 1

    @asset
    @staticmethod
    def static() -> int:
        return 1


@asset
async def waiting() -> int:
    return 1


def test_methods_are_refused():
    assert "it is a method of the class 'Shop'" in messages(Shop.__dict__["method"])[0]
    assert told(Shop.__dict__["static"], "a staticmethod was decorated")
    assert told(asset("bound")(Shop().method.function.__get__(Shop())), "a method was decorated")


def test_async_functions_are_refused_with_the_way_out():
    assert told(waiting, "it is an async function")
    assert "asyncio.run" in read(waiting).problems[0].hint


@pytest.mark.parametrize("thing", [functools.partial(int, "3"), len, Shop])
def test_callables_that_are_no_functions_are_refused(thing):
    assert told(asset("made")(thing), "was decorated, not a function")


def test_a_lambda_needs_a_key():
    assert told(asset(lambda: 1), "'<lambda>' is not a key")
    assert messages(asset("made")(lambda: 1)) == []


# --- options


def test_options_come_out_as_the_spec_holds_them():
    schema = pa.schema([("a", pa.int64())])
    helper = len

    @asset(
        deps=["x", source("y", "y.csv"), "x"],
        checks=[not_null("a", severity="warn")],
        retries=2,
        format="arrow",
        sort_by="a",
        round={"b": 2, "a": 6},
        schema=schema,
        group="retail",
        tags=["daily", "core"],
        owner="Jo <jo@acme.example>",
        description="All of it.",
        version="3",
        includes="query.sql",
        ignore=[helper],
        packages=["polars"],
        executor="process",
        timeout=timedelta(minutes=2),
        pool="database",
    )
    def made() -> pa.Table:
        """Not this."""
        return schema.empty_table()

    spec = read(made).specs[0]
    assert messages(made) == []
    assert (spec.deps, spec.retries, spec.format) == (("x", "y"), Policy(times=2), "arrow")
    assert (spec.sort_by, spec.round, spec.schema) == (("a",), (("a", 6), ("b", 2)), schema)
    assert (spec.group, spec.tags, spec.owner) == ("retail", ("daily", "core"), "Jo <jo@acme.example>")
    assert (spec.description, spec.version) == ("All of it.", "3")
    assert (spec.includes, spec.ignore, spec.packages) == (("query.sql",), (helper,), ("polars",))
    assert (spec.executor, spec.timeout, spec.pool) == ("process", 120.0, "database")
    (check,) = spec.checks
    assert (check.name, check.asset, check.severity) == ("not_null(a)", "made", "warn")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"key": ""}, "'' is not a key"),
        ({"key": "a/../b"}, "'a/../b' is not a key"),
        ({"key": "x" * 201}, "has 201 characters"),
        ({"key": 3}, "its key is not text"),
        ({"deps": [3]}, "deps= has 3, which is neither a key nor an asset"),
        ({"checks": [len]}, "checks= has the function 'len', which is no check"),
        ({"checks": ["not_null"]}, "checks= has 'not_null', which is no check"),
        ({"checks": [not_null("a"), not_null("a")]}, "checks= has not_null(a) twice"),
        ({"checks": not_null("a")}, "which is not a list"),
        ({"retries": "often"}, "retries: 'often' is not a number of retries"),
        ({"retries": "3"}, "retries: '3' is text: did you mean 3?"),
        (
            {"on_code_change": "rebuild"},
            "on_code_change='rebuild' is for assets that go on from context.previous",
        ),
        ({"executor": "threads", "timeout": "1s"}, "timeout='1s' stops a process, and executor='threads'"),
        ({"retries": Retry(first="soon")}, "retries: 'soon' is not a duration"),
        ({"executor": "proces"}, "executor='proces' is not one of threads, inline, process"),
        ({"timeout": "soon"}, "timeout: 'soon' is not a duration"),
        ({"timeout": 0}, "timeout: 0 leaves no time"),
        ({"pool": 3}, "pool=3 is not text"),
        ({"format": "parket"}, "format='parket' is not one of parquet, arrow"),
        ({"sort_by": [1]}, "sort_by= has 1, which is not text"),
        ({"sort_by": ["a", "a"]}, "names something twice"),
        ({"round": 2}, "round=2 is not a mapping from names"),
        ({"round": {"a": 1.5}}, "round={'a': 1.5} is not a number of decimals"),
        ({"round": {"a": True}}, "round={'a': True} is not a number of decimals"),
        ({"schema": Config}, "not a pyarrow.Schema"),
        ({"group": "two words"}, "group='two words' cannot be selected"),
        ({"tags": ["a,b"]}, "tags='a,b' cannot be selected"),
        ({"tags": 3}, "tags= is 3, which is not a list"),
        ({"owner": 3}, "owner=3 is not text"),
        ({"version": 3}, "version=3 is not text"),
        ({"packages": [pd]}, "which is not text"),
    ],
)
def test_what_is_wrong_with_an_option_is_told(options, text):
    assert told(asset(**{"key": "made", **options})(lambda: 1), text)


def test_an_effect_has_no_options_about_data():
    @asset(checks=[not_null("a")], format="parquet", sort_by="a", round={"a": 1}, deps=["x"])
    def mail() -> None:
        """Send it."""

    assert read(mail).specs[0].kind == "effect"
    assert [message.partition("=")[0] for message in messages(mail)] == [
        "asset 'mail': checks",
        "asset 'mail': format",
        "asset 'mail': sort_by",
        "asset 'mail': round",
    ]


def test_pandera_schemas_are_checks_unless_they_change_data():
    import pandera.pandas as pa_pandas

    class Sales(pa_pandas.DataFrameModel):
        id: int

    class Coercing(pa_pandas.DataFrameModel):
        id: int

        class Config:
            coerce = True

    @asset(checks=[Sales])
    def good() -> pd.DataFrame:
        return pd.DataFrame()

    @asset(checks=[Coercing])
    def bad() -> pd.DataFrame:
        return pd.DataFrame()

    assert messages(good) == []
    assert [(check.name, check.schema) for check in read(good).specs[0].checks] == [("Sales", Sales)]
    assert told(bad, "the schema Coercing in checks= coerces or filters")


def test_a_pandera_model_that_cannot_be_built_is_told():
    import pandera.pandas as pa_pandas

    class Broken(pa_pandas.DataFrameModel):
        id: "no such type"  # noqa: F722 - that is the point

    @asset
    def reads(a: Broken):
        return a

    assert told(asset("made", checks=[Broken])(lambda: 1), "the schema Broken cannot be built")
    assert told(reads, "the annotation of parameter 'a': its schema cannot be built")


def test_a_pandera_schema_for_a_library_that_is_not_handed_out_is_told():
    foreign = type("DataFrameSchema", (), {"__module__": "pandera.api.elsewhere", "name": "Far"})()
    assert told(asset("made", checks=[foreign])(lambda: 1), "the pandera schema Far is for a library")


def test_a_union_of_plain_values_is_one_input():
    @asset
    def made(a: int | str) -> float:
        return 1.0

    assert messages(made) == []
    assert read(made).specs[0].inputs[0].annotation == int | str
