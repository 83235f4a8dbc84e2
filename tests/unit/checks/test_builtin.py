from __future__ import annotations

import datetime as dt
import subprocess
import sys
from decimal import Decimal

import pyarrow as pa
import pytest

from assetflow.checks import builtin
from assetflow.errors import DataError, UsageError


class Customers:
    """Stands for a declared asset."""

    key = "shop/customers"


@pytest.mark.parametrize(
    ("check", "name"),
    [
        (builtin.not_null("day", "id"), "not_null(day, id)"),
        (builtin.unique("id"), "unique(id)"),
        (builtin.accepted_values("way", list("abcde")), "accepted_values(way, 'a', 'b', 'c' and 2 more)"),
        (builtin.accepted_values("way", {"b", "a"}), "accepted_values(way, 'a', 'b')"),
        (builtin.row_count(min=1), "row_count(min=1)"),
        (builtin.range("x", min=0, max=1, inclusive="left"), "range(x, min=0, max=1, inclusive=left)"),
        (builtin.range("day", min=dt.date(1997, 1, 1)), "range(day, min=1997-01-01)"),
        (builtin.regex("id", "[0-9]+"), "regex(id, [0-9]+)"),
        (builtin.regex("id", "9", full=False), "regex(id, 9, full=False)"),
        (builtin.schema({"id": "int64"}, additive=False), "schema(id, additive=False)"),
        (builtin.schema(dict.fromkeys("abcde", "int8")), "schema(a, b, c and 2 more)"),
        (builtin.relationships("id", Customers), "relationships(id, shop/customers.id)"),
        (builtin.relationships("id", "customers", "number"), "relationships(id, customers.number)"),
    ],
)
def test_the_name_tells_the_arguments(check, name):
    assert check.name == name


@pytest.mark.parametrize(
    "declare",
    [
        builtin.not_null,
        lambda: builtin.unique(["day", "id"]),
        lambda: builtin.unique("day", "day"),
        lambda: builtin.accepted_values("way", "abc"),
        lambda: builtin.accepted_values("way", [None]),
        builtin.row_count,
        lambda: builtin.row_count(min=3, max=2),
        lambda: builtin.range("x"),
        lambda: builtin.range("x", min=float("nan")),
        lambda: builtin.range("x", min=1, inclusive="yes"),
        lambda: builtin.range(7, min=1),
        lambda: builtin.regex("x", "("),
        lambda: builtin.schema({"x": "int46"}),
        lambda: builtin.schema({"x": int}),
        lambda: builtin.relationships("x", 7),
        lambda: builtin.not_null("x", severity="fatal"),
        lambda: builtin.not_null("x", warn_if="10"),
    ],
)
def test_arguments_without_meaning_are_refused_where_they_are_written(declare):
    with pytest.raises(UsageError):
        declare()


def test_a_mistyped_type_names_the_nearest():
    with pytest.raises(UsageError, match="int64"):
        builtin.schema({"x": "int46"})


def test_arguments_tell_checks_apart_but_not_their_severity():
    assert builtin.range("x", min=0).arguments == builtin.range("x", min=0, severity="warn").arguments
    different = [
        builtin.range("x", min=0),
        builtin.range("x", min=1),
        builtin.range("x", max=0),
        builtin.range("x", min=0, inclusive="right"),
        builtin.range("y", min=0),
        builtin.not_null("x"),
        builtin.unique("x"),
        builtin.unique("x", "y"),
        builtin.accepted_values("x", ["a"]),
        builtin.accepted_values("x", ["b"]),
        builtin.regex("x", "a"),
        builtin.regex("x", "a", full=False),
        builtin.row_count(min=1),
        builtin.row_count(max=1),
        builtin.schema({"x": "int8"}),
        builtin.schema({"x": "int8"}, additive=False),
    ]
    assert len({repr(check.arguments) for check in different}) == len(different)


def test_a_relationship_names_the_asset_that_it_reads():
    check = builtin.relationships("id", Customers, "number")

    assert (check.columns, check.others) == (("id",), ("shop/customers",))
    assert check.arguments == {
        "rule": "Relationships",
        "definition": 1,
        "column": "id",
        "to": "shop/customers",
        "column_there": "number",
    }


def test_a_set_of_values_has_the_same_arguments_in_every_process():
    code = "from assetflow.checks.builtin import *; print(accepted_values('x', set('abcdefgh')).arguments)"
    said = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in "123"
    }
    assert len(said) == 1


def test_a_missing_column_fails_and_names_the_nearest():
    table = pa.table({"amount": [1], "day": [2]})
    others = {"other": pa.table({"id": [1]})}
    for check in (
        builtin.not_null("amuont"),
        builtin.unique("day", "amuont"),
        builtin.accepted_values("amuont", [1]),
        builtin.range("amuont", min=0),
        builtin.regex("amuont", "x"),
        builtin.relationships("amuont", "other", "id"),
    ):
        finding = check.judge(table, others)
        assert (finding.passed_by_itself, finding.failing_rows, finding.column) == (False, None, "amuont")
        assert finding.message == "no column 'amuont': did you mean 'amount'?"


