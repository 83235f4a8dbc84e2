"""Going on from the rows that there were: which columns come out, and what is refused."""

from __future__ import annotations

import pyarrow as pa
import pytest

import assetflow as af

BEFORE = pa.table({"id": [1, 2], "v": ["a", "b"]})
RENAMED = pa.table({"id": [2, 3], "w": ["c", "d"]})


def test_a_column_that_only_one_has_is_null_in_the_others_rows():
    assert af.append(BEFORE, RENAMED).to_pylist() == [
        {"id": 1, "v": "a", "w": None},
        {"id": 2, "v": "b", "w": None},
        {"id": 2, "v": None, "w": "c"},
        {"id": 3, "v": None, "w": "d"},
    ]


def test_a_row_is_replaced_as_a_whole():
    assert af.upsert(BEFORE, RENAMED, key="id").to_pylist() == [
        {"id": 1, "v": "a", "w": None},
        {"id": 2, "v": None, "w": "c"},
        {"id": 3, "v": None, "w": "d"},
    ]


def test_types_that_do_not_go_together_are_refused():
    with pytest.raises(af.DataError, match="do not go with those that were there") as raised:
        af.append(BEFORE, pa.table({"id": [3], "v": [7]}))
    assert "--full-refresh" in (raised.value.hint or "")
