"""Lineage of versions, both ways, from the records alone."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest
from cells import declared_in
from console import said_in
from shops import Shop, small_shop

import assetflow as af
from assetflow.ledger.session import Session

CELL = """
@af.asset
def a() -> int:
    return 1

@af.asset
def b(a: int) -> int:
    return a + 1

@af.asset
def c(a: int, b: int) -> int:
    return a + b
"""


def made_project(text: str = CELL) -> af.Project:
    project = af.Project(declared_in(text, af=af))
    project.materialize().raise_for_failure()
    return project


def test_each_layer_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    project = made_project()
    asked: list[int] = []
    steps_above = Session.steps_above

    def counted(session: Session, versions: Collection[str]) -> object:
        asked.append(len(versions))
        return steps_above(session, versions)

    monkeypatch.setattr(Session, "steps_above", counted)
    nodes = project.provenance("c", downstream=False).nodes
    assert [node.key for node in nodes] == ["c", "a", "b"]
    assert asked == [
        1,
        2,
        3,
    ]  # layer by layer: b reads nothing that is new; and at last what all were made from


def test_a_version_knows_what_was_made_from_it_to_any_depth() -> None:
    project = made_project()
    around = project.provenance("a")
    assert [node.key for node in around.nodes] == ["a"]
    assert {node.key for node in around.downstream} == {"b", "c"}
    assert all(node.published == ("dev",) for node in around.downstream)


def test_depth_and_direction_bound_what_is_told_and_the_rest_is_counted() -> None:
    project = made_project(CELL + "\n@af.asset\ndef d(c: int) -> int:\n    return c\n")
    near = project.provenance("a", depth=1)
    assert ({node.key for node in near.downstream}, near.more_downstream) == ({"b", "c"}, 1)
    one_way = project.provenance("b", upstream=False)
    assert not one_way.upstream
    assert [node.key for node in one_way.nodes] == ["b"]
    assert [node.key for node in one_way.downstream] == ["c", "d"]
    none = project.provenance("c", depth=0)
    assert (len(none.nodes), none.downstream, none.more_upstream, none.more_downstream) == (1, (), 2, 1)
    with pytest.raises(af.UsageError, match="depth=-1"):
        project.provenance("c", depth=-1)


def test_depth_and_direction_bound_the_lineage_of_names_too() -> None:
    project = af.Project(
        declared_in(CELL + "\nx = af.exposure('x', uses=['c'])\ny = af.exposure('y', uses=['a'])\n", af=af)
    )
    assert set(project.lineage("a", depth=1).kinds) == {"a", "b", "c", "exposure:y"}
    assert set(project.lineage("a", depth=2).kinds) == {"a", "b", "c", "exposure:x", "exposure:y"}
    assert set(project.lineage("b", downstream=False).kinds) == {"a", "b"}
    assert set(project.lineage("b", upstream=False).kinds) == {"b", "c", "exposure:x"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Two runs: of the second, all but the source is new."""
    shop = small_shop(tmp_path_factory.mktemp("lineage"))
    assert said_in(shop.root, "materialize").code == 0
    shop.edit("small/assets.py", "return pc.sum(orders", "return 1 + pc.sum(orders")
    assert said_in(shop.root, "materialize").code == 0
    return shop


def names(lines: str) -> list[str]:
    return [line.strip("┌├└│─ ").partition("@")[0] for line in lines.splitlines()]


def test_the_lineage_of_a_version_stands_above_and_below_it(shop: Shop) -> None:
    out = said_in(shop.root, "lineage", "orders@HEAD").out
    assert names(out) == ["orders_file", "orders", "total", "doubled", "total", "doubled"]
    assert out.count("published in dev") == 4
    assert names(said_in(shop.root, "lineage", "orders@HEAD", "--upstream").out) == ["orders_file", "orders"]
    near = said_in(shop.root, "lineage", "orders_file@HEAD", "--downstream", "--depth", "1").out
    assert names(near)[:2] == ["orders_file", "orders"]
    assert near.splitlines()[-1] == "... and 2 versions one step further below: --depth says how far to look"


def test_the_lineage_of_a_version_needs_no_modules(shop: Shop, tmp_path: Path) -> None:
    document = said_in(shop.root, "lineage", "total@HEAD", "--json").json
    assert [node["key"] for node in document["nodes"]] == ["total", "orders", "orders_file"]
    assert [node["key"] for node in document["downstream"]] == ["doubled"]
    assert document["more"] == {"upstream": 0, "downstream": 0}
