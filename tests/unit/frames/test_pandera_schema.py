from __future__ import annotations

import functools
import subprocess
import sys

import pandera.pandas
import pandera.polars
import pandera.pyarrow
import pytest

from assetflow.errors import DataError
from assetflow.frames.pandera_schema import backend, coerces, columns_of, describe, is_schema, schema_name

lib = pandera.polars


class Sales(lib.DataFrameModel):
    amount: float = lib.Field(ge=0)

    @lib.check("amount")
    def whole(cls, data):
        return data.lazyframe.select(lib.pl.col(data.key) % 1 == 0)

    class Config:
        strict = True


def test_schemas_and_models_are_known_and_nothing_else():
    assert is_schema(Sales)
    assert is_schema(pandera.pyarrow.DataFrameSchema({}))
    assert not any(map(is_schema, (lib.Check.ge(0), lib.Column(int), 1, int, "Sales", None)))


def test_asking_whether_something_is_a_schema_imports_nothing():
    code = "import sys, assetflow.frames.pandera_door as door; door.is_schema(1); print('pandera' in sys.modules)"

    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "False\n"
    )


@pytest.mark.parametrize(
    ("module", "name"), [(pandera.pandas, "pandas"), (lib, "polars"), (pandera.pyarrow, "pyarrow")]
)
def test_a_schema_belongs_to_one_library(module, name):
    assert backend(module.DataFrameSchema({})) == name
    assert backend(type("Model", (module.DataFrameModel,), {"__annotations__": {"a": int}})) == name


def test_a_schema_of_another_library_is_refused():
    foreign = type("DataFrameSchema", (), {"__module__": "pandera.api.xarray.container", "name": "grid"})()

    with pytest.raises(DataError, match="grid is for a library"):
        backend(foreign)


def test_the_name_and_the_columns_are_those_that_a_person_would_say():
    assert schema_name(Sales) == "Sales"
    assert schema_name(lib.DataFrameSchema({})) == "schema"
    assert columns_of(Sales) == ("amount",)
    assert columns_of(lib.DataFrameSchema({"a": lib.Column(int)})) is None
    assert columns_of(lib.DataFrameSchema({"a.*": lib.Column(int, regex=True)}, strict=True)) is None


@pytest.mark.parametrize(
    ("schema", "changes"),
    [
        (Sales, False),
        (lib.DataFrameSchema({"a": lib.Column(int, nullable=True)}, strict=True, ordered=True), False),
        (lib.DataFrameSchema({"a": lib.Column(int)}, coerce=True), True),
        (lib.DataFrameSchema({"a": lib.Column(int, coerce=True)}), True),
        (lib.DataFrameSchema({"a": lib.Column(int)}, strict="filter"), True),
        (lib.DataFrameSchema({"a": lib.Column(int)}, drop_invalid_rows=True), True),
        (lib.DataFrameSchema({"a": lib.Column(int, default=0)}), True),
        (lib.DataFrameSchema({"a": lib.Column(int, nullable=True)}, add_missing_columns=True), True),
        (pandera.pandas.DataFrameSchema(parsers=pandera.pandas.Parser(lambda frame: frame)), True),
        (
            pandera.pandas.DataFrameSchema(
                {"a": pandera.pandas.Column(int, parsers=pandera.pandas.Parser(abs))}
            ),
            True,
        ),
        (pandera.pandas.DataFrameSchema(index=pandera.pandas.Index(int, coerce=True)), True),
    ],
)
def test_a_schema_that_may_change_data_is_detected(schema, changes):
    assert coerces(schema) == changes


def column(**options):
    return describe(lib.DataFrameSchema({"a": lib.Column(int, **options)}))


def test_the_description_changes_with_what_decides_and_with_nothing_else():
    base = column(checks=lib.Check.ge(0))

    assert base == column(checks=lib.Check.ge(0))
    assert base == column(checks=lib.Check.ge(0, error="said differently", title="t", description="d"))
    assert column(checks=lib.Check.isin({"a", "b"})) == column(checks=lib.Check.isin({"b", "a"}))
    others = [
        column(checks=lib.Check.ge(1)),
        column(checks=lib.Check.gt(0)),
        column(checks=lib.Check.ge(0, raise_warning=True)),
        column(checks=lib.Check.ge(0), nullable=True),
        column(checks=lib.Check.ge(0), unique=True),
        column(),
        describe(lib.DataFrameSchema({"a": lib.Column(float, lib.Check.ge(0))})),
        describe(lib.DataFrameSchema({"b": lib.Column(int, lib.Check.ge(0))})),
        describe(lib.DataFrameSchema({"a": lib.Column(int, lib.Check.ge(0))}, strict=True)),
    ]
    assert all(other != base for other in others)


def test_the_users_functions_are_in_the_description_so_that_their_code_can_be_followed():
    def positive(data):
        return True

    told = describe(
        lib.DataFrameSchema({"a": lib.Column(int, lib.Check(positive))}, checks=lib.Check(positive))
    )
    assert told["columns"][0]["checks"][0]["function"] is positive
    assert told["checks"][0]["function"] is positive
    assert describe(Sales)["columns"][0]["checks"][1]["function"] is Sales.__dict__["whole"].__func__
    assert describe(Sales)["columns"][0]["checks"][0]["function"] == "greater_than_or_equal_to"


def test_parameters_of_a_type_count():
    def category(*names):
        return describe(
            pandera.pandas.DataFrameSchema({"a": pandera.pandas.Column(pandera.pandas.Category(names))})
        )

    assert category("a", "b") == category("a", "b")
    assert category("a", "b") != category("a", "c")


def test_partial_functions_and_parsers_are_told_in_their_parts():
    def above(series, limit):
        return series > limit

    def checked(limit):
        check = pandera.pandas.Check(functools.partial(above, limit=limit), name="above")
        parser = pandera.pandas.Parser(above)
        return describe(
            pandera.pandas.DataFrameSchema({"a": pandera.pandas.Column(int, check, parsers=parser)})
        )

    told = checked(1)["columns"][0]
    assert told["checks"][0]["function"] == {"partial": above, "arguments": [], "keywords": {"limit": 1}}
    assert told["parsers"][0]["function"] is above
    assert checked(1) == checked(1) != checked(2)
