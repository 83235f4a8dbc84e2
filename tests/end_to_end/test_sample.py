"""The sample, on the real purchases: the figures that it must show, and what a careful user would try on it."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest
from shops import Shop, sample_shop

DATA = "data/CDNOW_master.txt.gz"


@pytest.fixture(scope="module")
def materialized(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    shop = sample_shop(tmp_path_factory.mktemp("sample"))
    said = shop.materialize()
    assert said.code == 0, said
    return shop


@pytest.fixture
def shop(materialized: Shop, tmp_path: Path) -> Shop:
    shutil.copytree(materialized.root, tmp_path / "sample")
    return Shop(tmp_path / "sample")


def rewrite(shop: Shop, old: bytes, new: bytes) -> None:
    """Replace a line of the purchases."""
    file = shop.root / DATA
    lines = gzip.decompress(file.read_bytes())
    assert lines.count(old) == 1
    file.write_bytes(gzip.compress(lines.replace(old, new)))


def test_the_figures_are_those_of_the_file(materialized: Shop) -> None:
    said = materialized.run(
        "sql",
        "--json",
        "select count(*) as months, sum(revenue)::varchar as total, sum(purchases)::bigint as purchases,"
        " min_by(revenue, month)::varchar as january from monthly_revenue",
        check=True,
    )
    (row,) = said.json["rows"]
    assert row == {"months": 18, "total": "2500315.63", "purchases": 69659, "january": "299060.17"}


def test_a_second_run_is_fresh(materialized: Shop) -> None:
    said = materialized.materialize()
    assert said.code == 0
    assert set(said.states.values()) == {"fresh"}


def test_a_helper_two_calls_deep_is_named_and_shown(shop: Shop) -> None:
    shop.edit("shop/text.py", 'str.to_date("%Y%m%d")', 'str.to_date("%Y%m%d", strict=True)')
    assert shop.run("plan", "--exit-code").code == 3
    explained = shop.run("explain", "sales").out
    assert "to_day" in explained
    assert "strict=True" in explained
    said = shop.materialize()
    assert said.states["sales"] == "built"
    assert [key for key, state in said.states.items() if state != "fresh"] == ["sales"]


def test_a_changed_month_rebuilds_what_it_changes(shop: Shop) -> None:
    rewrite(shop, b" 00001 19970101  1   11.77\r\n", b" 00001 19970101  1   12.77\r\n")
    said = shop.materialize()
    assert said.code == 0, said
    built = {key for key, state in said.states.items() if state == "built"}
    assert built == {
        "cdnow_file",
        "purchases",
        "sales",
        "customers",
        "monthly_revenue",
        "rfm_segments",
        "revenue_chart",
    }
    assert said.states["cohort_retention"] == "fresh"
    assert said.states["repeat_rate"] == "fresh"


def test_a_new_column_runs_nothing_that_declares_others(shop: Shop) -> None:
    shop.edit("shop/cleaning.py", "is_free=pl.col", 'is_big=pl.col("cds") > 9, is_free=pl.col')
    said = shop.materialize()
    assert said.code == 0, said
    assert [key for key, state in said.states.items() if state != "fresh"] == ["sales"]


def test_a_negative_amount_is_stopped_and_the_good_version_stays(shop: Shop) -> None:
    rewrite(shop, b" 00001 19970101  1   11.77\r\n", b" 00001 19970101  1  -11.77\r\n")
    said = shop.materialize()
    assert said.code == 1
    assert said.states["sales"] == "rejected"
    assert said.states["monthly_revenue"] == "skipped"
    kept = shop.run("sql", "--json", "select min(amount)::varchar as least from sales", check=True)
    assert kept.json["rows"] == [{"least": "0.00"}]
    assert shop.materialize().states["sales"] == "rejected"
