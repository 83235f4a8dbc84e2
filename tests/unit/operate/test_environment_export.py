"""What an environment publishes, as a DuckDB file for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from cells import declared_in
from console import said_in
from shops import Shop, small_shop

import assetflow as af

CELL = """
raw = af.source("raw", "raw.csv")

@af.asset("retail/sales", inputs={"raw": "raw"})
def sales(raw) -> pa.Table:
    return pa.table({"n": list(range(3000)), "at": pa.array([1] * 3000, pa.timestamp("s"))})

@af.asset
def small() -> pa.Table:
    return pa.table({"a": [1], "A": ["x"]})

@af.asset(format="arrow")
def held() -> pa.Table:
    return pa.table({"n": list(range(3000)), "m": list(range(3000))})

@af.asset
def metrics() -> dict:
    return {"rows": 3, "nested": {"share": 0.5}, "tags": ["a", "b"]}

@af.asset
def total() -> int:
    return 7

@af.asset
def told() -> str:
    return "said"

@af.asset
def odd() -> list:
    return [1, "a"]

@af.asset
def blob() -> bytes:
    return b"0"

@af.asset
def effect(total: int) -> None:
    pass
"""


def made_in(root: Path) -> af.Project:
    (root / "raw.csv").write_text("id,day\n1,2026-01-01\n")
    project = af.Project(declared_in(CELL, af=af, pa=pa), root=root, store=root / "store")
    project.materialize().raise_for_failure()
    return project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> af.Project:
    return made_in(tmp_path_factory.mktemp("exported"))


def rows_of(file: Path, query: str) -> list[Any]:
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_a_published_table_is_a_view_over_its_parts_and_all_else_that_is_rows_a_table(
    project: af.Project, tmp_path: Path
) -> None:
    exported = project.export_environment(tmp_path / "dev.duckdb")
    assert {asset.key: asset.form for asset in exported.assets} == {
        "blob": "left out", "effect": "left out", "held": "table", "metrics": "table", "odd": "left out",
        "raw": "table", "retail/sales": "view", "small": "table", "told": "table", "total": "table",
    }  # fmt: skip
    file = exported.path
    assert rows_of(file, 'SELECT count(*), max(n), typeof(any_value("at")) FROM "retail/sales"') == [
        (3000, 2999, "TIMESTAMP_S")
    ]
    assert rows_of(file, "SELECT sum(m) FROM held") == [(sum(range(3000)),)]
    assert rows_of(file, "FROM small") == [(1, "x")]
    assert rows_of(file, "FROM raw")[0][0] == 1
    assert rows_of(file, "SELECT rows, nested.share, tags FROM metrics") == [(3, 0.5, ["a", "b"])]
    assert rows_of(file, "FROM total") == [(7,)]
    assert rows_of(file, "FROM told") == [("said",)]
    assert [item.name for item in tmp_path.iterdir()] == ["dev.duckdb"]


def test_the_file_says_which_versions_it_holds(project: af.Project, tmp_path: Path) -> None:
    file = project.export_environment(tmp_path / "dev.duckdb").path
    version = project.current("retail/sales").version
    ((env, told),) = rows_of(file, "SELECT env, version FROM assetflow.published WHERE key = 'retail/sales'")
    assert (env, told) == ("dev", version)
    ((comment,),) = rows_of(file, "SELECT comment FROM duckdb_views() WHERE view_name = 'retail/sales'")
    assert comment.startswith(f"version {version}, published in dev since ")


def test_a_copy_needs_the_store_no_more(tmp_path: Path) -> None:
    project = made_in(tmp_path)
    file = project.export_environment(tmp_path / "dev.duckdb", copy=True).path
    (tmp_path / "store").rename(tmp_path / "gone")
    assert rows_of(file, 'SELECT count(*) FROM "retail/sales"') == [(3000,)]


def test_an_export_replaces_a_file_only_when_told_so(project: af.Project, tmp_path: Path) -> None:
    target = tmp_path / "dev.duckdb"
    target.write_text("precious")
    with pytest.raises(af.UsageError, match="exists"):
        project.export_environment(target)
    assert target.read_text() == "precious"
    project.export_environment(target, overwrite=True)
    assert rows_of(target, "FROM total") == [(7,)]


@pytest.mark.parametrize(("place", "told"), [("no/dev.duckdb", "no folder"), (".", "exists")])
def test_a_place_that_cannot_be_written_is_told(
    project: af.Project, tmp_path: Path, place: str, told: str
) -> None:
    with pytest.raises(af.UsageError, match=told):
        project.export_environment(tmp_path / place, overwrite=True)


def test_a_part_that_is_missing_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    project = made_in(tmp_path)
    for part in (tmp_path / "store/objects").rglob("*.parquet"):
        part.unlink()
    with pytest.raises(af.DamagedError, match=r"retail/sales.*version"):
        project.export_environment(tmp_path / "dev.duckdb")
    assert not list(tmp_path.glob("*.duckdb*")) + list(tmp_path.glob(".*partial*"))


def test_a_store_that_views_cannot_name_asks_for_a_copy(tmp_path: Path) -> None:
    project = af.Project(declared_in(CELL.replace("raw.csv", str(tmp_path / "raw.csv")), af=af, pa=pa))
    (tmp_path / "raw.csv").write_text("id\n1\n")
    project.materialize().raise_for_failure()
    with pytest.raises(af.UsageError, match="no files that a view can name") as raised:
        project.export_environment(tmp_path / "dev.duckdb")
    assert "--copy" in str(raised.value.hint)
    assert project.export_environment(tmp_path / "dev.duckdb", copy=True).path.exists()


def test_an_environment_that_publishes_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(af.UsageError, match="nothing is published in dev"):
        af.Project([]).export_environment(tmp_path / "dev.duckdb")


def test_the_command_names_what_it_wrote(tmp_path: Path) -> None:
    shop: Shop = small_shop(tmp_path)
    assert said_in(shop.root, "materialize").code == 0
    said = said_in(shop.root, "env", "export", "dev", "dev.duckdb")
    assert said.code == 0, said
    assert "5 assets of dev as of commit" in said.out
    assert said_in(shop.root, "env", "export", "dev", "dev.duckdb").code == 2
    assert said_in(shop.root, "env", "export", "prod", "other.duckdb").code == 2
    assert (
        said_in(shop.root, "env", "export", "dev", "dev.duckdb", "--overwrite", "--json").json["env"] == "dev"
    )


PARTS = """
parts = af.static(["a", "b"])

