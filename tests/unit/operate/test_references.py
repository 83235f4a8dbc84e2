"""What stands after ``@``; an environment's name comes first, wherever that environment keeps its versions."""

from __future__ import annotations

import os
from pathlib import Path

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


def test_what_was_rejected_and_never_published_names_the_check() -> None:
    text = "@af.asset(checks=[af.not_null('x')])\ndef dup():\n    return pa.table({'x': [None, 1]})\n"
    project = af.Project(declared_in(f"import pyarrow as pa\n{text}", af=af))
    version = project.materialize()["dup"].version
    with pytest.raises(af.UnknownNameError, match=f"{version[:12]} is rejected by not_null") as raised:
        project.version("dup")
    assert f"`assetflow show dup@{version[:12]}`" in str(raised.value.hint)


def test_an_environment_comes_before_all_else_that_its_name_may_mean() -> None:
    text = "@af.asset\ndef a() -> int:\n    return 1\n"
    project = af.Project(declared_in(text, af=af), env="HEAD~7")
    project.materialize().raise_for_failure()
    assert project.version("a@HEAD~7").materialization.env == "HEAD~7"
