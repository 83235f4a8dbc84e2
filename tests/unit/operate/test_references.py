"""What stands after ``@``; an environment's name comes first, wherever that environment keeps its versions."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from cells import declared_in
from shops import Shop

import assetflow as af

SETTINGS = """
name = "two"
modules = ["two_stores"]
[environments.dev]
store = "dev"
[environments.prod]
store = "prod"
[environments.empty]
store = "dev"
[environments.dev.assets.sales.config]
place = "dev"
[environments.prod.assets.sales.config]
place = "prod"
"""
ASSETS = """
import assetflow as af
import pydantic

class Config(pydantic.BaseModel):
    place: str = ""

@af.asset
def sales(config: Config) -> str:
    return config.place

@af.asset
def report(sales: str) -> str:
    return f"report of {sales}"
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("two")
    shop = Shop(root)
    shop.write("assetflow.toml", SETTINGS)
    shop.write("two_stores.py", ASSETS)
    for env in ("dev", "prod"):
        shop.run("materialize", "--env", env, check=True)
    assert not os.path.samefile(root / "dev", root / "prod")
    return root


def test_a_version_in_a_store_of_its_own_is_found(shop: Path, tmp_path: Path) -> None:
    dev, prod = af.open(shop, env="dev"), af.open(shop, env="prod")
    version = prod.current("report").version
    assert dev.current("report").version != version
    assert dev.version("report@prod").materialization.version == version
    assert dev.version("report@dev").materialization.version == dev.current("report").version
    assert {node.key for node in dev.provenance("report@prod").nodes} == {"report", "sales"}
    assert dev.provenance("report@prod").nodes[0].version == version
    assert dev.get("report@prod", tmp_path / "r.txt").read_text() == "report of prod"


def test_an_environment_where_nothing_is_published_is_no_version(shop: Path) -> None:
    with pytest.raises(af.UnknownNameError, match="no published version in empty"):
        af.open(shop, env="dev").version("report@empty")


def test_what_was_never_published_has_no_head() -> None:
    text = "@af.asset(checks=[af.not_null('x')])\ndef dup():\n    return pa.table({'x': [None, 1]})\n"
    project = af.Project(declared_in(f"import pyarrow as pa\n{text}", af=af))
    project.materialize()
    with pytest.raises(af.UsageError, match="dup was never published in dev; there is no HEAD~1"):
        project.version("dup@HEAD~1")


def test_what_was_rejected_and_never_published_names_the_check() -> None:
    text = "@af.asset(checks=[af.not_null('x')])\ndef dup():\n    return pa.table({'x': [None, 1]})\n"
    project = af.Project(declared_in(f"import pyarrow as pa\n{text}", af=af))
    version = project.materialize()["dup"].version
    with pytest.raises(af.UnknownNameError, match=f"{version[:12]} is rejected by not_null") as raised:
        project.version("dup")
    assert f"`assetflow show dup@{version[:12]} --env dev`" in str(raised.value.hint)


def test_an_environment_comes_before_all_else_that_its_name_may_mean() -> None:
    text = "@af.asset\ndef a() -> int:\n    return 1\n"
    project = af.Project(declared_in(text, af=af), env="HEAD~7")
    project.materialize().raise_for_failure()
    assert project.version("a@HEAD~7").materialization.env == "HEAD~7"


ONE = "@af.asset\ndef a() -> int:\n    return 1\n"


@pytest.fixture(scope="module")
def one() -> af.Project:
    project = af.Project(declared_in(ONE, af=af))
    project.materialize().raise_for_failure()
    return project


@pytest.mark.parametrize(
    ("reference", "told", "hint"),
    [
        ("a@", "lacks what stands after @", "HEAD~1"),
        ("@HEAD", "lacks the asset before @", "HEAD~1"),
        ("a@head", "'head' means no version of a", "did you mean 'HEAD'"),
        ("a@prod", "'prod' means no version of a", "environments: dev"),
        ("a@2026-13-45", "means no version of a", "a date or time"),
        ("a@HEAD~-1", "means no version of a", "HEAD~1"),
        ("a@#x", "means no version of a", "#42 for a commit"),
        ("a@#99", "there is no commit 99", "the log ends with"),
        ("a@#0", "there is no commit 0", "the log ends with"),
        ("a@HEAD~1", "a was published once in dev; there is no HEAD~1", "history a --env dev"),
        ("a@1990-01-01", "nothing was on record at 1990-01-01", "later time"),
        ("a@ffffffffffff", "there is no version 'ffffffffffff'", "history"),
        ("b@HEAD", "nothing is on record of an asset 'b'", ""),
        ("a/b@dev", "nothing is on record of an asset 'a/b'", "materialize +a/b --env dev"),
    ],
)
def test_what_means_no_version_is_told_with_a_way_on(
    one: af.Project, reference: str, told: str, hint: str
) -> None:
    with pytest.raises(af.UsageError) as raised:
        one.version(reference)
    assert told in raised.value.message
    assert hint in str(raised.value.hint)


def test_a_reference_that_is_given_as_a_time_is_told_where_it_belongs(one: af.Project) -> None:
    with pytest.raises(af.UsageError, match="is no commit number and no time") as raised:
        one.load("a", at="HEAD~1")
    assert "version='HEAD~1'" in str(raised.value.hint)
    with pytest.raises(af.UsageError) as raised:
        one.snapshot(at="HEAD~1")
    assert "version" not in str(raised.value.hint)


@pytest.mark.parametrize("ask", ["reproduce", "pin", "unpin", "accept", "get", "load", "current", "snapshot"])
def test_a_mistyped_asset_is_told_with_what_it_was_probably_meant_to_be(ask: str, tmp_path: Path) -> None:
    text = "@af.asset\ndef sales() -> int:\n    return 1\n"
    project = af.Project(declared_in(text, af=af))
    project.materialize().raise_for_failure()
    asked = project.snapshot().load if ask == "snapshot" else getattr(project, ask)
    with pytest.raises(af.UnknownNameError, match="nothing is on record of an asset 'salse'") as raised:
        asked("salse", *([tmp_path / "x.csv"] if ask == "get" else []))
    assert raised.value.hint == "did you mean 'sales'?"


@pytest.mark.parametrize(
    "asked",
    [
        {"version": ""},
        {"version": "nonsense"},
        {"at": "nonsense"},
        {"at": "2026-02-30"},
        {"at": 0},
        {"at": -1},
        {"at": 10**9},
        {"at": 1, "version": "HEAD"},
        {"env": "nowhere"},
    ],
    ids=str,
)
def test_data_of_what_there_is_not_cannot_be_loaded(one: af.Project, asked: dict[str, Any]) -> None:
    with pytest.raises(af.UsageError):
        one.load("a", **asked)
