"""What belongs to a project, and how its files are called."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from assetflow.hashing.code_project import ProjectModules, package_folders


def module_at(monkeypatch: pytest.MonkeyPatch, name: str, file: Path) -> str:
    module = ModuleType(name)
    module.__file__ = str(file)
    monkeypatch.setitem(sys.modules, name, module)
    return name


@pytest.mark.parametrize(
    ("path", "belongs"),
    [
        ("a.py", True),
        ("shop/deep/a.py", True),
        ("venv/lib/python3.11/site-packages/lib/a.py", False),
        ("deps/site-packages/a.py", False),
        ("deps/dist-packages/a.py", False),
        ("env/a.py", False),  # holds pyvenv.cfg
        ("env/deep/a.py", False),
        ("../elsewhere/a.py", False),
    ],
)
def test_a_module_belongs_by_where_its_file_lies(tmp_path, monkeypatch, path, belongs):
    root = tmp_path / "root"
    (root / "env").mkdir(parents=True)
    (root / "env" / "pyvenv.cfg").touch()
    name = module_at(monkeypatch, "somewhere", root / path)

    assert ProjectModules(root, frozenset()).belongs(name) is belongs


def test_a_virtual_environment_may_be_the_root_itself(tmp_path, monkeypatch):
    (tmp_path / "pyvenv.cfg").touch()
    name = module_at(monkeypatch, "somewhere", tmp_path / "a.py")

    assert ProjectModules(tmp_path, frozenset()).belongs(name)


def test_a_named_package_belongs_wherever_it_is_installed(monkeypatch):
    name = module_at(monkeypatch, "shop.text", Path("/usr/lib/python3/site-packages/shop/text.py"))

    assert ProjectModules(None, frozenset({"shop"})).belongs(name)
    assert not ProjectModules(None, frozenset({"shopping"})).belongs(name)


@pytest.mark.parametrize(
    "name", ["json", "sys", "builtins", "pytest", "math", "zipimport", "assetflow.errors"]
)
def test_libraries_python_and_assetflow_do_not_belong(name):
    assert not ProjectModules(Path("/"), frozenset()).belongs(name)
    assert not ProjectModules(Path("/nowhere"), frozenset()).belongs(name)
    assert not ProjectModules(None, frozenset()).belongs(name)


def test_code_of_no_module_belongs_to_the_project():
    """It is better followed than missed."""
    assert ProjectModules(None, frozenset()).belongs("made by exec")
    assert not ProjectModules(None, frozenset()).belongs("")
    assert not ProjectModules(None, frozenset()).belongs(None)


def test_a_module_need_not_be_imported_to_belong(tmp_path, monkeypatch):
    (tmp_path / "never_imported.py").write_text("raise RuntimeError")
    monkeypatch.syspath_prepend(str(tmp_path))

    assert ProjectModules(tmp_path, frozenset()).belongs("never_imported")
    assert not ProjectModules(tmp_path / "other", frozenset()).belongs("never_imported")
    assert "never_imported" not in sys.modules


def test_a_module_behind_a_link_belongs_to_where_it_is_linked(tmp_path, monkeypatch):
    (tmp_path / "library").mkdir()
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "shop").symlink_to(tmp_path / "library")
    (tmp_path / "library" / "a.py").touch()
    name = module_at(monkeypatch, "somewhere", tmp_path / "root" / "shop" / "a.py")
    project = ProjectModules(tmp_path / "root", frozenset())

    assert project.belongs(name)
    assert project.label(str(tmp_path / "root" / "shop" / "a.py"), name) == "shop/a.py"


def test_files_are_called_by_their_path_else_by_their_module(tmp_path):
    (tmp_path / "pack").mkdir()
    for name in ("pack/__init__.py", "pack/a.py", "script.py"):
        (tmp_path / name).touch()
    inside, outside = ProjectModules(tmp_path, frozenset()), ProjectModules(None, frozenset())

    assert inside.label(str(tmp_path / "pack" / "a.py"), "pack.a", "") == "pack/a.py"
    assert outside.label(str(tmp_path / "pack" / "a.py"), "pack.a", "") == "pack/a.py"
    assert outside.label(str(tmp_path / "pack" / "__init__.py"), "pack", "") == "pack/__init__.py"
    assert outside.label(str(tmp_path / "script.py"), "__main__", "") == "script.py"
    assert inside.label("<ipython-input-1>", "__main__", "x = 1").startswith("cells/")
    assert inside.label("<string>", "__main__") == ""


def test_the_folders_of_packages_are_found(monkeypatch):
    assert package_folders(frozenset({"assetflow", "pytest_not_there", "this"})) == [
        ("assetflow", Path(__file__).resolve().parents[3] / "assetflow")
    ]