@af.asset(partitions=parts)
def small(context: af.Context) -> pa.Table:
    return pa.table({"key": [context.partition.key]})

@af.asset(partitions=parts)
def large(context: af.Context) -> pa.Table:
    return pa.table({"key": [context.partition.key] * 3000, "n": range(3000)})

@af.asset(partitions=parts)
def counted(small: pa.Table) -> int:
    return len(small)

@af.asset(partitions=parts)
def named(small: pa.Table, context: af.Context) -> dict:
    return {"rows": len(small), "last": context.partition.key}

@af.asset(partitions=parts)
def apart(context: af.Context) -> pa.Table:
    return pa.table({"v": [1] if context.partition.key == "a" else ["x"]})
"""


def test_partitions_become_one_table_and_their_values_a_row_each(tmp_path: Path) -> None:
    project = af.Project(declared_in(PARTS, af=af, pa=pa), root=tmp_path, store=tmp_path / "store")
    project.materialize().raise_for_failure()
    exported = project.export_environment(tmp_path / "dev.duckdb")
    file = exported.path
    assert {asset.key: (asset.form, asset.partitions, asset.rows) for asset in exported.assets} == {
        "apart": ("left out", 2, 2), "counted": ("table", 2, None), "large": ("view", 2, 6000),
        "named": ("table", 2, None), "small": ("table", 2, 2),
    }  # fmt: skip
    assert rows_of(file, "FROM small") == [("a",), ("b",)]
    assert rows_of(file, "SELECT key, count(*), max(n) FROM large GROUP BY key ORDER BY key") == [
        ("a", 3000, 2999),
        ("b", 3000, 2999),
    ]
    assert rows_of(file, "FROM counted") == [("a", 1), ("b", 1)]
    assert rows_of(file, "SELECT partition, rows, last FROM named") == [("a", 1, "a"), ("b", 1, "b")]
    told = rows_of(file, "SELECT partition, version FROM assetflow.published WHERE key = 'small'")
    assert told == [(key, project.current(f"small|{key}").version) for key in ("a", "b")]
    (why,) = [asset.why for asset in exported.assets if asset.why]
    assert "column v is int64 in a, and string in b" in why