def test_a_missing_column_of_the_other_asset_fails_and_names_the_nearest():
    finding = builtin.relationships("id", "other").judge(
        pa.table({"id": [1]}), {"other": pa.table({"ids": [1]})}
    )

    assert not finding.passed_by_itself
    assert finding.message == "other has no column id: did you mean 'ids'?"


@pytest.mark.parametrize(
    ("check", "says"),
    [
        (builtin.range("text", min=0), "column text is string: 0 is no str"),
        (builtin.range("number", min="a"), "column number is int64: 'a' is no number"),
        (builtin.range("number", min=True), "column number is int64: True is no number"),
        (builtin.range("list", min=0), "column list is list<item: int64>: its values have no order"),
        (builtin.range("day", min=3), "column day is date32[day]: 3 is no date or time"),
        (builtin.range("day", min="soon"), "column day is date32[day]: Invalid isoformat string: 'soon'"),
        (builtin.range("utc", min="2020-01-01"), "has no time zone, unlike the column"),
        (builtin.range("day", min="2020-01-01T00:00:00Z"), "has a time zone, unlike the column"),
        (builtin.range("clock", min=dt.date(2020, 1, 1)), "is no time of day"),
        (builtin.range("length", min=3), "column length is duration[s]: 3 is no timedelta"),
        (builtin.regex("number", "x"), "column number is int64, not text"),
        (builtin.accepted_values("number", ["1"]), "'1' cannot stand in a column of int64"),
        (builtin.accepted_values("list", [[1]]), "is_in"),
        (builtin.unique("list"), "list is list<item: int64>: such values are not compared"),
        (builtin.relationships("text", "other", "id"), "text is string, other.id is int64: not comparable"),
        (builtin.relationships("list", "other", "id"), "list is list<item: int64>, other.id is int64"),
    ],
)
def test_a_column_of_a_type_that_cannot_be_judged_fails_and_says_so(check, says):
    table = pa.table(
        {
            "text": ["a"],
            "number": [1],
            "list": [[1]],
            "day": [dt.date(2020, 1, 1)],
            "utc": pa.array([0], pa.timestamp("s", "UTC")),
            "clock": [dt.time(1)],
            "length": pa.array([1], pa.duration("s")),
        }
    )
    finding = check.judge(table, {"other": pa.table({"id": [1]})})

    assert (finding.passed_by_itself, finding.failing_rows) == (False, None)
    assert says in finding.message


def test_nan_is_in_no_range_and_null_in_any():
    table = pa.table({"x": pa.array([float("nan"), None, 1.0])})

    finding = builtin.range("x", min=-float("inf"), max=float("inf")).judge(table, {})

    assert finding.cases["_row"].to_pylist() == [0]


def test_nan_is_accepted_only_where_it_is_listed():
    table = pa.table({"x": [float("nan")]})

    assert not builtin.accepted_values("x", [1.0]).judge(table, {}).passed_by_itself
    assert builtin.accepted_values("x", [1.0, float("nan")]).judge(table, {}).passed_by_itself


def test_bounds_beyond_the_type_of_a_column_are_no_error():
    table = pa.table({"x": pa.array([0, 255], pa.uint8())})

    assert builtin.range("x", min=-1, max=1e300).judge(table, {}).passed_by_itself
    assert builtin.range("x", min=300).judge(table, {}).failing_rows == 2
    assert builtin.range("x", max=-1).judge(table, {}).failing_rows == 2


def test_money_is_compared_to_the_cent():
    table = pa.table({"x": pa.array([Decimal("0.10"), Decimal("0.11")], pa.decimal128(10, 2))})

    assert builtin.range("x", max=0.1).judge(table, {}).cases["_row"].to_pylist() == [1]


def test_integers_of_all_widths_are_related_by_value():
    table = pa.table({"id": pa.array([-1, 2**63 - 1, 7], pa.int64())})
    others = {"there": pa.table({"id": pa.array([2**64 - 1, 2**63 - 1, 7], pa.uint64())})}

    finding = builtin.relationships("id", "there").judge(table, others)

    assert finding.cases["_row"].to_pylist() == [0]


def test_a_decimal_is_related_to_the_number_that_it_is():
    table = pa.table({"id": pa.array([Decimal("1.00"), Decimal("1.50")], pa.decimal128(5, 2))})

    finding = builtin.relationships("id", "there").judge(table, {"there": pa.table({"id": [1, 2]})})

    assert finding.cases["_row"].to_pylist() == [1]


