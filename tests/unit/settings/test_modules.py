from __future__ import annotations

from pathlib import Path

import pytest

from assetflow.errors import SettingsError
from assetflow.settings.modules import import_folders, modules_of, submodules_in
from assetflow.settings.settings import Settings


def settings(root: Path | None, **given) -> Settings:
    return Settings(root=root, store="memory://", **given)


def make(root: Path, *files: str) -> None:
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_named_modules_stand(tmp_path: Path):
    make(tmp_path, "assets.py")
    assert modules_of(settings(tmp_path, modules=("a", "b.c"))) == ("a", "b.c")
    assert modules_of(settings(None)) == ()


def test_assets_beside_the_settings_come_before_the_project_s_name_and_the_only_package(tmp_path: Path):
    make(tmp_path, "only/__init__.py", "tests/__init__.py", "script.py")
    assert modules_of(settings(tmp_path)) == ("only",)
    make(tmp_path, "other/__init__.py", "acme_shop.py")
    assert modules_of(settings(tmp_path, name="acme-shop")) == ("acme_shop",)
    make(tmp_path, "assets.py")
    assert modules_of(settings(tmp_path, name="acme-shop")) == ("assets",)


def test_src_is_looked_through_too_unless_it_is_a_package(tmp_path: Path):
    make(tmp_path, "src/shop/__init__.py")
    assert modules_of(settings(tmp_path)) == ("shop",)
    assert import_folders(tmp_path) == [tmp_path, tmp_path / "src"]
    make(tmp_path, "src/__init__.py")
    assert import_folders(tmp_path) == [tmp_path]


def test_no_module_and_several_are_errors_that_say_what_to_write(tmp_path: Path):
    with pytest.raises(SettingsError, match=r"there is no assets\.py") as raised:
        modules_of(settings(tmp_path))
    assert 'modules = ["shop"]' in str(raised.value)
    make(tmp_path, "one/__init__.py", "two/__init__.py")
    with pytest.raises(SettingsError, match="it could be one, two"):
        modules_of(settings(tmp_path))


def test_submodules_leave_out_tests_main_and_what_is_no_module(tmp_path: Path):
    make(tmp_path, "__init__.py", "__main__.py", "conftest.py", "test_a.py", "a_test.py", "b.py", "data.csv")
    make(tmp_path, "tests/x.py", "plain/c.py", "package/__init__.py", "not-a-name/d.py", "csvs/e.csv")
    make(tmp_path, "__pycache__/b.py", ".hidden/f.py")
    assert submodules_in(tmp_path) == ["b", "package", "plain"]
