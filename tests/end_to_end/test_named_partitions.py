"""One partition named on the command line: as KEY|PARTITION and by --partition, wherever one asset is named."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest
from console import said_in
from shops import Shop

import assetflow as af
from assetflow.errors import UsageError
from assetflow.keys import typed

DAYS = [f"2026-03-0{day}" for day in range(1, 6)]
GOOD, FAILS, REJECTED = DAYS[0], DAYS[1], DAYS[2]
SHOP = f"""
import assetflow as af
import polars as pl

days = af.daily("{DAYS[0]}", end="{DAYS[-1]}")
raw = af.source("raw", "data/{{partition}}.csv", partitions=days)


@af.asset(partitions=days, checks=[af.not_null("id"), af.unique("id")])
def orders(raw: pl.DataFrame, context: af.Context) -> pl.DataFrame:
    print("orders of", context.partition.key)
    if len(raw) == 3:
        raise ValueError("three is too many")
    return raw


@af.asset(inputs={{"orders": af.Input("orders", missing="skip")}})
def total(orders: pl.DataFrame) -> int:
    return len(orders)
"""


def _write(root: Path, day: str, *ids: str) -> None:
    (root / "data" / f"{day}.csv").write_text("\n".join(["id,what", *(f"{one},x" for one in ids)]) + "\n")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions of each day, then one day that failed and one that was rejected."""
    root = tmp_path_factory.mktemp("days")
    (root / "data").mkdir()
    for version in ("1", "2"):
        for day in DAYS:
            _write(root, day, version)
        (root / "shop.py").write_text(SHOP)
        (root / "assetflow.toml").write_text(
            'name = "days"\nmodules = ["shop"]\ndefault = "dev"\n[environments.dev]\n'
        )
        assert said_in(root, "materialize").code == 0
    _write(root, FAILS, "1", "2", "3")
    _write(root, REJECTED, "1", "1")
    assert said_in(root, "materialize").code == 1
    return root


@pytest.fixture
def shop(made: Path, tmp_path: Path) -> Shop:
    return Shop(Path(shutil.copytree(made, tmp_path / "days")))


@pytest.mark.parametrize(
    "command",
    ["show", "get", "history", "logs", "diff", "lineage"],
)
def test_a_partition_is_named_either_way(made: Path, command: str) -> None:
    by_name = said_in(made, *command.split(), f"orders|{GOOD}")
    by_option = said_in(made, *command.split(), "orders", "-p", GOOD)
    assert by_name.out == by_option.out
    assert by_name.code == by_option.code == (1 if command == "diff" else 0), by_name.err
    assert by_name.out


def test_a_version_of_a_partition_is_named_either_way(made: Path) -> None:
    by_name = said_in(made, "forget", f"orders|{GOOD}@HEAD~1", "--dry-run")
    by_option = said_in(made, "forget", "orders@HEAD~1", "-p", GOOD, "--dry-run")
    assert by_name == by_option
    assert "lies in the log" in by_name.err or by_name.code == 0
    accepted = said_in(made, "accept", "orders", "-p", REJECTED, "--dry-run")
    assert accepted.code == 0
    assert accepted == said_in(made, "accept", f"orders|{REJECTED}", "--dry-run")


def test_a_partition_that_is_named_badly_is_refused(made: Path) -> None:
    for arguments, words in [
        (["show", f"orders|{GOOD}", "-p", FAILS], "is another partition than"),
        (["history", "orders|"], "lacks its partition after the |"),
        (["lineage", f"|{GOOD}"], "lacks the asset before the |"),
        (["get", "orders|2027-01-01"], "has no published version of '2027-01-01'"),
        (["reproduce", "orders", "-p", "2027-01-01"], "has no published version of '2027-01-01'"),
        (["unpin", "orders", "-p", GOOD], f"orders|{GOOD} is not pinned in dev"),
    ]:
        said = said_in(made, *arguments)
        assert said.code == 2
        assert words in said.err


