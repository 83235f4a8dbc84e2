"""Each built-in check equals a slow oracle in plain Python; an answer is read alike in all of its forms."""

from __future__ import annotations

import datetime as dt
import math
import re
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assetflow.checks import builtin
from assetflow.checks.result import finding_of
from assetflow.checks.rows import WholeTable
from assetflow.checks.thresholds import judge_count

NUMBERS = {
    pa.int8(): st.integers(-128, 127),
    pa.uint8(): st.integers(0, 255),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.uint64(): st.integers(0, 2**64 - 1),
    pa.float32(): st.floats(width=32),
    pa.float64(): st.floats(),
    pa.decimal128(8, 2): st.decimals(-999_999, 999_999, places=2),
    pa.decimal128(38, 10): st.decimals(-(10**20), 10**20, places=10),
}
OTHERS = {
    pa.bool_(): st.booleans(),
    pa.string(): st.text("abé", max_size=3),
    pa.binary(): st.binary(max_size=2),
    pa.date32(): st.dates(),
    pa.timestamp("us"): st.datetimes(),
    pa.timestamp("s", "Europe/Berlin"): st.datetimes(dt.datetime(1990, 1, 1)).map(
        lambda moment: moment.replace(microsecond=0, tzinfo=dt.UTC)
    ),
    pa.time64("us"): st.times(),
    pa.duration("us"): st.timedeltas(dt.timedelta(-100_000), dt.timedelta(100_000)),
}
CELLS = NUMBERS | OTHERS


@st.composite
def columns(draw, types=tuple(CELLS), size=None):
    """A type and cells of it, few different ones, so that some are equal."""
    type_ = draw(st.sampled_from(types))
    few = draw(st.lists(CELLS[type_], min_size=1, max_size=4))
    cells = st.one_of(st.none(), st.sampled_from(few), CELLS[type_])
    least, most = (0, 12) if size is None else (size, size)
    return type_, draw(st.lists(cells, min_size=least, max_size=most))


@st.composite
def tables(draw, *, width=1, types=tuple(CELLS)):
    """A table in random chunks, and its columns as Python lists."""
    rows = draw(st.integers(0, 12))
    drawn = {f"c{number}": draw(columns(types, rows)) for number in range(width)}
    whole = pa.table({name: pa.array(cells, type_) for name, (type_, cells) in drawn.items()})
    cut = draw(st.integers(0, rows))
    return pa.concat_tables([whole.slice(0, cut), whole.slice(cut)]), [cells for _, cells in drawn.values()]


def plain(cell):
    """One representation per value, as SQL compares them."""
    if isinstance(cell, float) and math.isnan(cell):
        return "NaN"
    return 0.0 if isinstance(cell, float) and cell == 0 else cell


def assert_found(finding, failing: list[int]) -> None:
    assert finding.failing_rows == len(failing)
    assert finding.passed_by_itself == (not failing)
    assert (finding.cases["_row"].to_pylist() if finding.cases is not None else []) == failing


@given(tables(width=3))
def test_not_null_fails_the_rows_with_a_null(drawn):
    table, cells = drawn
    failing = [row for row, values in enumerate(zip(*cells, strict=True)) if None in values]
    assert_found(builtin.not_null("c0", "c1", "c2").judge(table, {}), failing)


@given(tables(width=2))
def test_unique_fails_all_rows_that_share_their_key(drawn):
    table, cells = drawn
    keys = [tuple(map(plain, values)) for values in zip(*cells, strict=True)]
    failing = [row for row, key in enumerate(keys) if None not in key and keys.count(key) > 1]
    assert_found(builtin.unique("c0", "c1").judge(table, {}), failing)


@given(tables(), st.data())
def test_accepted_values_fails_the_rows_whose_cell_is_not_listed(drawn, data):
    table, (cells,) = drawn
    type_ = table.schema.field("c0").type
    pool = [cell for cell in cells if cell is not None]
    choice = st.one_of(st.sampled_from(pool), CELLS[type_]) if pool else CELLS[type_]
    values = data.draw(st.lists(choice, min_size=1, max_size=5))
    known = {plain(value) for value in values}
    failing = [row for row, cell in enumerate(cells) if cell is not None and plain(cell) not in known]
    assert_found(builtin.accepted_values("c0", values).judge(table, {}), failing)


def outside(cell, low, high, inclusive) -> bool:
    if isinstance(cell, float) and math.isnan(cell):
        return True
    if low is not None and (cell < low or (cell == low and inclusive not in ("both", "left"))):
        return True
    return high is not None and (cell > high or (cell == high and inclusive not in ("both", "right")))


