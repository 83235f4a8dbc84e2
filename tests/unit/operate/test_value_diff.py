"""What differs between values, texts, arrays and files."""

from __future__ import annotations

import dataclasses
import io
from decimal import Decimal
from typing import NamedTuple

import numpy as np
import pydantic
import pytest

from assetflow.frames.content import FilesContent
from assetflow.hashing.values import encode_value
from assetflow.operate.value_diff import diff_arrays, diff_files, diff_texts, diff_values


class Model(pydantic.BaseModel):
    auc: float
    tags: list[str] = []


class Pair(NamedTuple):
    a: int
    b: int


@dataclasses.dataclass
class Box:
    inside: object


def changes(old: object, new: object) -> list[tuple[object, ...]]:
    found = diff_values(encode_value(old), encode_value(new)).values
    return [(change.path, change.state, change.old, change.new) for change in found]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": 1, "b": 2}, {"a": 1, "c": 2}, [("b", "removed", 2, None), ("c", "added", None, 2)]),
        (
            {"a": {"b": [1, 2]}},
            {"a": {"b": [1, 3, 4]}},
            [("a.b[1]", "changed", 2, 3), ("a.b[2]", "added", None, 4)],
        ),
        (1, 2, [("(all of it)", "changed", 1, 2)]),
        ([1], (1,), [("(all of it)", "changed", [1], (1,))]),
        ([1], [True], [("[0]", "changed", 1, True)]),
        ((1, 2), (1, 3), [("[1]", "changed", 2, 3)]),
        ({1: "x", 2: "y"}, {1: "x", 2: "z"}, [("[2]", "changed", "y", "z")]),
        (Model(auc=0.5, tags=["a"]), Model(auc=0.5), [("tags[0]", "removed", "a", None)]),
        (Box(Pair(1, 2)), Box(Pair(1, 3)), [("inside.b", "changed", 2, 3)]),
        (Box(1), Pair(1, 2), [("(all of it)", "changed", {"inside": 1}, {"a": 1, "b": 2})]),
        ({"x": float("nan")}, {"x": float("nan")}, []),
        ({"x": 0.0}, {"x": -0.0}, [("x", "changed", 0.0, -0.0)]),
        ({"x": None}, {}, [("x", "removed", None, None)]),
    ],
)
def test_values_differ_in_places_as_deep_as_both_have_one_form(old, new, expected):
    assert changes(old, new) == expected


def test_numbers_have_a_difference():
    old = {"a": 1, "b": 1.5, "c": Decimal("0.1"), "d": True, "e": 1.0, "f": "1"}
    new = {"a": 3, "b": 1.25, "c": Decimal("0.3"), "d": False, "e": Decimal(2), "f": "2"}
    found = diff_values(encode_value(old), encode_value(new)).values
    assert [change.difference for change in found] == [2, -0.25, Decimal("0.2"), None, None, None]


def test_texts_differ_in_lines():
    found = diff_texts("a\nb\n", "a\nc", ("old", "new"))
    assert (found.added, found.removed) == (1, 1)
    assert found.diff == "--- old\n+++ new\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n\\ No newline at end of file\n"


def test_of_very_long_texts_the_lines_are_counted():
    old = "".join(f"line {number}\n" for number in range(100_000))
    found = diff_texts(old, old + "more\nmore\n", ("old", "new"))
    assert (found.added, found.removed, found.diff) == (2, 0, None)


def test_arrays_differ_in_elements_by_their_bits():
    nan = float("nan")
    found = diff_arrays(np.array([[0.0, nan, 1.0]]), np.array([[-0.0, nan, 2.0]]))
    assert (found.old, found.changed, found.of) == ("float64 1x3", 2, 3)
    assert diff_arrays(np.array(["a", "b"]), np.array(["a", "c"])).changed == 1
    other = diff_arrays(np.zeros(3), np.zeros(3, np.int64))
    assert (other.old, other.new, other.changed) == ("float64 3", "int64 3", None)
    assert diff_arrays(np.array(1), np.array(2)).changed == 1


def test_files_differ_by_path_and_content():
    def files(**contents: bytes) -> FilesContent:
        return FilesContent(
            tuple((name, lambda data=data: io.BytesIO(data)) for name, data in contents.items())
        )

    found = diff_files(files(a=b"1", b=b"22", c=b"3"), files(a=b"1", b=b"23", d=b""))
    told = [(change.path, change.state, change.old_bytes, change.new_bytes) for change in found.files]
    assert told == [("b", "changed", 2, 2), ("c", "removed", 1, None), ("d", "added", None, 0)]
    assert found.same == 1
