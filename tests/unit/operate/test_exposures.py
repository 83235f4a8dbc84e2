"""Which exposures a change reaches, and where they are shown."""

from __future__ import annotations

import pytest
from cells import declared_in
from console import said_in
from shops import Shop, small_shop

import assetflow as af
from assetflow.operate.exposures import exposures_of

CELL = """
@af.asset
def a() -> int:
    return 1

@af.asset
def b(a: int) -> int:
    return a

@af.asset
def c() -> int:
    return 1

one = af.exposure("one", uses=[b])
two = af.exposure("two", uses=[c, a])
"""


def test_an_exposure_is_reached_by_what_it_uses_and_by_all_above() -> None:
    workspace = af.Project(declared_in(CELL, af=af))._workspace

    def reached(*keys: str) -> list[str]:
        return [exposure.name for exposure in exposures_of(workspace, keys)]

    assert reached("a") == ["one", "two"]
    assert reached("b") == ["one"]
    assert reached("c", "gone") == ["two"]
    assert reached() == []


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    shop = small_shop(tmp_path_factory.mktemp("exposed"))
    declared = 'board = af.exposure("board", uses=[total], owner="ann", url="https://bi/1")\n'
    shop.write("small/reports.py", f"import assetflow as af\nfrom small.assets import total\n\n{declared}")
    return shop


def test_exposures_are_the_last_ends_of_lineage(shop: Shop) -> None:
    assert said_in(shop.root, "lineage", "orders").out == (
        "┌─ orders_file  source\norders\n└─ total\n   ├─ doubled\n   └─ board  exposure\n"
    )
    edges = said_in(shop.root, "lineage", "doubled", "--json").json["edges"]
    assert not any("board" in edge[1] for edge in edges)


def test_list_names_the_exposures_of_a_selection(shop: Shop) -> None:
    out = said_in(shop.root, "list", "--exposures", "orders").out
    assert " ".join(out.splitlines()[1].split()) == "board total ann https://bi/1"
    assert said_in(shop.root, "list", "--exposures", "apart", "--json").json == {"exposures": []}
    assert said_in(shop.root, "list", "--exposures", "--recorded").code == 2


def test_show_names_who_uses_an_asset(shop: Shop) -> None:
    assert "board (ann, https://bi/1)" in said_in(shop.root, "show", "orders").out
    assert said_in(shop.root, "show", "orders", "--json").json["exposures"][0]["uses"] == ["total"]
    assert "used by" not in said_in(shop.root, "show", "apart").out