def assert_range(table, cells, bounds, inclusive, exact=lambda value: value) -> None:
    low, high = bounds
    assume(low is not None or high is not None)
    if low is not None and high is not None and exact(low) > exact(high):
        low, high = high, low
    check = builtin.range("c0", min=low, max=high, inclusive=inclusive)
    wanted = [None if bound is None else exact(bound) for bound in (low, high)]
    failing = [
        row for row, cell in enumerate(cells) if cell is not None and outside(exact(cell), *wanted, inclusive)
    ]
    assert_found(check.judge(table, {}), failing)


INCLUSIVE = st.sampled_from(["both", "neither", "left", "right"])
EXACT = tuple(type_ for type_ in NUMBERS if not pa.types.is_floating(type_))
ANY_NUMBER = st.one_of(
    st.integers(-(2**65), 2**65),
    st.integers(-300, 300),
    st.floats(allow_nan=False),
    st.floats(-300, 300),
    st.decimals(-(10**21), 10**21, places=3),
)


def as_fraction(number):
    """One tenth for 0.1, as in SQL."""
    if isinstance(number, float) and math.isinf(number):
        return number
    return Fraction(repr(number)) if isinstance(number, float) else Fraction(number)


@given(tables(types=EXACT), st.tuples(st.none() | ANY_NUMBER, st.none() | ANY_NUMBER), INCLUSIVE)
def test_range_compares_whole_numbers_and_decimals_with_any_number_exactly(drawn, bounds, inclusive):
    table, (cells,) = drawn
    assert_range(table, cells, bounds, inclusive, as_fraction)


@given(st.data(), st.sampled_from([pa.float32(), pa.float64()]), INCLUSIVE)
def test_range_compares_floats_by_their_own_width(data, type_, inclusive):
    table, (cells,) = data.draw(tables(types=(type_,)))
    some = st.floats(allow_nan=False, width=type_.bit_width) | st.integers(-1_000, 1_000)
    assert_range(table, cells, data.draw(st.tuples(st.none() | some, st.none() | some)), inclusive)


ORDERED = tuple(type_ for type_ in OTHERS if not pa.types.is_boolean(type_))


@given(tables(types=ORDERED), st.data(), INCLUSIVE)
def test_range_compares_dates_times_and_text(drawn, data, inclusive):
    table, (cells,) = drawn
    some = st.none() | CELLS[table.schema.field("c0").type]
    assert_range(table, cells, data.draw(st.tuples(some, some)), inclusive)


@given(
    tables(types=(pa.timestamp("us"), pa.date32())),
    st.none() | st.dates(),
    st.none() | st.datetimes(),
    INCLUSIVE,
)
def test_range_reads_a_date_as_its_midnight_and_text_as_iso(drawn, low, high, inclusive):
    table, (cells,) = drawn
    bounds = (low, None if high is None else high.isoformat())

    def moment(value):
        if isinstance(value, str):
            return dt.datetime.fromisoformat(value)
        return value if isinstance(value, dt.datetime) else dt.datetime.combine(value, dt.time())

    assume(low is None or high is None or moment(low) <= high)
    assert_range(table, cells, bounds, inclusive, moment)


PATTERNS = st.sampled_from(["a", "a|b", "a*b", "[ab]+", "", "b.", "^a", "b$", "(ab)?a", "é", "(?i)A", "x"])


@given(st.lists(st.none() | st.text("abé\n", max_size=4), max_size=10), PATTERNS, st.booleans())
def test_regex_fails_the_rows_that_python_does_not_match_either(texts, pattern, full):
    assume("$" not in pattern or full)  # Python's $ also matches before a last newline
    matches = re.fullmatch if full else re.search
    failing = [row for row, text in enumerate(texts) if text is not None and not matches(pattern, text)]
    table = pa.table({"c0": pa.array(texts, pa.string())})
    assert_found(builtin.regex("c0", pattern, full=full).judge(table, {}), failing)


INTEGERS = (pa.int8(), pa.uint8(), pa.int64(), pa.uint64())


@given(st.data(), st.sampled_from([*((type_,) for type_ in CELLS), INTEGERS, INTEGERS]))
def test_relationships_fails_the_rows_whose_value_is_not_there(data, types):
    table, (cells,) = data.draw(tables(types=types))
    there, (values,) = data.draw(tables(types=types))
    known = {plain(value) for value in values}
    failing = [row for row, cell in enumerate(cells) if cell is not None and plain(cell) not in known]
    assert_found(builtin.relationships("c0", "there").judge(table, {"there": there}), failing)


