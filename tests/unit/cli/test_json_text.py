"""JSON that every reader takes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from assetflow.cli.json_text import json_line, json_text

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_what_json_has_a_form_for_comes_back(value):
    assert json.loads(json_text(value)) == value
    assert json.loads(json_line(value)) == value
    assert "\n" not in json_line(value)


def test_decimals_keep_all_their_digits():
    assert json_text(Decimal("299060.1700000000000000001")) == "299060.1700000000000000001"
    assert json.loads(json_text(Decimal("1E+2"))) == 100


def test_what_is_no_number_is_null():
    assert json_text([float("nan"), float("inf"), Decimal("NaN")]) == "[null, null, null]"


def test_python_objects_have_a_form():
    class State(StrEnum):
        BUILT = "built"

    @dataclass(frozen=True)
    class Row:
        day: date
        state: State

    value = {
        "row": Row(date(2026, 1, 2), State.BUILT),
        "at": datetime(2026, 1, 2),
        "bytes": b"\xaa",
        "path": Path("x"),
        1: (2,),
    }
    assert json.loads(json_text(value)) == {
        "row": {"day": "2026-01-02", "state": "built"},
        "at": "2026-01-02T00:00:00",
        "bytes": "qg==",
        "path": "x",
        "1": [2],
    }


def test_what_is_short_and_flat_stands_on_one_line():
    assert json_text({"rows": [{"a": 1}, {"a": 2}]}) == '{"rows": [{"a": 1}, {"a": 2}]}'
    long = json_text({"rows": [{"name": "x" * 60}, {"name": "y" * 60}]})
    assert long.splitlines()[2] == '    {"name": "' + "x" * 60 + '"},'
