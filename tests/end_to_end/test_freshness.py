"""What is late, by the policies that assets declare and settings change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from shops import Shop

import assetflow as af

MODULE = """import assetflow as af

orders = af.source("orders", "orders.csv", fresh_within="2d")

@af.asset(fresh_within="1d")
def total(orders) -> int:
    return orders.num_rows

@af.asset
def report(total: int) -> int:
    return total
"""


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path)
    shop.write("assetflow.toml", 'name = "shop"\nmodules = ["shop"]\n')
    shop.write("shop.py", MODULE)
    shop.write("orders.csv", "n\n1\n")
    return shop


@pytest.fixture
def project(tmp_path: Path) -> af.Project:
    (tmp_path / "orders.csv").write_text("n\n1\n")
    orders = af.source("orders", tmp_path / "orders.csv", fresh_within=timedelta(days=2))
    total = af.sql("total", "SELECT count(*) AS n FROM orders", fresh_within="1d")
    report = af.sql("report", "SELECT n FROM total")
    return af.Project(assets=[orders, total, report], store="memory://")


def late(project: af.Project, after: timedelta) -> set[str]:
    return {row.key for row in project.status(now=datetime.now(UTC) + after) if row.late_since is not None}


def test_an_asset_is_late_when_its_newest_data_are_older_than_allowed(project: af.Project) -> None:
    assert late(project, timedelta(days=30)) == set()  # what was never made is missing, not late
    project.materialize().raise_for_failure()

    assert late(project, timedelta(hours=23)) == set()
    assert late(project, timedelta(hours=25)) == {"total"}
    assert late(project, timedelta(hours=49)) == {"orders", "total"}
    rows = {row.key: row for row in project.status(now=datetime.now(UTC) + timedelta(hours=25))}
    made = datetime.fromisoformat(project.current("total").time)
    assert datetime.fromisoformat(rows["total"].late_since or "") == made + timedelta(days=1)
    assert rows["report"].fresh_within is None
    assert (rows["total"].late_since or "").endswith("Z")  # as every time is written


def test_the_same_data_made_again_count_as_new(project: af.Project) -> None:
    project.materialize()
    before = project.current("total")
    project.materialize("total", force=True)

    assert before.version == project.current("total").version
    rows = {row.key: row for row in project.status(now=datetime.now(UTC) + timedelta(days=2))}
    row = rows["total"]
    assert datetime.fromisoformat(row.late_since or "") > datetime.fromisoformat(before.time) + timedelta(
        days=1
    )


def test_what_is_late_is_shown_and_fails_where_that_is_asked_for(shop: Shop) -> None:
    shop.materialize()
    assert shop.run("status", "--fail-late").code == 0

    shop.write("assetflow.toml", 'name = "shop"\nmodules = ["shop"]\n[assets.total]\nfresh_within = "1ms"\n')
    said = shop.run("status", "--fail-late")
    assert said.code == 1
    assert "late since just now: its data are to be no older than 1 ms" in said.out
    assert "3 fresh in dev, 1 of them late" in said.out
    assert shop.run("status").code == 0
    assert shop.run("status", "--fail-late", "-s", "report").code == 0
    rows = shop.run("status", "--json").json["assets"]
    assert [row["key"] for row in rows if row["late_since"]] == ["total"]


@pytest.mark.parametrize(
    ("value", "hint"),
    [('"1 day"', "did you mean '1d'?"), ("0", "nothing is ever as new"), ('"soon"', "write")],
)
def test_a_policy_that_makes_no_sense_is_refused_with_the_nearest(shop: Shop, value: str, hint: str) -> None:
    shop.edit("shop.py", '"1d"', value)
    said = shop.run("status")

    assert said.code == 2
    assert "asset 'total': fresh_within" in said.err
    assert hint in said.err