@given(st.integers(0, 20), st.none() | st.integers(0, 20), st.none() | st.integers(0, 20))
def test_row_count_fails_a_table_outside_its_bounds(rows, least, most):
    assume(not (least is None and most is None))
    assume(least is None or most is None or least <= most)
    finding = builtin.row_count(min=least, max=most).judge(pa.table({"c0": pa.nulls(rows)}), {})
    assert finding.passed_by_itself == ((least or 0) <= rows <= (rows if most is None else most))


@given(st.dictionaries(st.sampled_from("abcd"), st.sampled_from(list(CELLS))), st.data(), st.booleans())
def test_schema_fails_unless_every_expected_column_is_there_with_its_type(found, data, additive):
    expected = data.draw(st.dictionaries(st.sampled_from("abcd"), st.sampled_from(list(CELLS)), min_size=1))
    table = pa.table({name: pa.nulls(0, type_) for name, type_ in found.items()})
    passes = expected == found if not additive else expected.items() <= found.items()
    as_text = {name: str(type_) for name, type_ in expected.items()}
    for types in (expected, as_text):
        assert builtin.schema(types, additive=additive).judge(table, {}).passed_by_itself == passes


SIGNS = {
    ">": lambda count, number: count > number,
    ">=": lambda count, number: count >= number,
    "<": lambda count, number: count < number,
    "<=": lambda count, number: count <= number,
    "=": lambda count, number: count == number,
    "==": lambda count, number: count == number,
    "!=": lambda count, number: count != number,
}
THRESHOLDS = st.none() | st.tuples(st.sampled_from(list(SIGNS)), st.integers(0, 5))


@given(st.integers(0, 6), st.sampled_from(["error", "warn"]), THRESHOLDS, THRESHOLDS)
def test_thresholds_judge_as_dbt_does(count, severity, warn_if, error_if):
    def holds(threshold):
        sign, number = threshold or ("!=", 0)
        return SIGNS[sign](count, number)

    if severity == "error" and holds(error_if):
        expected = (False, "error")
    else:
        expected = (False, "warn") if holds(warn_if) else (True, severity)
    texts = [
        None if threshold is None else f"{threshold[0]} {threshold[1]}" for threshold in (warn_if, error_if)
    ]
    assert judge_count(count, severity, *texts) == expected


MASKS = {
    "arrow": lambda mask: pa.chunked_array([mask], pa.bool_()),
    "arrow array": lambda mask: pa.array(mask, pa.bool_()),
    "pandas": lambda mask: pd.Series(mask, dtype="boolean"),
    "pandas objects": lambda mask: pd.Series(mask, dtype="object"),
    "polars": lambda mask: pl.Series(mask, dtype=pl.Boolean),
}


@pytest.mark.parametrize("form", MASKS)
@given(st.lists(st.none() | st.booleans(), min_size=1))
def test_a_mask_of_any_library_fails_the_rows_where_it_is_false(form, mask):
    assume(any(value is not None for value in mask))  # an object column of nothing has no type
    table = pa.table({"row": range(len(mask))})
    failing = [row for row, value in enumerate(mask) if value is False]
    assert_found(finding_of(MASKS[form](mask), WholeTable(table), "mine"), failing)


@given(st.lists(st.booleans(), min_size=1), st.randoms(use_true_random=False))
def test_a_pandas_mask_belongs_to_the_rows_that_its_index_names(mask, random):
    table = pa.table({"row": range(len(mask))})
    order = random.sample(range(len(mask)), len(mask))
    shuffled = pd.Series(mask).iloc[order]
    assert_found(
        finding_of(shuffled, WholeTable(table), "mine"), [row for row, value in enumerate(mask) if not value]
    )


@given(st.lists(st.booleans()))
def test_a_numpy_mask_fails_the_rows_where_it_is_false(mask):
    table = pa.table({"row": pa.array(range(len(mask)), pa.int64())})
    failing = [row for row, value in enumerate(mask) if not value]
    assert_found(finding_of(np.array(mask, dtype=bool), WholeTable(table), "mine"), failing)


FRAMES = {
    "arrow": lambda table: table,
    "pandas": lambda table: table.to_pandas(),
    "polars": pl.from_arrow,
    "polars-lazy": lambda table: pl.from_arrow(table).lazy(),
}


@pytest.mark.parametrize("form", FRAMES)
@given(st.lists(st.integers(0, 9), max_size=10))
def test_a_frame_of_any_library_holds_the_failing_rows(form, rows):
    failing = pa.table({"row": pa.array(rows, pa.int64())})
    finding = finding_of(FRAMES[form](failing), WholeTable(pa.table({"row": range(10)})), "mine")
    assert (finding.failing_rows, finding.passed_by_itself) == (len(rows), not rows)
    assert (finding.cases.to_pydict() if rows else {"row": []}) == {"row": rows}
