from __future__ import annotations

import inspect
from pathlib import Path
from typing import Annotated

import pandas as pd
import pytest
from pydantic import BaseModel

import assetflow as af
from assetflow.checks.builtin import not_null, relationships
from assetflow.declare.asset import asset
from assetflow.declare.check import check
from assetflow.declare.collect import collect
from assetflow.declare.inputs import Input
from assetflow.declare.resource import Resource
from assetflow.declare.source import source
from assetflow.errors import DeclarationError

HERE = Path(__file__)


def make(key: str, *inputs: str, **options):
    """Return an asset with a parameter for each of ``inputs``."""
    names = {f"p{number}": name for number, name in enumerate(inputs)}
    function = eval(f"lambda {', '.join(names)}: 1")
    return asset(key, inputs=names, **options)(function)


def problems_of(*declarations, root: Path | None = None):
    with pytest.raises(DeclarationError) as raised:
        collect(declarations, root=root)
    return raised.value.problems


def told(*declarations) -> list[str]:
    return [problem.message for problem in problems_of(*declarations)]


def hint(*declarations) -> str:
    (problem,) = problems_of(*declarations)
    return problem.hint


# --- what comes out


def test_specs_come_with_their_checks_and_resources_by_name_each_in_order_of_name():
    zoo, raw = make("zoo", "raw", checks=[not_null("a")]), source("raw", "raw.csv")
    db, other = Resource("db", dict), Resource("another", dict)

    @check(zoo)
    def fine(zoo) -> bool:
        return True

    declared = collect([zoo, fine, db, raw, other])
    assert list(declared.specs) == ["raw", "zoo"]
    assert [item.name for item in declared.specs["zoo"].checks] == ["not_null(a)", "fine"]
    assert list(declared.resources.items()) == [("another", other), ("db", db)]
    assert collect([raw, other, db, fine, zoo]) == declared


def test_what_is_given_twice_counts_once():
    raw = source("raw", "raw.csv")
    assert list(collect([raw, raw]).specs) == ["raw"]


def test_a_pydantic_annotation_is_an_input_where_an_asset_has_the_name_and_else_a_config():
    class Model(BaseModel):
        a: int = 1

    @asset
    def settings() -> Model:
        return Model()

    @asset
    def made(settings: Model, config: Model) -> int:
        return 1

    spec = collect([settings, made]).specs["made"]
    assert ([item.key for item in spec.inputs], spec.config_parameter) == (["settings"], "config")


def test_a_resource_defined_in_an_annotation_needs_no_other_definition():
    db = Resource("db", dict)

    @asset
    def one(connection: Annotated[object, db]) -> int:
        return 1

    @asset
    def two(connection: Annotated[object, Resource("db")]) -> int:
        return 1

    assert collect([one, two]).resources == {"db": db}


def test_places_and_paths_are_told_relative_to_the_project():
    line = inspect.currentframe().f_lineno + 1
    raw = source("raw", "raw.csv")
    spec = collect([raw], root=HERE.parent).specs["raw"]
    assert (spec.path, spec.where) == (HERE.name, f"{HERE.name}:{line}")
    wrong = source("raw", "raw.csv", format="?")
    assert problems_of(wrong, root=HERE.parent)[0].where == wrong.place.text(HERE.parent)
    assert collect([raw], root=Path("/elsewhere")).specs["raw"].path == str(HERE)


# --- problems


def test_all_problems_are_told_at_once_in_order_of_file_and_line():
    first = source("two words", "raw.csv", tags=3)
    second = source("raw", "", format="x")
    declarations = (second, make("a", "raw", "rwa"), first)
    found = problems_of(*declarations)
    assert len(found) == 5
    lines = [
        int(problem.where.rpartition(":")[2]) for problem in found if problem.where.startswith(str(HERE))
    ]
    assert lines == sorted(lines)
    with pytest.raises(DeclarationError, match="5 problems in the project's declarations"):
        collect(declarations)


def test_a_misspelt_option_is_told_with_all_other_problems():
    @asset(chekcs=[], colour="red", tags=3)
    def sales() -> int:
        return 1

    found = problems_of(sales, make("a", "sals"))
    assert [problem.message for problem in found[:3]] == [
        "asset 'sales': chekcs= is no option of @asset",
        "asset 'sales': colour= is no option of @asset",
        "asset 'sales': tags= is 3, which is not a list",
    ]
    assert found[0].hint == "did you mean 'checks'?"
    assert found[0].where == sales.declared.place.text()
    assert "its options: checks, deps, description, executor" in found[1].hint
    assert len(found) == 4


def test_an_unknown_input_is_told_with_the_nearest_names():
    orders = source("orders", "orders.csv")

    @asset
    def sales(ordres: pd.DataFrame):
        return ordres

    assert told(orders, sales) == ["asset 'sales': parameter 'ordres' has no meaning: no asset has this key"]
    assert hint(orders, sales) == "did you mean 'orders'?"
    assert told(orders, make("a", "odrers")) == [
        "asset 'a': parameter 'p0' reads 'odrers', and no asset has this key"
    ]
    assert told(orders, make("a", deps=["odrers"])) == [
        "asset 'a': deps= names 'odrers', and no asset has this key"
    ]


def test_a_parameter_with_a_plain_value_says_where_such_values_belong():
    @asset
    def sales(threshold: float = 0.5):
        return threshold

    assert "config" in hint(sales)


