"""The kept source tree: whose files it holds, and finding a piece of code in an older one."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from source_trees import SourceTree, source_tree

from assetflow.hashing.code_tree import MOST_BYTES, project_files, text_in

FILES = {
    "shop/__init__.py": "",
    "shop/sales.py": "def sales(): pass\n",
    "shop/sales.sql": "select 1\n",
    "shop/data.csv": "a\n",
    ".hidden/a.py": "",
    ".assetflow/store/a.py": "",
    "env/pyvenv.cfg": "",
    "env/lib/a.py": "",
    "shop/__pycache__/a.py": "",
    "deps/site-packages/a.py": "",
    "generated/a.py": "",
}
KEPT = ["shop/__init__.py", "shop/sales.py", "shop/sales.sql"]


@pytest.fixture
def tree(tmp_path: Path) -> SourceTree:
    tree = SourceTree(tmp_path)
    tree.write(FILES)
    return tree


def git(tree: SourceTree, *command: str) -> None:
    settings = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
    subprocess.run(["git", *settings, *command], cwd=tree.folder, check=True, capture_output=True)


def paths(tree: SourceTree, folder: str = ".") -> list[str]:
    return [path for path, _ in project_files(tree.folder / folder)]


def test_without_git_all_but_hidden_and_installed_files_are_kept(tree):
    assert paths(tree) == ["generated/a.py", *KEPT]
    assert dict(project_files(tree.folder))["shop/sales.sql"] == b"select 1\n"


def test_what_git_ignores_is_left_out(tree):
    git(tree, "init")
    tree.write({".gitignore": "generated/\n"})

    assert paths(tree) == KEPT

    git(tree, "add", "shop/sales.py")
    git(tree, "commit", "-m", "one")
    (tree.folder / "shop" / "sales.py").unlink()  # still in the index
    assert paths(tree) == ["shop/__init__.py", "shop/sales.sql"]


def test_a_folder_below_a_work_tree_is_listed_from_itself(tree):
    git(tree, "init")

    assert paths(tree, "shop") == ["__init__.py", "sales.py", "sales.sql"]


def test_a_folder_that_git_ignores_as_a_whole_is_walked(tree):
    git(tree, "init")
    tree.write({".gitignore": "shop/\n"})

    assert paths(tree, "shop") == ["__init__.py", "sales.py", "sales.sql"]


def test_a_git_hooks_own_settings_do_not_lead_astray(tree, tmp_path_factory, monkeypatch):
    other = tmp_path_factory.mktemp("other")
    subprocess.run(["git", "init"], cwd=other, check=True, capture_output=True)
    git(tree, "init")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))

    assert paths(tree) == ["generated/a.py", *KEPT]


def test_without_git_installed_the_folder_is_walked(tree, monkeypatch):
    git(tree, "init")
    tree.write({".gitignore": "generated/\n"})
    monkeypatch.setenv("PATH", "")

    assert paths(tree) == ["generated/a.py", *KEPT]


def test_odd_names_and_links_are_kept(tree):
    tree.write({"shop/ü b.py": "", "shop/naïve\n.py": ""})
    (tree.folder / "shop" / "link.py").symlink_to("sales.py")
    (tree.folder / "shop" / "broken.py").symlink_to("nowhere.py")
    odd = ["shop/link.py", "shop/naïve\n.py", "shop/ü b.py"]

    assert [path for path in paths(tree) if path not in {"generated/a.py", *KEPT}] == odd
    git(tree, "init")
    assert [path for path in paths(tree) if path not in {"generated/a.py", *KEPT}] == odd


def test_files_too_large_for_code_are_left_out(tree):
    (tree.folder / "shop" / "large.py").write_bytes(b"#" * (MOST_BYTES + 1))

    assert "shop/large.py" not in paths(tree)


def test_packages_of_the_project_that_lie_elsewhere_are_kept_too(tmp_path):
    with source_tree(tmp_path / "far", {"far/__init__.py": "", "far/a.py": "A = 1\n"}) as tree:
        tree.load("far")
        (tmp_path / "near").mkdir()

        assert project_files(tmp_path / "near", frozenset({"far"})) == [
            ("far/__init__.py", b""),
            ("far/a.py", b"A = 1\n"),
        ]
        assert project_files(tmp_path / "far", frozenset({"far"})) == [
            ("far/__init__.py", b""),
            ("far/a.py", b"A = 1\n"),
        ]


TEXT = """\
RATE = 1
RATE = (
    2
)

@decorated
def f(x):
    # why
    def inner():
        return 1
    return lambda: x

class A:
    def go(self):
        '''

        kept as it is
        '''

for i in range(2):
    LATE: int = 1
if RATE:
    def g(): return 1
else:
    def g(): return 2
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("shop:RATE", "RATE = (\n    2\n)\n"),
        (
            "shop:f",
            "@decorated\ndef f(x):\n    # why\n    def inner():\n        return 1\n    return lambda: x\n",
        ),
        ("f", "@decorated\ndef f(x):\n    # why\n    def inner():\n        return 1\n    return lambda: x\n"),
        ("shop:f.<locals>.inner", "def inner():\n    return 1\n"),
        ("shop:f.<locals>.inner[x]", "def inner():\n    return 1\n"),
        ("shop:A.go", "def go(self):\n    '''\n\n    kept as it is\n    '''\n"),
        ("shop:LATE", "LATE: int = 1\n"),
        ("shop:g", "def g(): return 2\n"),
        ("shop:f.<locals>.<lambda>", "lambda: x"),
        ("shop:<lambda>", "lambda: x"),
        ("shop:A.go.<locals>.<lambda>", None),
        ("shop:gone", None),
    ],
)
def test_a_piece_of_code_is_found_in_an_older_tree(name, text):
    assert text_in({"shop.py": TEXT}, "shop.py", name) == text


def test_an_included_file_is_found_in_an_older_tree():
    assert text_in({"a.sql": "select 1"}, "a.sql", "a.sql") == "select 1"


def test_files_that_are_not_there_or_no_python_hold_nothing():
    assert text_in({}, "shop.py", "shop:f") is None
    assert text_in({"shop.py": "def f(:"}, "shop.py", "shop:f") is None
    assert text_in({"shop.py": "\0"}, "shop.py", "shop:f") is None