def test_extension_types_are_judged_by_what_they_store():
    one, two = bytes(16), bytes(15) + b"\1"
    table = pa.table({"id": pa.array([one, two, one, None], pa.uuid())})

    assert builtin.unique("id").judge(table, {}).cases["_row"].to_pylist() == [0, 2]
    assert builtin.accepted_values("id", [two]).judge(table, {}).cases["_row"].to_pylist() == [0, 2]
    assert builtin.relationships("id", "there").judge(table, {"there": table.slice(0, 1)}).failing_rows == 1


def test_half_floats_are_judged_like_others():
    table = pa.table({"x": pa.array([0.5, -0.0, 0.0, float("nan"), None], pa.float16())})

    assert builtin.range("x", min=0.1).judge(table, {}).cases["_row"].to_pylist() == [1, 2, 3]
    assert builtin.unique("x").judge(table, {}).cases["_row"].to_pylist() == [1, 2]
    assert builtin.accepted_values("x", [0.5, 0.0]).judge(table, {}).cases["_row"].to_pylist() == [3]


def test_dates_are_accepted_as_text():
    table = pa.table({"day": [dt.date(2020, 1, 1), dt.date(2020, 1, 2)]})

    assert builtin.accepted_values("day", ["2020-01-01"]).judge(table, {}).cases["_row"].to_pylist() == [1]


def test_the_message_tells_how_much_of_what_is_wrong():
    table = pa.table({"x": [-1, 0, 5], "y": [None, "a", None]})
    said = {
        builtin.range("x", min=0): "1 of 3 rows: x is below 0",
        builtin.range("x", min=0, max=4, inclusive="right"): "3 of 3 rows: x is not above 0 or above 4",
        builtin.not_null("y"): "2 of 3 rows: y is null",
        builtin.not_null("x", "y"): "2 of 3 rows: y is null in 2",
        builtin.accepted_values("y", ["b"]): "1 of 3 rows: y is none of 'b'",
        builtin.regex("y", "b+"): "1 of 3 rows: y does not match b+",
        builtin.row_count(min=1_000): "3 rows, at least 1,000 expected",
        builtin.row_count(max=2): "3 rows, at most 2 expected",
    }
    assert {check.judge(table, {}).message for check in said} == set(said.values())


def test_a_pattern_that_only_python_reads_is_an_error_of_the_check():
    check = builtin.regex("x", r"(?=a)a")

    with pytest.raises(DataError, match="RE2") as caught:
        check.judge(pa.table({"x": ["a"]}), {})
    assert "af.check" in caught.value.hint


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("double", pa.float64()),
        ("float64", pa.float64()),
        ("str", pa.large_string()),
        ("string", pa.dictionary(pa.int8(), pa.string())),
        ("decimal(10,2)", pa.decimal128(10, 2)),
        ("timestamp[us,tz=UTC]", pa.timestamp("us", "UTC")),
        ("list<string>", pa.large_list(pa.large_string())),
        ("list<item: int64>", pa.list_(pa.field("element", pa.int64(), nullable=False))),
        ("struct<a: int64, b: float32>", pa.struct([("a", pa.int64()), ("b", pa.float32())])),
        ("date32", pa.date32()),
        ("date64", pa.date64()),
        ("map<string, int8>", pa.map_(pa.string(), pa.int8())),
    ],
)
def test_a_type_is_one_however_it_is_spelled(one, other):
    assert builtin.schema({"x": one}) == builtin.schema({"x": other})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("int64", "int32"),
        ("timestamp[us]", "timestamp[ns]"),
        ("date32", "date64"),
        ("decimal(9,2)", "decimal(9,3)"),
    ],
)
def test_types_that_are_stored_apart_are_told_apart(one, other):
    assert builtin.schema({"x": one}) != builtin.schema({"x": other})


def test_a_schema_that_fails_shows_every_column_in_its_cases():
    table = pa.table({"id": [1], "amount": ["1"], "more": [None]})

    finding = builtin.schema({"idd": "int64", "amount": "int64"}, additive=False).judge(table, {})

    assert finding.cases.to_pylist() == [
        {"column": "idd", "expected": "int64", "found": None},
        {"column": "amount", "expected": "int64", "found": "string"},
        {"column": "id", "expected": None, "found": "int64"},
        {"column": "more", "expected": None, "found": "null"},
    ]
    assert finding.message == (
        "column idd is missing (did you mean 'id'?); column amount is string, not int64; "
        "column id is not expected; and 1 more"
    )


def test_declaring_checks_imports_nothing_heavy():
    code = (
        "import sys, assetflow.checks.judge, assetflow.checks.result; from assetflow.checks.builtin import *;"
        "range('x', min=0); schema({'x': 'int64'}); regex('x', 'y');"
        "print({'pyarrow', 'numpy', 'pandas', 'polars', 'duckdb'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
