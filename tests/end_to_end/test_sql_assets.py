"""SQL assets as a team has them: files beside the modules, through the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from shops import Shop

MODULE = """import assetflow as af

orders = af.source("orders", "orders.csv", identity="content")
totals = af.sql("totals", "SELECT day, sum(amount) AS total FROM orders GROUP BY day", checks=[af.not_null("day")])
"""
BEST = "-- The best day.\nSELECT * FROM totals ORDER BY total DESC LIMIT 1\n"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path)
    shop.write("assetflow.toml", 'name = "shop"\nmodules = ["shop"]\n')
    shop.write("shop/__init__.py", MODULE)
    shop.write("shop/best/day.sql", BEST)
    shop.write("shop/best/_draft.sql", "SELEC")
    shop.write("orders.csv", "id,day,amount,note\n1,mon,2.5,a\n2,tue,4.0,b\n3,mon,0.5,c\n")
    return shop


def test_a_column_that_no_query_reads_makes_nothing_stale(shop: Shop) -> None:
    assert shop.materialize().states == {"orders": "built", "totals": "built", "best/day": "built"}
    assert shop.run("get", "best/day", check=True).out == "day,total\ntue,4.0\n"

    shop.edit("orders.csv", ",a\n", ",another\n")
    assert shop.materialize().states == {"orders": "built", "totals": "fresh", "best/day": "fresh"}

    shop.edit("orders.csv", "tue,4.0", "wed,4.0")
    said = shop.materialize()
    assert said.states == {"orders": "built", "totals": "built", "best/day": "built"}
    assert said.json["items"][1]["reasons"] == ["orders changed in column day"]


def test_a_comment_and_layout_change_nothing_and_an_edit_is_shown(shop: Shop) -> None:
    shop.materialize()
    shop.write(
        "shop/best/day.sql",
        "-- Of all days,\n-- the best.\nselect *\nfrom totals\norder by total DESC limit 1;\n",
    )
    assert set(shop.materialize().states.values()) == {"fresh"}

    shop.edit("shop/best/day.sql", "limit 1", "limit 2")
    shop.edit("shop/__init__.py", "sum(amount)", "max(amount)")
    best = shop.run("explain", "best/day", check=True).out
    totals = shop.run("explain", "totals", check=True).out
    assert "code changed (its query)" in best
    assert "+order by total DESC limit 2;" in best
    assert "-SELECT day, sum(amount) AS total FROM orders GROUP BY day" in totals


def test_show_tells_which_columns_are_read_and_from_which_each_comes(shop: Shop) -> None:
    shop.materialize()
    said = shop.run("show", "totals", check=True).out
    record = shop.run("show", "totals", "--json", check=True).json

    assert "from orders.amount" in said
    assert record["inputs"][0]["columns"] == ["day", "amount"]
    assert record["current"]["lineage"] == {"day": [["orders", "day"]], "total": [["orders", "amount"]]}
    assert shop.run("show", "best/day", "--json").json["description"] == "The best day."
    assert "from orders.amount" in shop.run("show", "totals@HEAD", check=True).out
    assert shop.run("plan", "-s", "kind:sql", "--json").states.keys() == {"orders", "totals", "best/day"}


def test_all_that_is_wrong_is_told_at_once(shop: Shop) -> None:
    shop.write("shop/a.sql", "SELECT day\nFROM ordres\n")
    shop.write("shop/totals.sql", "SELECT now() AS n")
    said = shop.run("plan")

    assert said.code == 2
    assert "shop/a.sql:2:6: asset 'a': it reads 'ordres', and no asset has this key" in said.err
    assert "did you mean 'orders'?" in said.err
    assert "shop/totals.sql:1:8: asset 'totals': now() asks for the time" in said.err
    assert "asset 'totals': its key is taken by" in said.err


def test_a_query_that_fails_tells_the_place_and_fails_alone(shop: Shop) -> None:
    shop.edit("shop/best/day.sql", "ORDER BY total", "ORDER BY totl")
    said = shop.materialize()

    assert said.states == {"orders": "built", "totals": "built", "best/day": "failed"}
    assert 'Referenced column "totl" not found' in said.json["items"][2]["message"]
