"""How ``sql`` is read: its inputs, its place, and all that can be wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

import assetflow as af
from assetflow.declare.collect import collect
from assetflow.errors import DeclarationError, Problem
from assetflow.model.spec import AssetSpec

SALES = af.source("sales", "sales.csv")
ORDERS = af.source("retail/orders", "orders.csv")


def spec(declared: object, *others: object) -> AssetSpec:
    return collect([declared, *others]).specs[declared.key]


def problems(*declared: object, root: Path | None = None) -> tuple[Problem, ...]:
    with pytest.raises(DeclarationError) as raised:
        collect(declared, root=root)
    return raised.value.problems


def test_the_tables_of_a_query_are_its_inputs():
    made = spec(af.sql("daily", 'SELECT s.day FROM Sales s JOIN "retail/orders" o USING (id)'), SALES, ORDERS)

    assert [(item.parameter, item.key) for item in made.inputs] == [
        ("Sales", "sales"),
        ("retail/orders", "retail/orders"),
    ]
    assert made.kind == "sql"
    assert made.inputs[0].named == frozenset({"s", "day", "id"})


def test_inputs_map_a_table_to_another_key():
    made = spec(af.sql("daily", "SELECT id FROM o", inputs={"O": ORDERS}), ORDERS)

    assert [(item.parameter, item.key) for item in made.inputs] == [("o", "retail/orders")]


def test_a_query_may_read_nothing():
    assert spec(af.sql("one", "SELECT 1 AS n")).inputs == ()


def test_a_path_is_relative_to_the_module_that_declares_it(tmp_path):
    made = af.sql("daily", "queries/daily.sql")

    assert made.query == Path(__file__).parent / "queries/daily.sql"
    assert af.sql("daily", tmp_path / "daily.sql").query == tmp_path / "daily.sql"


def test_a_file_is_read_with_its_comment_as_description(tmp_path):
    (tmp_path / "daily.sql").write_text("-- Sales of a day,\n-- all shops.\n\nSELECT day FROM sales\n")
    declared = collect([af.sql("daily", tmp_path / "daily.sql"), SALES], root=tmp_path).specs["daily"]

    assert declared.description == "Sales of a day,\nall shops."
    assert declared.path == "daily.sql"
    assert declared.query.name == "daily.sql"


def test_a_problem_in_a_file_is_told_at_its_line_and_column(tmp_path):
    (tmp_path / "daily.sql").write_text("SELECT day\nFROM saels\n")
    (problem,) = problems(af.sql("daily", tmp_path / "daily.sql"), SALES, root=tmp_path)

    assert problem.where == "daily.sql:2:6"
    assert problem.message == "asset 'daily': it reads 'saels', and no asset has this key"
    assert problem.hint == "FROM saels\n     ^\ndid you mean 'sales'?"


def test_a_problem_in_python_is_told_at_the_declaration_with_its_line_in_the_query():
    (problem,) = problems(af.sql("daily", "\nSELECT day FORM sales"), SALES)

    assert problem.message.startswith("asset 'daily': line 2, column 17 of its query: syntax error")
    assert Path(__file__).name in problem.where


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        (af.sql("daily", "SELECT 1; SELECT 2"), "the text holds 2 statements"),
        (af.sql("daily", ""), "the query is empty"),
        (af.sql("daily", 7), "its query is 7"),
        (af.sql("daily", "nowhere.sql"), "cannot be read"),
        (af.sql("daily", "SELECT * FROM daily"), "it reads itself, or waits for itself"),
        (af.sql("daily", "SELECT 1 AS n", deps=["daily"]), "it reads itself, or waits for itself"),
        (
            af.sql("daily", "SELECT day FROM sales ORDER BY day", sort_by="day"),
            "has an ORDER BY, and sort_by=",
        ),
        (
            af.sql("daily", "SELECT day FROM sales", inputs={"o": "sales"}),
            "maps 'o', and the query reads no table",
        ),
        (
            af.sql("daily", "SELECT day FROM o", inputs={"o": 3}),
            "maps 'o' to what is neither a key nor an asset",
        ),
        (
            af.sql("daily", "SELECT day FROM o", inputs={"o": "saels"}),
            "it reads 'saels', and no asset has this key",
        ),
        (af.sql("daily", "SELECT day FROM 'x.parquet'"), "it reads 'x.parquet', and no asset has this key"),
        (af.sql("daily", "SELECT 1 AS n", format="json"), "format='json' is not one of parquet, arrow"),
        (af.sql("Sales", "SELECT 1 AS n"), "differs only by case"),
        (af.sql("daily", "SELECT 1", tag=["x"]), "tag= is no option of af.sql"),
    ],
)
def test_what_is_wrong_is_told(declared, message):
    assert message in "\n".join(problem.message for problem in problems(declared, SALES))


def test_a_file_in_from_is_told_to_be_declared():
    (problem,) = problems(af.sql("daily", "SELECT day FROM 'x.parquet'"), SALES)

    assert "af.source" in (problem.hint or "")


def test_an_effect_cannot_be_read():
    @af.asset
    def mail() -> None:
        pass

    assert "an effect, which has no data" in problems(af.sql("daily", "SELECT 1 FROM mail"), mail)[0].message