def test_a_partition_is_compared_with_its_version_before(made: Path) -> None:
    said = said_in(made, "diff", f"orders|{GOOD}")
    assert said.code == 1
    assert f"orders|{GOOD}@HEAD~1" in said.out
    assert "+1 added" in said.out
    assert said_in(made, "diff", f"orders|{GOOD}", f"orders|{FAILS}", "--rows").code == 0


def test_an_asset_with_partitions_is_explained_by_how_they_stand(made: Path) -> None:
    said = said_in(made, "explain", "orders")
    assert said.code == 0
    assert "fresh     3 of 5" in said.out
    assert f"build     1 of 5: {FAILS}" in said.out
    assert f"`assetflow explain orders -p {FAILS}`" in said.out
    told = said_in(made, "explain", "orders", "--json").json
    assert told["partitions"]["counts"] == {"build": 1, "rejected": 1, "fresh": 3}
    assert told["ingredients"] == []


def test_what_decides_one_partition_is_explained(made: Path) -> None:
    stale = said_in(made, "explain", f"orders|{FAILS}", "--json").json
    assert (stale["partition"], stale["state"], stale["reasons"]) == (
        FAILS,
        "build",
        [f"raw {FAILS} changed"],
    )
    assert [one["name"] for one in stale["ingredients"] if one["changed"]] == [f"input raw {FAILS}"]
    fresh = said_in(made, "explain", "orders", "-p", GOOD, "--json").json
    assert fresh["state"] == "fresh"
    assert not any(one["changed"] for one in fresh["ingredients"])
    source = said_in(made, "explain", "raw", "-p", GOOD, "--json").json
    assert [one["name"] for one in source["ingredients"]] == [f"file {GOOD}.csv"]


def test_each_partition_that_is_read_is_explained(made: Path) -> None:
    said = said_in(made, "explain", "total", "--json").json
    inputs = {one["name"]: one for one in said["ingredients"] if one["name"].startswith("input")}
    assert list(inputs) == [f"input orders {day}" for day in DAYS]
    assert inputs[f"input orders {FAILS}"]["now"] == "orders: to be built first"
    assert not inputs[f"input orders {GOOD}"]["changed"]


def test_a_partition_that_is_none_is_not_explained(made: Path) -> None:
    assert "there is no partition '2027-01-01'" in said_in(made, "explain", "orders|2027-01-01").err
    said = said_in(made, "explain", "total", "-p", GOOD)
    assert (said.code, "total has no partitions" in said.err) == (2, True)


def test_what_broke_is_told_of_the_partition_that_is_named(made: Path) -> None:
    failed = said_in(made, "why-broke", f"orders|{FAILS}", "--json").json
    assert (failed["key"], failed["partition"], failed["others"]) == ("orders", FAILS, [])
    assert failed["error"] == "ValueError: three is too many"
    assert [one["asset"] for one in failed["causes"]] == ["raw"]
    rejected = said_in(made, "why-broke", "orders", "-p", REJECTED, "--json").json
    assert (rejected["partition"], rejected["failing"]) == (REJECTED, ["unique(id)"])
    named = said_in(made, "why-broke", f"orders|{FAILS}", "--good", "HEAD~1", "--json").json
    assert named["good"] != failed["good"]


def test_of_partitions_that_broke_the_newest_is_told_and_the_others_are_named(shop: Shop) -> None:
    told = said_in(shop.root, "why-broke", "orders", "--json").json
    assert sorted([told["partition"], *told["others"]]) == [FAILS, REJECTED]
    said = said_in(shop.root, "why-broke", "orders")
    (other,) = told["others"]
    assert f"1 other partition of orders broke too: {other}" in said.out
    assert f"`assetflow why-broke orders -p {other} --env dev`" in said.out
    _write(shop.root, other, "7")
    assert said_in(shop.root, "materialize", "+orders", "-p", other).code == 0
    again = said_in(shop.root, "why-broke", "orders", "--json").json
    assert (again["partition"], again["others"]) == (told["partition"], [])


