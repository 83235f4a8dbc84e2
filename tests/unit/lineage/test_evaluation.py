from __future__ import annotations

import pytest

from assetflow.errors import SelectionError
from assetflow.lineage.evaluation import select
from assetflow.lineage.graph import Graph
from assetflow.lineage.parser import parse
from assetflow.lineage.traits import Traits
from assetflow.model.states import RunState

GRAPH = Graph(
    {
        "raw": [],
        "rates": [],
        "purchases": ["raw"],
        "sales": ["purchases", "rates"],
        "customers": ["sales"],
        "monthly": ["sales"],
        "retail/report": ["monthly", "customers"],
        "and": [],
    }
)
TRAITS = {
    "raw": Traits(kind="source", path="shop/sources.py"),
    "rates": Traits(kind="source", path="shop/sources.py", tags=("daily",)),
    "purchases": Traits(path="shop/clean/purchases.py", group="retail"),
    "sales": Traits(path="shop/clean/sales.py", group="retail", tags=("daily", "core"), owner="ann@acme.com"),
    "customers": Traits(path="shop/customers.py", owner="bob@acme.com", checks=("unique_id", "not_null_id")),
    "monthly": Traits(path="shop/monthly.py", tags=("two words",), checks=("row_count",)),
    "retail/report": Traits(path="reports.py", kind="effect"),
    "and": Traits(path="shop/odd.py"),
}


