"""The running of a query: what it sees, in which order its rows come, what is said when it cannot run."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from assetflow.errors import DataError, QueryError
from assetflow.frames.intake import take
from assetflow.frames.parted import PartedTable
from assetflow.queries.clauses import split
from assetflow.queries.running import run_query
from assetflow.queries.views import QueryInput
from assetflow.storage import artifacts
from assetflow.storage.store import open_store

SALES = pa.table({"day": [2, 1, 2, 1], "amount": [0.5, 1.0, 1.5, 2.0], "note": ["d", "c", "b", "a"]})


@pytest.fixture
def run(tmp_path):
    """Run a query over ``sales``, or over other tables."""

    def call(query: str, table: pa.Table | PartedTable = SALES, **options: Any) -> dict[str, list[Any]]:
        known = tuple(SALES.column_names)
        with ExitStack() as stack:
            made = run_query(
                query,
                [QueryInput("sales", table, table.num_rows, known)],
                scratch=tmp_path,
                stack=stack,
                **options,
            )
            return pa.concat_tables(made.rows).to_pydict()

    return call


def test_rows_are_ordered_by_all_columns_where_the_query_does_not_say(run):
    assert run("SELECT day, note FROM sales") == {"day": [1, 1, 2, 2], "note": ["a", "c", "b", "d"]}


def test_what_order_by_leaves_open_is_ordered_by_all_columns(run):
    assert run("SELECT note, day FROM sales ORDER BY day DESC") == {
        "note": ["b", "d", "a", "c"],
        "day": [2, 2, 1, 1],
    }


def test_limit_cuts_the_one_order(run):
    assert run("SELECT note FROM sales LIMIT 2") == {"note": ["a", "b"]}
    assert run("SELECT note FROM sales ORDER BY day LIMIT 1 OFFSET 1") == {"note": ["c"]}
    assert run("SELECT note FROM sales ORDER BY -day LIMIT (SELECT 2)") == {"note": ["b", "d"]}
    assert run("SELECT note FROM sales ORDER BY day OFFSET 1 ROW FETCH NEXT 2 ROWS ONLY") == {
        "note": ["c", "b"]
    }
    assert run("SELECT note FROM sales FETCH FIRST ROW ONLY") == {"note": ["a"]}


def test_a_comment_within_a_comment_is_no_part_of_the_query(run):
    assert run("SELECT note /* a /* b */ ORDER BY note */ FROM sales LIMIT 1") == {"note": ["a"]}


def test_an_order_that_chooses_the_rows_stays_in_the_query(run):
    assert run("SELECT DISTINCT ON (day) day, note FROM sales ORDER BY day, note DESC") == {
        "day": [1, 2],
        "note": ["c", "d"],
    }


@pytest.mark.parametrize("limit", ["LIMIT 3", "LIMIT (SELECT 3)"])
def test_sort_by_decides_which_rows_a_limit_keeps(run, limit):
    assert run(f"SELECT note, amount FROM sales {limit}", sort_by=["amount"])["amount"] == [0.5, 1.0, 1.5]


def test_sort_by_orders_a_query_without_order_by(run):
    assert run("SELECT note, amount FROM sales", sort_by=["amount"])["amount"] == [0.5, 1.0, 1.5, 2.0]
    with pytest.raises(DataError, match=r"sort_by= names 'amonut'") as raised:
        run("SELECT note, amount FROM sales", sort_by=["amonut"])
    assert "did you mean 'amount'" in str(raised.value.hint)


def test_floats_are_rounded_before_they_order_anything(run):
    table = pa.table({"x": [0.3, 0.1 + 0.2, -0.001], "s": ["b", "a", "c"]})

    assert run("SELECT x, s FROM sales", table, digits={"x": 2}) == {
        "x": [0.0, 0.3, 0.3],
        "s": ["c", "a", "b"],
    }


def test_times_are_told_in_utc(run):
    at = pa.table({"moment": pa.array([0], pa.timestamp("us", "Europe/Berlin"))})

    assert run("SELECT CAST(moment AS VARCHAR) AS s, date_trunc('day', moment) AS d FROM sales", at)["s"] == [
        "1970-01-01 00:00:00+00"
    ]


def test_a_table_of_which_no_column_is_read_is_counted(run):
    assert run("SELECT count(*) AS n FROM sales", SALES.select([])) == {"n": [4]}


def test_a_query_without_rows_has_columns(run):
    assert run("SELECT day, note FROM sales WHERE false") == {"day": [], "note": []}


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT content FROM read_text('/etc/passwd')",
    ],
)
def test_nothing_but_its_inputs_can_be_read(run, query):
    """Declaring such a query is refused; were it not, it could do nothing."""
    with pytest.raises(QueryError, match=r"Permission|not exist"):
        run(query)


def test_a_column_that_is_not_there_is_told_with_its_place_and_the_nearest_name(run):
    with pytest.raises(QueryError) as raised:
        run("SELECT day,\n  amonut FROM sales")

    assert 'Referenced column "amonut" not found' in raised.value.message
    assert "line 2, column 3:\n  amonut FROM sales\n  ^" in raised.value.message
    assert raised.value.hint == "did you mean 'amount'?"


def test_what_fails_on_the_way_is_told(run):
    with pytest.raises(QueryError, match="Could not convert string 'd' to INT32"):
        run("SELECT CAST(note AS INTEGER) AS n FROM sales")


@pytest.mark.parametrize("lines_above", [0, 1, 12])
@pytest.mark.parametrize("order", ["", "\nORDER BY n", "\nORDER BY n + 1 LIMIT 3"])
def test_what_fails_on_the_way_is_shown_in_the_line_in_which_it_was_written(run, lines_above, order):
    failing = "  CAST(note AS INTEGER) AS n FROM sales"
    with pytest.raises(QueryError) as raised:
        run("-- the days\n" * lines_above + f"SELECT day,\n{failing}{order}")

    label = f"LINE {lines_above + 2}: "
    *_, shown, mark = raised.value.message.split("\n")
    assert shown == label + failing
    assert mark == " " * len(label) + "  " + "^" * len("CAST(note AS INTEGER)")


def test_what_fails_beside_the_rows_names_no_line_that_nobody_wrote(run):
    with pytest.raises(QueryError, match="Could not convert") as raised:
        run("SELECT note FROM sales ORDER BY CAST(note AS INTEGER)")

    assert "LINE" not in raised.value.message


def test_columns_of_one_name_are_refused(run):
    with pytest.raises(DataError, match="more than one column is named 'day'"):
        run("SELECT day, day FROM sales")


def test_columns_whose_names_differ_by_case_only_are_refused_as_such(run):
    with pytest.raises(DataError, match="'day' and 'Day' have the same name in SQL, where case is ignored"):
        run('SELECT day, note AS "Day" FROM sales')


def test_a_type_that_duckdb_has_not_is_refused(run):
    empty_lists = pa.table({"l": pa.array([[]], pa.list_(pa.int8(), 0))})

    with pytest.raises(DataError, match=r"column 'l' has type .*, which DuckDB does not have"):
        run("SELECT l FROM sales", empty_lists)


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("SELECT a FROM t", ("SELECT a FROM t", "", "")),
        ("SELECT a FROM t ORDER BY a DESC LIMIT 3 -- three\n;", ("SELECT a FROM t", "a DESC", "LIMIT 3")),
        ("((SELECT a FROM t ORDER BY a))", ("SELECT a FROM t", "a", "")),
        ("(SELECT a FROM t ORDER BY a) UNION (SELECT 1)", ("(SELECT a FROM t ORDER BY a) UNION (SELECT 1)", "", "")),
        ("SELECT f(a ORDER BY b) OVER w OFFSET 2", ("SELECT f(a ORDER BY b) OVER w", "", "OFFSET 2")),
        ("SELECT 'order by', \"limit\", 1 AS limit", ("SELECT 'order by', \"limit\", 1 AS limit", "", "")),
    ],
)  # fmt: skip
def test_a_query_is_taken_apart_at_its_end(query, parts):
    clauses = split(query)

    assert (clauses.body, clauses.order, clauses.limit) == parts


def test_a_folder_whose_name_is_a_pattern_stands_for_no_other(run, tmp_path):
    content = take(SALES)
    for name in ("star", "st*r"):
        objects = open_store(tmp_path / name, durable=False).objects
        manifest = artifacts.write(content, objects, allow_inline=False).manifest
        stored = artifacts.read(manifest, objects, lazily=True)
        assert run("SELECT count(*) AS n, sum(day)::INT AS s FROM sales", stored.data) == {"n": [4], "s": [6]}


def test_duckdb_is_left_as_it_was(run):
    run("SELECT day FROM sales")

    assert duckdb.sql("SELECT current_setting('enable_external_access')").fetchall() == [(True,)]