def test_a_partition_that_never_broke_has_nothing_to_tell(made: Path) -> None:
    said = said_in(made, "why-broke", "orders", "-p", GOOD)
    assert said.code == 2
    assert f"no attempt at orders|{GOOD} was rejected or failed in dev" in said.err
    assert f"`assetflow history orders -p {GOOD} --env dev`" in said.err


@pytest.mark.parametrize("named", [["-s", f"orders|{GOOD}"], ["-s", "orders", "-p", GOOD]])
def test_one_partition_is_rolled_back_either_way(shop: Shop, named: list[str]) -> None:
    moved = said_in(shop.root, "rollback", *named, "--json").json["moves"]
    assert [(one["asset"], one["partition"]) for one in moved] == [("orders", GOOD)]
    again = said_in(shop.root, "rollback", *named, "--dry-run", "--json").json["moves"]
    assert [one["version"] for one in again] == [None]


def test_a_rollback_of_several_partitions_leaves_the_others(made: Path) -> None:
    said = said_in(made, "rollback", "-s", "orders", "-p", f"{DAYS[3]}..", "--dry-run", "--json").json
    assert [one["partition"] for one in said["moves"]] == DAYS[3:]
    by_name = said_in(
        made, "rollback", "-s", f"orders|{DAYS[3]}", "-s", "total", "--to", "#1", "--dry-run", "--json"
    )
    assert {one["asset"] for one in by_name.json["moves"]} == {"orders", "total"}


def test_a_rollback_of_a_partition_that_is_none_is_refused(made: Path) -> None:
    for arguments, words in [
        (["-p", GOOD], "name them by --select"),
        (["-s", "orders|2027-01-01"], "dev never published '2027-01-01' of orders"),
        (["-s", "orders", "-p", "2027-01-01"], "there is no partition"),
        (["-s", "total", "-p", GOOD], "nothing that is selected has partitions"),
        (["-s", f"orders|{GOOD}", "-p", FAILS], "so does --partition"),
    ]:
        said = said_in(made, "rollback", *arguments, "--dry-run")
        assert (said.code, words in said.err) == (2, True), said.err


def test_commands_that_are_suggested_name_the_partition(made: Path) -> None:
    for arguments, words in [
        (["get", "total", "-p", GOOD], "total has no partitions, so '2026-03-01' is none of it"),
        (["get", "orders", "-p", "eu west"], "`assetflow materialize +orders -p '\"eu west\"' --env dev`"),
        (["get", "orders"], f"name one: 'orders|{DAYS[-1]}', or --partition {DAYS[-1]}"),
        (["get", f"orders|{GOOD}@HEAD~7"], f"`assetflow history orders -p {GOOD} --env dev`"),
        (["forget", f"orders|{GOOD}"], f"`assetflow history orders -p {GOOD} --env dev`"),
        (["explain", f"orders|{GOOD}@HEAD~1"], f"`assetflow history orders -p {GOOD} --env dev`"),
        (["accept", f"orders|{GOOD}", "--dry-run"], f"`assetflow explain orders -p {GOOD} --env dev`"),
        (["debug", "orders", "-p", GOOD], f"`assetflow logs orders -p {GOOD}`"),
    ]:
        said = said_in(made, *arguments)
        assert (said.code, words in said.err) == (2, True), said.err


def test_a_partition_in_python_is_text(made: Path) -> None:
    with pytest.raises(
        UsageError, match=r"partition=\{'day': '2026-03-01'\} is no key of a partition of orders"
    ):
        af.open(made).load("orders", partition={"day": GOOD})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("sales", "sales"),
        ("sales|2026-11-23", "sales -p 2026-11-23"),
        ("sales|it's", """sales -p 'it'"'"'s'"""),
    ],
)
def test_a_name_is_quoted_for_a_shell(name: str, command: str) -> None:
    assert typed(name) == command
    assert shlex.split(command)[-1] == name.rpartition("|")[2]
