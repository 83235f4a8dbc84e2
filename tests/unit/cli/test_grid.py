"""Rows in aligned columns that fit."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from assetflow.cli.views.cells import cell_text, cells_of
from assetflow.cli.views.grid import GAP, NARROWEST, fitted, grid_of

TEXTS = st.text(alphabet=st.sampled_from("ab 日本é\n\x1b🙂"), max_size=30)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=12), st.integers(1, 120))
def test_widths_fit_and_none_grows(natural, width):
    widths = fitted(natural, width)
    total = sum(widths) + GAP * (len(widths) - 1)

    assert all(got <= wanted for got, wanted in zip(widths, natural, strict=False))
    assert total <= width or len(widths) == 1
    if sum(natural) + GAP * (len(natural) - 1) <= width:
        assert widths == natural
    elif len(widths) == len(natural) and max(widths) > NARROWEST:
        assert total == width  # no room is given away


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=5), st.integers(2 * NARROWEST + GAP, 60))
def test_every_line_is_as_wide_as_the_columns_whatever_the_characters(rows, width):
    table = pa.table(
        {"one": [a for a, _ in rows], "two": [b for _, b in rows]},
        schema=pa.schema({"one": pa.string(), "two": pa.string()}),
    )
    drawn = grid_of(cells_of(table), width)

    assert len(drawn.lines) == len(rows) + 2
    assert all(cell_len(line) <= width for line in drawn.lines)
    assert drawn.left_out == ()


def test_numbers_stand_to_the_right_and_text_to_the_left():
    table = pa.table({"city": ["Oslo", "Lima"], "people": [700_000, None]})
    assert str(grid_of(cells_of(table), 80)) == "city  people\n----  ------\nOslo  700000\nLima    NULL"


def test_columns_without_room_are_named():
    table = pa.table({f"column_number_{number}": ["x" * 30] for number in range(5)})
    drawn = grid_of(cells_of(table), 40)
    assert (
        drawn.left_out == ("column_number_2", "column_number_3", "column_number_4") or len(drawn.left_out) < 4
    )
    assert len(drawn.left_out) + drawn.lines[1].count(" " * GAP) + 1 == 5


def test_the_first_rows_are_taken_and_all_are_counted():
    cells = cells_of(pa.table({"n": list(range(100))}), 3)
    assert cells.rows == (("0",), ("1",), ("2",))
    assert cells.total == 100


def test_values_look_as_people_write_them():
    assert cell_text(None) == "NULL"
    assert cell_text(True) == "true"
    assert cell_text(datetime(2026, 1, 2, 3, 4)) == "2026-01-02 03:04:00"
    assert cell_text(b"\xaa\x01") == "0xaa01"
    assert cell_text({"a": [1, None]}) == '{"a": [1, null]}'
    assert cell_text("a\nb") == "a\\nb"


def test_what_python_cannot_hold_is_shown_as_text():
    years = pa.array([10_000_000], pa.date32())
    nanoseconds = pa.array([1], pa.timestamp("ns"))
    cells = cells_of(pa.table({"year": years, "ns": nanoseconds}))
    assert cells.rows[0][0].startswith("2")
    assert cells.rows[0][1].endswith("000000001")
