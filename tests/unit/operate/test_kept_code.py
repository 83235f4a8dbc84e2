from __future__ import annotations

import json
from pathlib import Path

import pytest

from assetflow.errors import DamagedError
from assetflow.operate.kept_code import KeptCode, read_tree, unpack
from assetflow.storage.objects import Objects
from assetflow.storage.store import open_store


@pytest.mark.parametrize("data", [b"", b"\xff", b"{", b"[]", b"3", b"{}", b'{"number": 1, "files": []}'])
def test_what_is_no_tree_is_damage(data: bytes) -> None:
    objects = open_store("memory://").objects
    tree = objects.put(data, "json")
    with pytest.raises(DamagedError, match=f"object {tree} is not a tree of code") as raised:
        read_tree(objects, tree)
    assert raised.value.objects == (tree,)


def test_a_tree_names_its_files() -> None:
    objects = open_store("memory://").objects
    tree = objects.put(b'{"number": 1, "files": {"a.py": "x.py"}}', "json")
    assert read_tree(objects, tree) == {"a.py": "x.py"}


def test_a_tree_is_unpacked_with_all_that_it_names(tmp_path: Path) -> None:
    objects = open_store("memory://").objects
    files = {"shop/a.py": b"A = 1\n", "shop/sql/b.sql": b"select 1", "shop/data.bin": b"\x00\xff"}
    unpack(objects, _tree(objects, files), tmp_path)
    found = {
        str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()
    }
    assert found == files


def test_a_query_that_stands_in_python_is_not_unpacked_a_second_time(tmp_path: Path) -> None:
    objects = open_store("memory://").objects
    unpack(objects, _tree(objects, {"shop/a.py": b"", "shop/a.py:retail/x.sql": b"select 1"}), tmp_path)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["a.py"]


@pytest.mark.parametrize("path", ["../a.py", "/a.py", "shop/../../a.py"])
def test_no_file_of_a_tree_leaves_its_folder(path: str, tmp_path: Path) -> None:
    objects = open_store("memory://").objects
    inside = tmp_path / "inside"
    inside.mkdir()
    with pytest.raises(DamagedError, match="is no path in it"):
        unpack(objects, _tree(objects, {path: b"A = 1\n"}), inside)
    assert [*tmp_path.rglob("*.py")] == []


def test_of_many_trees_each_file_that_they_share_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    objects = open_store("memory://").objects
    shared = {"shop/a.py": b"def f():\n    return 1\n"}
    trees = [_tree(objects, {**shared, "b.py": text}) for text in (b"A = 1\n", b"A = 2\n")]
    read, asked = objects.read, list[str]()
    monkeypatch.setattr(objects, "read", lambda name: asked.append(name) or read(name))
    kept = KeptCode(objects)
    for tree in trees * 2:
        assert kept.texts(tree)("shop/a.py", "shop.a:f") == "def f():\n    return 1\n"
        assert kept.texts(tree)("shop/c.py", "shop.c:f") is None
    assert len(asked) == len(set(asked)) == 3
    assert kept.texts(None)("shop/a.py", "shop.a:f") is None
    gone = objects.put(b"{}", "json")
    objects.remove([gone])
    assert kept.texts(gone)("shop/a.py", "shop.a:f") is None


def _tree(objects: Objects, files: dict[str, bytes]) -> str:
    stored = {path: objects.put(data, "py") for path, data in files.items()}
    return objects.put(json.dumps({"number": 1, "files": stored}).encode(), "json")
