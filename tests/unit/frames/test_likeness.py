"""How alike two contents are: the laws by which an outcome is told from the one on record."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetflow.frames.content import Content
from assetflow.frames.likeness import IDENTICAL, MOST_ULPS, Likeness, likeness, ulps_apart
from assetflow.hashing.values import encode_value


@dataclass
class Fit:
    auc: float
    sizes: tuple[int, ...]


finite = st.floats(allow_nan=False, allow_infinity=False, width=64)
cells = st.one_of(st.none(), finite, st.just(math.nan))
rows = st.lists(
    st.tuples(st.sampled_from("abc"), cells, st.one_of(st.none(), st.lists(st.integers(0, 3), max_size=2))),
    max_size=12,
)
TYPES = [("name", pa.string()), ("float", pa.float64()), ("list", pa.list_(pa.int64()))]


@given(rows, st.integers(1, 5))
def test_a_table_is_identical_to_itself_however_it_is_chunked(drawn: list[Any], size: int) -> None:
    table = _table(drawn)
    chunked = pa.Table.from_batches(table.to_batches(max_chunksize=size), table.schema)
    assert likeness(_content(table), _content(chunked)) == IDENTICAL


@given(rows, st.randoms(use_true_random=False))
def test_rows_in_another_order_are_the_same_rows(drawn: list[Any], chance: random.Random) -> None:
    shuffled = chance.sample(drawn, len(drawn))
    told = likeness(_content(_table(drawn)), _content(_table(shuffled)))
    assert told in (IDENTICAL, Likeness("order", reordered=True))
    assert (told == IDENTICAL) == (list(map(repr, drawn)) == list(map(repr, shuffled)))


@given(st.lists(finite, min_size=1, max_size=12), st.integers(1, 50), st.data())
def test_floats_that_moved_by_a_few_steps_are_told_with_how_many(
    numbers: list[float], steps: int, data: st.DataObject
) -> None:
    where = data.draw(st.integers(0, len(numbers) - 1))
    moved = [*numbers]
    for _ in range(steps):
        moved[where] = math.nextafter(moved[where], math.inf)
    if not math.isfinite(moved[where]):
        return
    order = data.draw(st.permutations(range(len(numbers))))
    before = pa.table({"id": range(len(numbers)), "x": pa.array(numbers, pa.float64())})
    after = pa.table({"id": range(len(numbers)), "x": pa.array(moved, pa.float64())}).take(order)
    told = likeness(_content(before), _content(after))
    same_order = list(order) == sorted(order)
    # a step over 0.0 is one from -0.0 too, which is no step
    assert (told.kind, told.columns, told.rows, told.reordered) == ("floats", ("x",), 1, not same_order)
    assert told.ulps in (steps, steps - 1)


@given(st.lists(finite, min_size=2, max_size=12, unique=True), st.data())
def test_one_changed_cell_is_told_by_its_column(numbers: list[float], data: st.DataObject) -> None:
    where = data.draw(st.integers(0, len(numbers) - 1))
    before = pa.table({"id": range(len(numbers)), "text": [str(one) for one in numbers]})
    after = before.set_column(
        1, "text", pa.array(["!" if n == where else str(x) for n, x in enumerate(numbers)])
    )
    assert likeness(_content(before), _content(after)) == Likeness("differs", columns=("text",), rows=1)


@pytest.mark.parametrize("other", [None, math.nan, math.inf, 2.0, -1.0])
def test_a_float_that_is_no_near_neighbour_differs(other: float | None) -> None:
    before, after = (pa.table({"x": pa.array([0.5, value], pa.float64())}) for value in (1.0, other))
    told = likeness(_content(before), _content(after))
    assert (told.kind, told.columns, told.rows, told.ulps) == ("differs", ("x",), 1, None)


@pytest.mark.parametrize("width", [2, 4, 8])
def test_how_far_apart_floats_may_be_goes_by_their_width(width: int) -> None:
    kind = {2: pa.float16(), 4: pa.float32(), 8: pa.float64()}[width]
    one = np.ones(1, f"f{width}")
    near = (one.view(f"i{width}") + MOST_ULPS[width]).view(f"f{width}")
    far = (one.view(f"i{width}") + MOST_ULPS[width] + 1).view(f"f{width}")
    tables = [pa.table({"x": pa.array(array, kind)}) for array in (one, near, far)]
    assert likeness(_content(tables[0]), _content(tables[1])).ulps == MOST_ULPS[width]
    assert likeness(_content(tables[0]), _content(tables[2])).kind == "differs"


def test_a_random_column_of_shuffled_rows_is_the_only_one_told() -> None:
    before = pa.table({"id": [1, 2, 3], "chance": [0.1, 0.2, 0.3]})
    after = pa.table({"id": [3, 1, 2], "chance": [0.7, 0.8, 0.9]})
    told = likeness(_content(before), _content(after))
    assert told == Likeness("differs", reordered=True, columns=("chance",), rows=3)


def test_cells_that_changed_places_are_not_taken_for_rows_that_did() -> None:
    before = pa.table({"id": [1, 2, 3], "name": ["a", "b", "c"]})
    after = pa.table({"id": [1, 2, 3], "name": ["b", "a", "c"]})
    assert likeness(_content(before), _content(after)) == Likeness("differs", columns=("name",), rows=2)


def test_other_columns_types_and_row_counts_are_told_in_words() -> None:
    before = pa.table({"a": pa.array([1], pa.int64()), "b": ["x"]})
    after = pa.table({"a": pa.array([1], pa.int32()), "c": ["x"]})
    told = likeness(_content(before), _content(after))
    assert told.detail == "b is gone; c is new; a is int32, was int64"
    assert likeness(_content(before), _content(before.slice(0, 0))).detail == "0 rows, was 1"
    swapped = likeness(_content(before), _content(before.select(["b", "a"])))
    assert swapped.detail == "the order of the columns; the order of the columns"


def test_floats_in_values_are_compared_place_by_place() -> None:
    before = {"mean": 0.3, "rows": [1, 2.5], "name": "x"}
    near = {**before, "mean": math.nextafter(0.3, 1)}
    far = {**before, "rows": [1, 9.5]}
    other = {**before, "name": "y", "mean": math.nextafter(0.3, 1)}
    assert likeness(_value(before), _value(before)) == IDENTICAL
    assert likeness(_value(before), _value(near)) == Likeness("floats", columns=("mean",), ulps=1)
    assert likeness(_value(before), _value(far)) == Likeness("differs", columns=("rows[1]",))
    assert likeness(_value(before), _value(other)) == Likeness("differs", columns=("mean", "name"))
    assert likeness(_value(0.5), _value(1)) == Likeness("differs", columns=("the value",))
    assert likeness(_value(0.0), _value(-0.0)) == Likeness("floats", columns=("the value",), ulps=0)


def test_places_in_a_users_class_are_told_as_its_author_would_write_them() -> None:
    assert likeness(_value(Fit(0.5, (1, 2))), _value(Fit(0.25, (1, 3)))).columns == ("auc", "sizes[1]")
    assert likeness(_value({1: 0.5}), _value({1: 0.5, 2: 1})) == Likeness("differs", columns=("[2]",))


def test_arrays_are_compared_by_their_numbers() -> None:
    one = np.array([1.0, 2.0])
    near = np.array([1.0, np.nextafter(2.0, 3)])
    assert likeness(_array(one), _array(near)) == Likeness("floats", ulps=1)
    assert likeness(_array(one), _array(one + np.array([0, 1]))) == Likeness(
        "differs", detail="1 of 2 elements"
    )
    assert likeness(_array(one), _array(np.array([1.0, np.nan]))).kind == "differs"
    assert likeness(_array(one), _array(one[:1])).detail == "float64 1, was float64 2"
    nans = np.array([0x7FF8000000000001, 0x7FF8000000000000]).view("f8")
    assert likeness(_array(nans), _array(nans[::-1])).detail == "in nothing but the bits of its NaNs"


def test_what_is_no_number_beside_floats_that_moved_does_not_hide_them() -> None:
    before = np.array([1.0, math.nan, math.inf])
    after = np.array([math.nextafter(1.0, 2), math.nan, math.inf])
    assert likeness(_array(before), _array(after)) == Likeness("floats", ulps=1)


def test_another_kind_and_other_bytes_differ() -> None:
    assert likeness(_value(1), _array(np.ones(1))).detail == "numpy, was value"
    assert (
        likeness(Content("bytes", b"abc", "bytes"), Content("bytes", b"ab", "bytes")).detail
        == "2 long, was 3"
    )


@given(finite, finite)
def test_the_distance_of_two_floats_is_the_same_from_either_side(one: float, other: float) -> None:
    assert ulps_apart(one, other) == ulps_apart(other, one) == ulps_apart(-one, -other)
    assert (ulps_apart(one, other) == 0) == (one == other)


def _table(drawn: list[Any]) -> pa.Table:
    columns = list(zip(*drawn, strict=True)) or [(), (), ()]
    return pa.table(
        {name: pa.array(column, kind) for (name, kind), column in zip(TYPES, columns, strict=True)}
    )


def _content(table: pa.Table) -> Content:
    return Content("table", table, "parquet")


def _value(value: Any) -> Content:
    return Content("value", encode_value(value), "json")


def _array(array: np.ndarray) -> Content:
    return Content("numpy", array, "npy")
