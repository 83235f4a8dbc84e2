"""A built-in check finds in a table that is stored in parts what it finds in the whole, in bounded memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from examples import costly
from hypothesis import given
from hypothesis import strategies as st
from laws.test_check_laws import CELLS, INTEGERS, tables
from parted import in_parts

from assetflow.checks import buckets, builtin, doubles
from assetflow.checks.finding import Finding
from assetflow.checks.rules import unique
from assetflow.hashing.tables import canonical_table

CUTS = st.lists(st.integers(0, 12), max_size=4)


def assert_same(one: Finding, other: Finding) -> None:
    assert replace(one, cases=None) == replace(other, cases=None)
    assert (one.cases is None) == (other.cases is None)
    if one.cases is not None and other.cases is not None:
        assert one.cases.schema == other.cases.schema
        assert repr(one.cases.to_pylist()) == repr(other.cases.to_pylist())  # where NaN is NaN


@given(tables(width=3), CUTS, st.data())
def test_rules_of_rows_find_the_same_in_parts(drawn, cuts, data):
    table, (cells, *_) = drawn
    table = canonical_table(table)
    type_ = table.schema.field("c0").type
    bound = data.draw(CELLS[type_])
    checks = [
        builtin.not_null("c0"),
        builtin.not_null("c0", "c2"),
        builtin.accepted_values("c0", [cell for cell in cells if cell is not None][:2] or [bound]),
        builtin.regex("c0", "a|b"),
        builtin.row_count(min=3, max=9),
        builtin.schema({"c0": type_, "c9": "int64"}),
        builtin.not_null("c9"),
    ]
    if bound == bound:  # NaN bounds nothing
        checks.append(builtin.range("c0", min=bound))
    for check in checks:
        assert_same(check.judge(in_parts(table, cuts), {}), check.judge(table, {}))


@costly
@given(tables(width=2), CUTS, st.sampled_from([1, 8, 1 << 20]), st.booleans())
def test_unique_finds_the_same_in_parts_hashed_or_not_and_in_any_number_of_buckets(
    drawn, cuts, bucket_bytes, hashed
):
    table = canonical_table(drawn[0])
    check, one = builtin.unique("c0", "c1"), builtin.unique("c1")
    expected, expected_one = check.judge(table, {}), one.judge(table, {})
    with pytest.MonkeyPatch.context() as patch:
        small_steps(patch, bucket_bytes, hashed=hashed)

        assert_same(check.judge(in_parts(table, cuts), {}), expected)
        assert_same(one.judge(table, {}), expected_one)


@costly
@given(
    st.data(), st.sampled_from([*((type_,) for type_ in CELLS), INTEGERS]), st.sampled_from([1, 8, 1 << 20])
)
def test_relationships_finds_the_same_in_parts_and_in_any_number_of_buckets(data, types, bucket_bytes):
    table, there = (canonical_table(data.draw(tables(types=types))[0]) for _ in range(2))
    check = builtin.relationships("c0", "there")
    expected = check.judge(table, {"there": there})
    parted, parted_there = (in_parts(one, data.draw(CUTS)) for one in (table, there))
    with pytest.MonkeyPatch.context() as patch:
        small_steps(patch, bucket_bytes, hashed=True)

        assert_same(check.judge(parted, {"there": parted_there}), expected)
        assert_same(check.judge(table, {"there": parted_there}), expected)


def small_steps(patch: pytest.MonkeyPatch, bucket_bytes: int, *, hashed: bool) -> None:
    patch.setattr(buckets, "_BUCKET_BYTES", bucket_bytes)
    patch.setattr(buckets, "_PIECE_BYTES", 16)
    patch.setattr(buckets, "MOST_FILES", 5)
    patch.setattr(doubles, "MOST_FILES", 3)
    patch.setattr(doubles, "_RANGE_ROWS", 2)
    patch.setattr(doubles, "_MOST_SHARED", 3)
    patch.setattr(unique, "_WORTH_HASHING", -1 if hashed else 1 << 40)


def test_keys_of_types_that_duckdb_lacks_are_spread_by_their_bits(monkeypatch):
    small_steps(monkeypatch, 1, hashed=True)
    wide = pa.array([1, 2, 1, None, 2, 3, 3, 4]).cast(pa.decimal256(60, 2))
    empty, flags = pa.nulls(8), pa.array([True, False, True, None, False, True, False, True])
    table = pa.table({"wide": wide, "empty": empty, "flags": flags})

    assert builtin.unique("wide").judge(table, {}).cases["_row"].to_pylist() == [0, 1, 2, 4, 5, 6]
    assert builtin.unique("wide", "flags").judge(table, {}).cases["_row"].to_pylist() == [0, 1, 2, 4]
    assert builtin.unique("empty").judge(table, {}).passed_by_itself


def test_types_that_are_not_compared_are_told_whatever_the_size(monkeypatch):
    small_steps(monkeypatch, 1, hashed=True)

    finding = builtin.unique("list").judge(pa.table({"list": [[1], [1]]}), {})

    assert finding.message == "list is list<item: int64>: such values are not compared"


def test_the_first_thousand_failing_rows_are_kept_whatever_part_they_lie_in(monkeypatch):
    small_steps(monkeypatch, 8_192, hashed=True)
    table = pa.table({"x": [*range(1_500), *range(1_500)], "y": range(3_000)})

    for check in (builtin.unique("x"), builtin.range("y", max=-1)):
        finding = check.judge(in_parts(table, range(0, 3_000, 70)), {})

        assert finding.failing_rows == 3_000
        assert finding.cases["_row"].to_pylist() == finding.cases["y"].to_pylist() == [*range(1_000)]


def test_only_the_columns_that_a_rule_needs_are_decoded_until_a_row_fails(monkeypatch):
    from assetflow.frames import parted

    decoded: list[Any] = []
    decode = parted.part_from_bytes
    monkeypatch.setattr(
        parted,
        "part_from_bytes",
        lambda data, kind, names: decoded.append(names) or decode(data, kind, names),
    )
    table = in_parts(pa.table({"x": range(6), "y": ["a"] * 6, "z": [0.5] * 6}), [2, 4])

    builtin.range("x", min=0).judge(table, {})
    assert decoded == [["x"]] * 3
    decoded.clear()
    builtin.row_count(min=1).judge(table, {})
    builtin.schema({"x": "int64"}).judge(table, {})
    assert decoded == []
    builtin.range("x", max=4).judge(table, {})
    assert decoded == [["x"]] * 3 + [["x", "y", "z"]]
