from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assetflow.errors import DeclarationError, SettingsError
from assetflow.settings.discovery import discover
from assetflow.settings.settings import Settings


@pytest.fixture(autouse=True)
def as_if_in_a_process_of_its_own() -> Iterator[None]:
    path, modules = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        del sys.modules[name]


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("from assetflow.declare.asset import asset\n" + text)


def found(root: Path, *modules: str) -> list[str]:
    return [repr(item) for item in discover(Settings(root=root, modules=modules, store="memory://"))]


ASSET = "@asset\ndef {}(): return 1\n"


def problems_of(root: Path, *modules: str):
    with pytest.raises(DeclarationError) as raised:
        found(root, *modules)
    return raised.value.problems


def test_a_package_is_walked_to_any_depth_in_order_of_name(tmp_path: Path):
    write(tmp_path, shop__b=ASSET.format("b"), shop__a__deep__c=ASSET.format("c"), shop__tests__t="1/0")
    (tmp_path / "shop/__init__.py").write_text("")
    (tmp_path / "shop/a/__init__.py").write_text("")
    assert found(tmp_path, "shop") == ["Asset('c')", "Asset('b')"]


def test_every_kind_of_declaration_is_found_and_nothing_else(tmp_path: Path):
    write(
        tmp_path,
        kinds="""
from assetflow.declare.source import source
from assetflow.declare.check import check
from assetflow.declare.resource import Resource
raw = source("raw", "raw.csv")
@asset
def a(raw): return raw
@check(a)
def fine(a): return True
db = Resource("db", open=dict)
def helper(): return 1
""",
    )
    assert found(tmp_path, "kinds") == [
        "Source('raw')",
        "Asset('a')",
        "Check('fine' on 'a')",
        "Resource('db')",
    ]


def test_what_factories_made_is_found_in_lists_tuples_and_dictionaries(tmp_path: Path):
    write(
        tmp_path,
        made="""
def make(name):
    @asset(key=name)
    def f(): return name
    return f
listed = [make("a"), make("b")]
paired = (make("c"), 3)
named = {"d": [make("d")]}
""",
    )
    assert found(tmp_path, "made") == ["Asset('a')", "Asset('b')", "Asset('c')", "Asset('d')"]


def test_an_asset_that_several_modules_import_is_found_once(tmp_path: Path):
    write(tmp_path, one=ASSET.format("a"), two="from one import a\nagain = [a]\n")
    assert found(tmp_path, "two", "one") == ["Asset('a')"]


def test_the_project_s_folder_comes_first_on_the_path(tmp_path: Path):
    write(tmp_path, here=ASSET.format("a"))
    sys.path.append(str(tmp_path))
    found(tmp_path, "here")
    assert sys.path[0] == str(tmp_path)
    assert sys.path.count(str(tmp_path)) == 1


def test_a_module_that_does_not_exist_is_told_as_such(tmp_path: Path):
    (problem,) = problems_of(tmp_path, "shpo")
    assert problem.message == "there is no module 'shpo'"
    assert str(tmp_path) in problem.hint


def test_all_modules_that_cannot_be_imported_are_told_at_once_with_the_user_s_own_frames(tmp_path: Path):
    write(
        tmp_path,
        good=ASSET.format("a"),
        bad="import deeper\n",
        deeper="\ndef f():\n    return missing\nf()\n",
        worse="import no_such_thing",
    )
    first, second = problems_of(tmp_path, "good", "bad", "worse")
    assert first.message == "module 'bad' cannot be imported: NameError: name 'missing' is not defined"
    assert first.where == "deeper.py:4"
    assert first.hint.splitlines() == [
        "bad.py:2 in <module>: import deeper",
        "    deeper.py:5 in <module>: f()",
        "    deeper.py:4 in f: return missing",
    ]
    assert (
        second.message
        == "module 'worse' cannot be imported: ModuleNotFoundError: No module named 'no_such_thing'"
    )


def test_a_module_that_does_not_compile_is_told_with_its_line(tmp_path: Path):
    write(tmp_path, broken="x = (\n")
    (problem,) = problems_of(tmp_path, "broken")
    assert problem.where == "broken.py:2"
    assert "SyntaxError" in problem.message


def test_a_script_that_ends_the_program_is_a_problem_and_not_the_end(tmp_path: Path):
    write(tmp_path, script="import sys\nsys.exit(3)\n")
    (problem,) = problems_of(tmp_path, "script")
    assert "SystemExit: 3" in problem.message
    assert "__main__" in problem.message


def test_a_built_in_check_with_impossible_arguments_is_told_at_its_line(tmp_path: Path):
    write(tmp_path, checked="from assetflow.checks.builtin import row_count\nc = row_count()\n")
    (problem,) = problems_of(tmp_path, "checked")
    assert problem.where == "checked.py:3"
    assert "row_count has neither min nor max" in problem.message


def test_a_module_hidden_by_another_project_s_is_refused(tmp_path: Path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, shop=ASSET.format(name))
    assert found(tmp_path / "one", "shop") == ["Asset('one')"]
    with pytest.raises(SettingsError, match="this process already has one"):
        found(tmp_path / "two", "shop")
