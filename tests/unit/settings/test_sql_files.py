"""Which ``*.sql`` files are assets, and by which keys."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

import assetflow as af
from assetflow.settings.sql_files import sql_files


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    for name in (
        "daily.sql",
        "retail/orders.sql",
        "_draft.sql",
        "_old/x.sql",
        "tests/y.sql",
        "test_z.sql",
        "notes.txt",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("SELECT 1 AS n")
    return tmp_path


def package(folder: Path) -> ModuleType:
    module = ModuleType("shop")
    module.__path__ = [str(folder)]
    return module


def single(folder: Path) -> ModuleType:
    module = ModuleType("assets")
    module.__file__ = str(folder / "assets.py")
    return module


def keys(*modules: ModuleType, declared: tuple[object, ...] = ()) -> list[str]:
    return [asset.key for asset in sql_files(modules, declared)]


def test_the_key_is_the_path_in_the_package(shop):
    assert keys(package(shop)) == ["daily", "retail/orders"]


def test_beside_a_single_module_its_own_folder_counts(shop):
    assert keys(single(shop)) == ["daily"]


def test_a_file_beside_two_modules_counts_once(shop):
    assert keys(package(shop), single(shop)) == ["daily", "retail/orders"]


def test_a_file_that_a_declaration_names_is_not_an_asset_of_its_own(shop):
    assert keys(package(shop), declared=(af.sql("best", shop / "daily.sql"),)) == ["retail/orders"]

    @af.asset(includes=["retail/orders.sql"])
    def orders() -> int:
        return 1

    assert keys(package(shop), declared=(orders,)) == ["daily"]


def test_a_module_without_a_file_has_none():
    assert keys(ModuleType("cells")) == []
