"""Assets of another project: read as that project publishes them, never copied, never written to."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from cells import declared_in
from console import said_in
from shops import Shop

import assetflow as af

THEIRS = """
import pyarrow as pa
import assetflow as af

raw = af.source("raw", "raw.csv")

@af.asset("finance/revenue")
def revenue(raw: pa.Table) -> pa.Table:
    n = {rows}
    return pa.table({{"day": list(range(n)), "amount": [float({amount})] * n, "note": ["{note}"] * n}})

@af.asset
def rate() -> float:
    return 0.5

@af.asset
def told(rate: float) -> None:
    pass
"""
OURS = """
import pyarrow as pa
import assetflow as af

revenue = af.external("revenue", store="finance", asset="finance/revenue")
rate = af.external("rate", store="finance")

@af.asset
def total(revenue: pa.Table, rate: float) -> float:
    return sum(revenue["amount"].to_pylist()) * rate

@af.asset(inputs={"revenue": af.Input("revenue", columns=["day"])})
def days(revenue: pa.Table) -> int:
    return len(set(revenue["day"].to_pylist()))

@af.asset
def apart() -> int:
    return 1
"""
SETTINGS = 'name = "ours"\nmodules = ["ours"]\n[external.finance]\nstore = "../theirs/.assetflow/store"\n'


class Two:
    """Two projects beside each other; ours reads theirs."""

    def __init__(self, root: Path) -> None:
        self.theirs, self.ours = Shop(root / "theirs"), Shop(root / "ours")
        self.theirs.write("raw.csv", "id\n1\n")
        self.theirs.write("assetflow.toml", 'name = "finance"\nmodules = ["theirs"]\n[environments.prod]\n')
        self.ours.write("assetflow.toml", SETTINGS)
        self.ours.write("ours.py", OURS)

    def publish(self, *, rows: int = 3, amount: int = 1, note: str = "x") -> str:
        """Have them publish, and return the version of their revenue."""
        self.theirs.write("theirs.py", THEIRS.format(rows=rows, amount=amount, note=note))
        assert said_in(self.theirs.root, "materialize").code == 0
        return af.open(self.theirs.root).current("finance/revenue").version

    def states(self, command: str = "materialize") -> dict[str, str]:
        """What a run of ours made of each asset."""
        return said_in(self.ours.root, command, "--json").states

    @property
    def project(self) -> af.Project:
        return af.open(self.ours.root)


@pytest.fixture
def two(tmp_path: Path) -> Two:
    return Two(tmp_path)


def files_below(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_what_they_publish_is_read_and_their_store_is_left_as_it_is(two: Two) -> None:
    two.publish()
    before = files_below(two.theirs.root)
    assert set(two.states().values()) == {"built"}
    assert two.project.load("total") == 1.5
    assert two.project.load("revenue").column_names == ["day", "amount", "note"]
    assert two.project.load("rate") == 0.5
    assert two.project.sql("select count(*) as n from revenue")["n"].to_pylist() == [3]
    assert files_below(two.theirs.root) == before
    ours = two.ours.root / ".assetflow/store/objects"
    assert not list(ours.rglob("*.parquet"))  # their rows stay with them
    assert set(two.states("plan").values()) == {"fresh"}


def test_only_what_reads_a_column_that_changed_runs_again(two: Two) -> None:
    two.publish()
    two.states()
    two.publish(amount=2)
    planned = said_in(two.ours.root, "plan", "--json").json["items"]
    reasons = {item["key"]: item["reasons"] for item in planned}
    assert reasons["revenue"] == ["finance/revenue was published anew"]
    made = two.states()
    assert {key: made[key] for key in ("revenue", "rate", "total", "days")} == {
        "revenue": "built", "rate": "fresh", "total": "built", "days": "fresh",
    }  # fmt: skip
    assert two.project.load("total") == 3.0


def test_what_was_read_is_recorded_and_read_again_by_its_version(two: Two) -> None:
    version = two.publish()
    two.states()
    first = two.project.current("revenue")
    assert first.kind == "external"
    assert first.remote is not None
    assert (first.remote.asset, first.remote.version, first.remote.env) == (
        "finance/revenue",
        version,
        "prod",
    )
    two.publish(amount=7)
    assert two.project.load("revenue")["amount"].to_pylist() == [1.0] * 3  # as the last run of ours saw it
    two.states()
    assert two.project.load("revenue", version="HEAD~1")["amount"].to_pylist() == [1.0] * 3
    assert f"finance/revenue@{version[:12]}, prod of " in said_in(two.ours.root, "show", "revenue@HEAD~1").out
    rows = two.project.sql("select remote_version, remote_asset from observations where asset = 'revenue'")
    assert version in rows["remote_version"].to_pylist()


def test_lineage_goes_on_into_their_store(two: Two) -> None:
    version = two.publish()
    two.states()
    nodes = {node.key: node for node in two.project.provenance("total").nodes}
    assert {"total", "revenue", "rate", "finance/revenue", "raw"} <= nodes.keys()
    assert nodes["finance/revenue"].version == version
    assert nodes["revenue"].inputs == (version,)
    assert nodes["raw"].store is not None
    out = said_in(two.ours.root, "lineage", "total@HEAD").out
    assert "finance/revenue@" in out
    assert "raw@" in out
    near = {node.key for node in two.project.provenance("total", depth=2).nodes}
    assert "finance/revenue" in near
    assert "raw" not in near
    shutil.rmtree(two.theirs.root)
    out = said_in(two.ours.root, "lineage", "total@HEAD").out
    assert f"finance/revenue@{version[:12]}" in out
    assert "which cannot be read now" in out


UNREADABLE = {
    "misspelt": ('store="finance", asset="finance/revenu"', "finance/revenu has no published", "finance/revenue"),
    "unknown_env": ('store="finance", asset="finance/revenue", env="prd"', "no environment 'prd'", "'prod'"),
    "no_store": ('store="nowhere"', "there is no store at", "[external.NAME]"),
    "effect": ('store="finance", asset="told"', "told in prod", "made from it"),
}  # fmt: skip


def test_what_cannot_be_read_is_named_and_stops_only_what_is_below(two: Two) -> None:
    two.publish()
    text = "\n".join(
        f'{key} = af.external("{key}", {declared})\n\n@af.asset\ndef below_{key}({key}: int) -> int:\n    return 1\n'
        for key, (declared, _, _) in UNREADABLE.items()
    )
    two.ours.write("ours.py", f"{OURS}\n{text}")
    said = said_in(two.ours.root, "materialize")
    assert said.code == 1
    states = two.states("plan")
    assert {states[f"{name}{key}"] for key in UNREADABLE for name in ("", "below_")} == {"skipped"}
    assert {states[key] for key in ("revenue", "rate", "total", "days", "apart")} == {"fresh"}
    out = " ".join((said.out + said.err).split())
    for _, told, hint in UNREADABLE.values():
        assert told in out
        assert hint in out


def test_a_version_that_is_gone_there_is_told(two: Two) -> None:
    two.publish(rows=3000)
    two.states()
    for part in (two.theirs.root / ".assetflow/store/objects").rglob("*.parquet"):
        part.unlink()
    two.ours.edit("ours.py", "* rate", "* rate * 2")
    said = said_in(two.ours.root, "materialize", "total")
    assert said.code == 1
    assert "external revenue: finance/revenue@" in said.out
    assert "may have forgotten it" in said.out
    with pytest.raises(af.SourceError, match=r"finance/revenue@"):
        two.project.load("revenue")


def test_another_store_in_the_place_of_theirs_is_not_taken_for_it(two: Two) -> None:
    two.publish()
    two.states()
    shutil.rmtree(two.theirs.root / ".assetflow")
    two.publish()
    with pytest.raises(af.SourceError, match="is another store now"):
        two.project.load("revenue")


def test_an_external_may_be_checked_and_selected(two: Two) -> None:
    two.publish()
    two.ours.edit(
        "ours.py", 'asset="finance/revenue")', 'asset="finance/revenue", checks=[af.range("amount", max=0)])'
    )
    made = two.states()
    assert (made["revenue"], made["total"]) == ("rejected", "skipped")
    keys = [
        entry["key"] for entry in said_in(two.ours.root, "list", "kind:external", "--json").json["assets"]
    ]
    assert keys == ["rate", "revenue"]
    shown = said_in(two.ours.root, "explain", "revenue")
    assert shown.code == 0
    assert "finance/revenue of " in shown.out


def test_externals_work_in_a_session_without_a_folder() -> None:
    theirs = af.Project(declared_in("@af.asset\ndef n() -> int:\n    return 3\n", af=af), env="prod")
    theirs.materialize().raise_for_failure()
    text = f"n = af.external('n', store={theirs.store!r})\n@af.asset\ndef twice(n: int) -> int:\n    return n * 2\n"
    ours = af.Project(declared_in(text, af=af))
    ours.materialize().raise_for_failure()
    assert ours.load("twice") == 6


def test_a_large_table_of_theirs_is_read_part_by_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assetflow.execution.loading.MOST_READ_WHOLE", 0)
    cell = "@af.asset\ndef t() -> pa.Table:\n    return pa.table({'n': range(5000)})\n"
    theirs = af.Project(declared_in(cell, af=af, pa=pa), env="prod", root=tmp_path, store=tmp_path / "theirs")
    theirs.materialize().raise_for_failure()
    text = (
        f"t = af.external('t', store={theirs.store!r})\n"
        "@af.asset\ndef n(t: pa.RecordBatchReader) -> int:\n    return sum(len(batch) for batch in t)\n"
    )
    ours = af.Project(declared_in(text, af=af, pa=pa))
    ours.materialize().raise_for_failure()
    assert ours.load("n") == 5000