def test_two_assets_of_one_key_are_told_with_both_places():
    one = source("raw", "one.csv")
    two = source("raw", "two.csv")
    (problem,) = problems_of(one, two)
    assert problem.where != one.place.text()
    assert one.place.text() in problem.message


def test_two_assets_of_one_key_hide_no_other_problem():
    one, two = make("a", "b"), make("a", "c")
    found = told(one, two, make("b", "a"), make("c"))
    assert len(found) == 2
    assert "cycle: a -> b -> a" in found
    assert len(told(make("a", "nowhere"), make("a"))) == 2


def test_keys_that_differ_only_by_case_are_told():
    assert "differs only by case from 'raw'" in told(source("raw", "a"), source("RAW", "b"))[0]


def test_cycles_are_told_in_the_direction_of_the_data_from_their_least_key():
    assert told(make("b", "a"), make("a", "c"), make("c", "b"), make("d", "c")) == ["cycle: a -> b -> c -> a"]
    assert told(make("b", "a"), make("a", deps=["b"])) == ["cycle: a -> b -> a"]


def test_cycles_without_a_common_asset_are_all_told():
    found = told(make("a", "b"), make("b", "a"), make("x", "y"), make("y", "x"))
    assert sorted(found) == ["cycle: a -> b -> a", "cycle: x -> y -> x"]


def test_reading_an_effect_is_told():
    @asset
    def mail() -> None: ...

    @asset
    def after(mail):
        return mail

    @asset
    def other() -> int:
        return 1

    @check(other)
    def fine(other, mail) -> bool:
        return True

    found = told(mail, after, other, fine)
    assert found == [
        "asset 'after': parameter 'mail' reads 'mail', an effect, which has no data",
        "check 'fine' of 'other': parameter 'mail' reads 'mail', an effect, which has no data",
    ]
    collect([mail, make("waits", deps=[mail])])


def test_resources_must_be_defined_once():
    @asset
    def made(connection: Annotated[object, Resource("warehuose")]) -> int:
        return 1

    db, again = Resource("warehouse", dict), Resource("warehouse", list)
    assert "asks for the resource 'warehuose', which is not defined" in told(db, made)[0]
    assert hint(db, made) == "did you mean 'warehouse'?"
    assert "its name is taken by the one at" in told(db, again)[0]
    assert told(Resource("db", 3)) == ["resource 'db': open= is not a function"]


def test_a_check_of_an_asset_that_is_not_there_is_told():
    sales = source("sales", "sales.csv")

    @check("sale")
    def fine(frame) -> bool:
        return True

    assert told(sales, fine) == ["check 'fine': it judges 'sale', and no asset has this key"]
    assert hint(sales, fine) == "did you mean 'sales'?"


def test_a_check_that_reads_an_asset_that_is_not_there_is_told():
    (message,) = told(source("a", "a.csv", checks=[relationships("id", "bb", "id")]))
    assert "no asset has this key" in message
    assert "'bb'" in message


def test_checks_of_an_asset_have_different_names():
    sales = source("sales", "sales.csv")

    def fine(sales) -> bool:
        return True

    assert "this name is taken by the check at" in told(sales, check(sales)(fine), check(sales)(fine))[0]


def test_a_check_of_an_effect_is_told():
    @asset
    def mail() -> None: ...

    @check(mail)
    def fine(mail) -> bool:
        return True

    assert told(mail, fine) == ["check 'fine': 'mail' is an effect, which has no data to judge"]


def test_a_check_that_reads_what_is_made_from_its_asset_is_told():
    a, b, c = source("a", "a.csv"), make("b", "a"), make("c", "b")

    @check(a)
    def fine(a, c) -> bool:
        return True

    assert told(a, b, c, fine) == ["check 'fine' of 'a' reads 'c', which is made from 'a'"]
    assert hint(a, b, c, fine) == "attach it to the descendant, 'c'"
    unrelated = source("unrelated", "u.csv")

    @check(c)
    def above(c, a, unrelated) -> bool:
        return True

    collect([a, b, c, unrelated, above])


def test_a_check_that_reads_its_own_asset_a_second_time_is_told():
    @check("a")
    def fine(a, again: Annotated[pd.DataFrame, Input("a")]) -> bool:
        return True

    assert "reads 'a', the asset that it judges, a second time" in told(source("a", "a.csv"), fine)[0]


def test_checks_that_wait_for_each_other_are_told():
    a, b = source("a", "a.csv"), source("b", "b.csv")

    @check(a)
    def one(a, b) -> bool:
        return True

    @check(b)
    def two(b, a) -> bool:
        return True

    assert told(a, b, one, two) == ["cycle, by what checks read: a -> b -> a"]


def test_what_is_no_declaration_is_told():
    def plain(a):
        return a

    assert told(plain, 3) == ["3 is no declaration", "the function 'plain' is no declaration"]


# --- partitions


def test_a_list_of_keys_is_not_yet_a_scheme():
    assert hint(make("a", partitions=["de", "fr"])) == "did you mean af.static(['de', 'fr'])?"


def test_what_could_be_read_is_written_as_it_is_declared():
    cells = af.grid(day=af.daily("2026-11-01"), region=af.static(["de"]))
    up, down = make("up", partitions=cells), make("down", "up", partitions=af.monthly("2026-11"))
    assert "one of af.dimension(day=af.covering()), af.dimension(day=af.last())" in hint(up, down)
