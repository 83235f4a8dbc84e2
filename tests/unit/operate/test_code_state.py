from __future__ import annotations

import pytest

from assetflow.errors import DamagedError
from assetflow.operate.code_state import read_tree
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
