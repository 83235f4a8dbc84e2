"""The main job through the real command line, on a small project whose files are edited as a person would."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from shops import Shop, small_shop


@pytest.fixture(scope="module")
def materialized(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    shop = small_shop(tmp_path_factory.mktemp("small"))
    said = shop.materialize()
    assert said.code == 0, said
    return shop


@pytest.fixture
def shop(materialized: Shop, tmp_path: Path) -> Shop:
    root = tmp_path / "small"
    shutil.copytree(materialized.root, root)
    return Shop(root)


def test_nothing_changed_runs_nothing_and_commits_nothing(shop: Shop) -> None:
    commits = shop.commits()
    said = shop.materialize()
    assert said.code == 0
    assert set(said.states.values()) == {"fresh"}
    assert shop.commits() == commits
    assert shop.run("plan", "--exit-code").code == 0


def test_a_helpers_edit_is_planned_explained_and_undone_for_nothing(shop: Shop) -> None:
    shop.edit("small/text.py", "<{value}>", "[{value}]")
    assert shop.run("plan", "--exit-code").code == 3
    explained = shop.run("explain", "orders").out
    assert "label" in explained
    assert "[{value}]" in explained
    assert "<{value}>" in explained
    shop.edit("small/text.py", "[{value}]", "<{value}>")
    assert shop.run("plan", "--exit-code").code == 0
    assert set(shop.materialize().states.values()) == {"fresh"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def label(value):\n", "def label(value):\n    # a comment\n"),
        ("def label(value):\n", 'def label(value):\n    """Put it in brackets."""\n'),
        ("def label(value):\n    return", "\n\ndef label( value ):\n    return"),
    ],
)
def test_comments_docstrings_and_formatting_change_nothing(shop: Shop, old: str, new: str) -> None:
    shop.edit("small/text.py", old, new)
    assert shop.run("plan", "--exit-code").code == 0


def test_a_rewrite_with_equal_rows_runs_itself_alone(shop: Shop) -> None:
    shop.edit("small/text.py", "return f'<{value}>'", "return '<' + str(value) + '>'")
    said = shop.materialize()
    assert said.json["counts"] == {"built": 1, "fresh": 4}
    assert said.states["orders"] == "built"


def test_a_column_that_nobody_below_reads_runs_nothing_below(shop: Shop) -> None:
    shop.edit("small/text.py", "<{value}>", "[{value}]")
    said = shop.materialize()
    assert {key for key, state in said.states.items() if state == "built"} == {"orders"}


def test_a_changed_source_rebuilds_what_it_changes(shop: Shop) -> None:
    shop.edit("data/orders.csv", "2026-01-02,20", "2026-01-02,25")
    said = shop.materialize()
    assert said.states == {
        "orders_file": "built",
        "orders": "built",
        "total": "built",
        "doubled": "built",
        "apart": "fresh",
    }


def test_bad_data_is_never_published_and_the_good_stays(shop: Shop) -> None:
    shop.edit("data/orders.csv", "2026-01-02,20", "2026-01-02,-20")
    shop.edit("small/assets.py", 'return "apart"', 'return "changed"')
    said = shop.materialize()
    assert said.code == 1
    assert said.states == {
        "orders_file": "built",
        "orders": "rejected",
        "total": "skipped",
        "doubled": "skipped",
        "apart": "built",
    }
    text = shop.run("materialize").out + shop.run("materialize").err
    assert "rejected" in text
    again = shop.materialize()
    assert again.code == 1
    assert again.states["orders"] == "rejected"
    assert "built" not in again.states.values()
    rows = shop.run("sql", "--json", "select amount from orders order by amount").out
    assert "-20" not in rows


def test_a_rejection_shows_the_failing_rows(shop: Shop) -> None:
    shop.edit("data/orders.csv", "2026-01-02,20", "2026-01-02,-20")
    said = shop.run("materialize")
    assert said.code == 1
    assert "-20" in said.out + said.err


def test_loosening_the_check_publishes_without_running(shop: Shop) -> None:
    shop.edit("data/orders.csv", "2026-01-02,20", "2026-01-02,-20")
    assert shop.materialize().code == 1
    shop.edit("small/assets.py", "min=0", "min=-100")
    said = shop.materialize()
    assert said.code == 0, said
    assert said.states == {
        "orders_file": "fresh",
        "orders": "checked",
        "total": "built",
        "doubled": "built",
        "apart": "fresh",
    }
    assert not shop.run("plan", "--exit-code").code


def test_mending_the_source_publishes_the_old_version_again(shop: Shop) -> None:
    before = shop.published()
    shop.edit("data/orders.csv", "2026-01-02,20", "2026-01-02,-20")
    assert shop.materialize().code == 1
    shop.edit("data/orders.csv", "2026-01-02,-20", "2026-01-02,20")
    said = shop.materialize()
    assert said.code == 0
    assert "built" not in said.states.values()
    assert shop.published() == before


def test_an_added_check_runs_alone(shop: Shop) -> None:
    shop.edit("small/assets.py", "checks=[af.range", "checks=[af.unique('id'), af.range")
    said = shop.materialize()
    assert said.code == 0
    assert said.states["orders"] == "checked"
    assert "built" not in said.states.values()


@pytest.mark.parametrize(
    ("selection", "keys"),
    [
        (["--select", "orders+"], {"orders", "total", "doubled"}),
        (["+total"], {"orders_file", "orders", "total"}),
        (["1+total+1"], {"orders", "total", "doubled"}),
        (["@orders"], {"orders_file", "orders", "total", "doubled"}),
        (["tag:daily,group:retail"], {"orders"}),
        (["(orders+ and not total) or tag:daily"], {"orders", "doubled"}),
        (["orders+", "--exclude", "doubled"], {"orders", "total"}),
        (["total", "apart"], {"total", "apart"}),
    ],
)
def test_selections(shop: Shop, selection: list[str], keys: set[str]) -> None:
    said = shop.run("plan", "--json", *selection)
    assert said.code == 0, said
    assert set(said.states) - {"orders_file"} == keys - {"orders_file"}


def test_a_source_that_is_read_directly_is_observed_and_counted_though_not_selected(shop: Shop) -> None:
    shop.edit("data/orders.csv", "02,20", "02,21")
    selection = ["orders", "--exclude", "orders_file"]
    planned = shop.run("plan", "--json", *selection).json["counts"]
    run = shop.materialize(*selection).json["counts"]
    again = shop.materialize(*selection).json["counts"]
    assert (planned, run, again) == ({"build": 1, "maybe": 1}, {"built": 2}, {"fresh": 2})


def test_a_typo_exits_2_and_names_the_nearest_key(shop: Shop) -> None:
    said = shop.run("materialize", "--select", "ordres+")
    assert said.code == 2
    assert "'orders'" in said.err or "orders" in said.err


def test_an_unselected_input_without_version_is_skipped_with_the_way_on(tmp_path: Path) -> None:
    shop = small_shop(tmp_path)
    said = shop.materialize("doubled")
    assert said.code == 1
    assert said.states == {"doubled": "skipped"}
    assert "+doubled" in said.json["items"][0]["message"]
    assert not (shop.root / ".assetflow/store/log").exists()


def test_a_lost_ledger_gives_the_same_answers(shop: Shop) -> None:
    question = (
        "sql",
        "--json",
        "select asset, count(*) as n from materializations group by all order by asset",
    )
    before = shop.run(*question, check=True).out
    for file in (shop.root / ".assetflow").glob("*.duckdb*"):
        file.unlink()
    assert shop.run(*question, check=True).out == before


def test_a_flipped_byte_is_found_named_and_rebuilt(shop: Shop) -> None:
    shop.edit("small/assets.py", "return orders_file.append_column", "return big(orders_file).append_column")
    shop.edit("small/assets.py", 'orders_file["id"]', 'big(orders_file)["id"]')
    shop.edit(
        "small/assets.py",
        '@af.asset(group="retail"',
        'def big(table):\n    return pa.concat_tables([table] * 2000)\n\n\n@af.asset(group="retail"',
    )
    assert shop.materialize().code == 0
    part = max(
        (shop.root / ".assetflow/store/objects").glob("*/*.parquet"), key=lambda file: file.stat().st_size
    )
    sound = part.read_bytes()
    for damage in ("flip", "remove"):
        if damage == "flip":
            part.write_bytes(sound[:100] + bytes([sound[100] ^ 1]) + sound[101:])
        else:
            part.unlink()
        asked = shop.run("sql", "select sum(amount) from orders")
        assert asked.code == 1
        assert "orders version" in asked.err
        said = shop.run("get", "orders", "-o", f"{damage}.csv")
        assert said.code == 1
        assert "orders" in said.err
        assert part.name in said.err
        mended = shop.materialize()
        assert mended.code == 0, mended
        assert mended.states["orders"] == "built"
        assert "built" not in {state for key, state in mended.states.items() if key != "orders"}
        assert part.read_bytes() == sound
        assert shop.run("get", "orders", "-o", f"{damage}.csv").code == 0


def test_questions_about_the_past_do_not_import_the_projects_modules(shop: Shop) -> None:
    shop.write("small/__init__.py", "raise RuntimeError('imported')\n")
    for command in (
        ["history", "orders"],
        ["runs"],
        ["sql", "select * from orders"],
        ["list", "--recorded"],
        ["show", "orders@HEAD"],
        ["lineage", "orders@HEAD"],
    ):
        said = shop.run(*command)
        assert said.code == 0, (command, said)
    assert shop.run("plan").code == 2


def test_everything_has_a_json_form(shop: Shop) -> None:
    for command in (
        ["plan"],
        ["status"],
        ["list"],
        ["show", "orders"],
        ["explain", "orders"],
        ["history", "orders"],
        ["lineage", "orders"],
        ["runs"],
        ["check"],
        ["sql", "select 1 as one"],
        ["env"],
        ["config"],
        ["materialize"],
    ):
        said = shop.run(*command, "--json")
        assert said.code == 0, (command, said)
        json.loads(said.out)