class Answers:
    """An oracle that gives prepared answers and remembers the questions."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []

    def in_state(self, state):
        self.asked.append(("state", state))
        return {"stale": ["sales", "monthly"], "fresh": ["raw"]}.get(state, [])

    def with_result(self, result, run):
        self.asked.append(("result", result, run))
        return ["sales", "an asset of long ago"]

    def changed_since(self, ref):
        self.asked.append(("changed", ref))
        return ["monthly"]


def selected(text, exclude=None):
    return set(select(text, GRAPH, TRAITS, Answers(), exclude=exclude))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sales", "sales"),
        ("sales+", "sales customers monthly retail/report"),
        ("+sales", "raw rates purchases sales"),
        ("1+sales+1", "rates purchases sales customers monthly"),
        ("2+sales+1", "raw rates purchases sales customers monthly"),
        ("@monthly", "raw rates purchases sales customers monthly retail/report"),
        ("@retail/report", "raw rates purchases sales customers monthly retail/report"),
        ('@"and"', '"and"'),
        ("sales monthly", "sales monthly"),
        ("sales+,+monthly", "sales monthly"),
        ("raw+ and +monthly", "raw purchases sales monthly"),
        ("(sales+ and not monthly) or raw", "sales customers retail/report raw"),
        ("not (raw+ or rates+)", '"and"'),
        ("ra*", "raw rates"),
        ("r?w", "raw"),
        ("[a-c]*", '"and" customers'),
        ("retail/*", "retail/report"),
        ("*", 'raw rates purchases sales customers monthly retail/report "and"'),
        ("tag:daily", "rates sales"),
        ("tag:d*", "rates sales"),
        ("tag:daily,group:retail", "sales"),
        ('tag:"two words"', "monthly"),
        ("owner:ann@acme.com", "sales"),
        ("owner:*@acme.com", "sales customers"),
        ("kind:source", "raw rates"),
        ("kind:effect", "retail/report"),
        ("path:shop/*", 'raw rates purchases sales customers monthly "and"'),
        ("path:shop/clean", "purchases sales"),
        ("path:shop/clean/", "purchases sales"),
        ("path:./shop/clean/sales.py", "sales"),
        ("path:*/sales.py", "sales"),
        ("path:reports.py", "retail/report"),
        ("check:unique_id", "customers"),
        ("check:*", "customers monthly"),
        ("+tag:core+1", "raw rates purchases sales customers monthly"),
        ("(customers monthly)+", "customers monthly retail/report"),
        ("roots(sales+)", "sales"),
        ("roots(raw monthly customers)", "raw"),
        ("sinks(+monthly)", "monthly"),
        ("sinks(*)", 'retail/report "and"'),
        ("state:stale", "sales monthly"),
        ("state:stale+", "sales customers monthly retail/report"),
        ("not state:stale and state:fresh", "raw"),
        ("result:error", "sales"),
        ("changed:git", "monthly"),
        ("changed:git+", "monthly retail/report"),
        ("monthly or tag:nothing_has_this", "monthly"),
    ],
)
def test_a_selection_selects(text, expected):
    assert selected(text) == selected(expected)
    assert selected(text) == selected(str(parse(text)))


def test_a_quoted_word_of_the_language_is_a_key():
    assert selected('"and"') == {"and"}


def test_excluded_assets_are_left_out():
    assert selected("sales+", exclude="monthly+") == {"sales", "customers"}


def test_an_exclusion_that_hits_nothing_excludes_nothing():
    assert selected("sales", exclude="tag:nothing_has_this") == {"sales"}


def test_the_oracle_is_not_asked_without_need():
    oracle = Answers()

    select("+sales+ and not tag:x, path:*", GRAPH, TRAITS, oracle, exclude="kind:source")

    assert oracle.asked == []


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("state:stale", ("state", "stale")),
        ("result:error", ("result", RunState.FAILED, None)),
        ("result:failed@run-7", ("result", RunState.FAILED, "run-7")),
        ("result:built", ("result", RunState.BUILT, None)),
        ("changed:git", ("changed", None)),
        ("changed:git:origin/main", ("changed", "origin/main")),
    ],
)
def test_the_oracle_is_asked_what_the_selection_says(text, question):
    oracle = Answers()

    select(text, GRAPH, TRAITS, oracle)

    assert oracle.asked == [question]


@pytest.mark.parametrize(
    ("text", "position", "hint"),
    [
        ("raw salse+", 4, "did you mean 'sales'"),
        ("raw and not custmers", 12, "did you mean 'customers'"),
        ("retail", 0, "did you mean 'retail/*'"),
        ("Sales", 0, "did you mean 'sales'"),
        ("raw OR rates", 4, "the word is written 'or'"),
        ("zzzzzz", 0, "there are and, customers, monthly, purchases, rates and 3 more"),
    ],
)
def test_an_unknown_key_is_told_with_its_place_and_the_nearest(text, position, hint):
    with pytest.raises(SelectionError, match="there is no asset") as raised:
        selected(text)

    assert raised.value.position == position
    assert (raised.value.hint or "").removesuffix("?").startswith(hint)


def test_an_unknown_key_in_the_exclusion_is_told():
    with pytest.raises(SelectionError, match="there is no asset 'salse'"):
        selected("sales", exclude="salse")


@pytest.mark.parametrize(
    ("text", "says", "hint"),
    [
        ("tag:dialy", "no asset has tag:dialy", "did you mean 'daily'?"),
        ("sales and tag:dialy", "no asset has tag:dialy", "did you mean 'daily'?"),
        ("group:retial", "no asset has group:retial", "did you mean 'retail'?"),
        ("check:row_counts", "no asset has check:row_counts", "did you mean 'row_count'?"),
        ("path:shop/monthley.py", "no asset has path:shop/monthley.py", "did you mean 'shop/monthly.py'"),
        ("roots(zz*)", "no asset's key matches 'zz\\*'", None),
        ("state:held", "no asset has state:held", None),
        ("raw and monthly", "the selection selects nothing", None),
    ],
)
def test_selecting_nothing_is_an_error(text, says, hint):
    with pytest.raises(SelectionError, match=says) as raised:
        selected(text)

    assert hint is None or (raised.value.hint or "").startswith(hint)


def test_excluding_all_that_is_selected_is_an_error():
    with pytest.raises(SelectionError, match="'sales' without 'sales\\+' selects nothing") as raised:
        selected("sales", exclude="sales+")

    assert raised.value.hint == "all that is selected is excluded: sales"


def test_every_asset_can_be_excluded_by_a_kind_that_none_has_yet():
    assert len(selected("not kind:sql")) == len(GRAPH)
