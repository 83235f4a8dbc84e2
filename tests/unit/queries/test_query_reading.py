"""What a query reads, and which queries no asset can be made by."""

from __future__ import annotations

import pytest

from assetflow.errors import QueryError
from assetflow.queries.reading import QueryReader

WHOLE = None


def reads(query: str) -> dict[str, frozenset[str] | None]:
    return {read.name: read.named for read in QueryReader().read(query)}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT a, sum(b) FROM t GROUP BY a", {"t": {"a", "b"}}),
        ("SELECT count(*) FROM t", {"t": set()}),
        ("SELECT t.a FROM t JOIN u ON t.k = u.j", {"t": {"a", "k", "t", "u"}, "u": {"j", "t", "u"}}),
        ("SELECT x.a FROM Sales AS x", {"Sales": {"a", "x"}}),
        ('SELECT id FROM "retail/orders"', {"retail/orders": {"id"}}),
        ("SELECT a FROM t JOIN u USING (k)", {"t": {"a", "k"}, "u": {"a", "k"}}),
        ("WITH q AS (SELECT a FROM t) SELECT * FROM q", {"t": {"a"}}),
        ("WITH t AS (SELECT a FROM t) SELECT * FROM t", {"t": {"a"}}),
        ("SELECT (SELECT max(z) FROM u WHERE u.k = t.k) FROM t", {key: {"z", "u", "t", "k"} for key in "tu"}),
        ("SELECT a FROM t ORDER BY ALL", {"t": {"a"}}),
        ("SELECT a.b.c FROM t", {"t": {"a", "b", "c"}}),
        ("FROM range(3) AS r(n) SELECT n", {}),
        ("SELECT v FROM t, unnest(t.l) AS w(v)", {"t": {"v", "l", "t"}}),
    ],
)  # fmt: skip
def test_a_column_is_read_that_a_name_in_the_query_may_mean(query, expected):
    assert reads(query) == {name: frozenset(names) for name, names in expected.items()}


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM t",
        "FROM t",
        "SELECT t.* FROM t",
        "SELECT * EXCLUDE (a) FROM t",
        "SELECT COLUMNS('a|b') FROM t",
        "SELECT sum(COLUMNS(*)) FROM t",
        "SELECT t FROM t",
        "SELECT count(T) FROM t",
        "SELECT #1 FROM t",
        "SELECT b FROM t AS x(b)",
        "SELECT * FROM (PIVOT t ON a IN (1, 2) USING sum(b))",
        "SELECT a FROM (SELECT * FROM t)",
        "SELECT main.t FROM t",
        "SELECT a FROM t WHERE EXISTS (SELECT t.*)",
    ],
)
def test_a_table_is_read_whole_whose_columns_are_read_without_a_name(query):
    assert reads(query) == {"t": WHOLE}


def test_a_natural_join_reads_both_tables_whole():
    assert reads("SELECT a FROM t NATURAL JOIN u") == {"t": WHOLE, "u": WHOLE}


def test_a_star_over_a_step_reads_what_the_step_names():
    assert reads("WITH q AS (SELECT a FROM t), r AS (SELECT * FROM q JOIN u USING (a)) SELECT * FROM r") == {
        "t": frozenset({"a"}),
        "u": WHOLE,
    }


@pytest.mark.parametrize(
    ("query", "message", "at"),
    [
        ("", "the query is empty", None),
        ("-- nothing", "the query is empty", None),
        ("SELECT 1; SELECT 2", "the text holds 2 statements", "SELECT 2"),
        ("selec a from t", 'syntax error at or near "selec"', "selec"),
        ("SELECT é,\n a frm t u", 'syntax error at or near "t"', "t u"),
        ("DELETE FROM t", "a statement that begins with DELETE is no SELECT", "DELETE"),
        ("PIVOT t ON a USING sum(b)", "a statement that begins with PIVOT is no SELECT", "PIVOT"),
        ("WITH x AS (COPY t TO 'f') SELECT 1", "it holds COPY", None),
        ("SELECT a, now() FROM t", "now() asks for the time, which is no input of the query", "now()"),
        ("SELECT a FROM t WHERE d < CURRENT_DATE", "current_date asks for the time", "CURRENT_DATE"),
        ("SELECT age(d) FROM t", "age() asks for the time", "age(d)"),
        ("SELECT a FROM t ORDER BY random()", "random() gives something else each time", "random()"),
        ("SELECT current_setting('threads')", "asks for more than the query's inputs", "current_setting"),
        ("SELECT a FROM read_csv('x.csv')", "read_csv() reads what is no asset", "read_csv"),
        ("SELECT a FROM glob('*')", "glob() reads what is no asset", "glob"),
        ("SELECT a FROM query_table('t')", "query_table() reads what is no asset", "query_table"),
        ("SELECT a FROM main.t", "tables have no schema, catalog or time here", "main.t"),
        ("SELECT a FROM t USING SAMPLE 10%", "it takes a sample, which is another one each time", None),
        ("SELECT a FROM t TABLESAMPLE 10%", "it takes a sample", "t TABLESAMPLE"),
        ("SELECT a FROM t WHERE a = $1", "it has a parameter", "$1"),
        ("SELECT * FROM (DESCRIBE t)", "DESCRIBE, SHOW and SUMMARIZE tell of tables", None),
    ],
)
def test_a_query_that_makes_no_asset_is_refused_at_its_place(query, message, at):
    with pytest.raises(QueryError) as raised:
        QueryReader().read(query)

    assert message in raised.value.message
    if at is not None:
        assert query[raised.value.position :].startswith(at)


def test_a_column_that_has_the_name_of_a_clock_is_written_in_quotes():
    assert reads('SELECT "current_date" FROM t') == {"t": frozenset({"current_date"})}


def test_age_between_two_times_is_no_clock():
    assert reads("SELECT age(a, b) FROM t") == {"t": frozenset({"a", "b"})}


def test_every_function_that_duckdb_calls_volatile_is_refused():
    import duckdb

    from assetflow.queries.functions import refusal

    found = duckdb.sql(
        "SELECT DISTINCT function_name FROM duckdb_functions() WHERE stability <> 'CONSISTENT'"
    )

    # error() ends the query, with the same words each time
    assert [name for (name,) in found.fetchall() if refusal(name, 0) is None] == ["error"]


def test_every_macro_of_duckdb_that_calls_what_is_refused_is_refused():
    import re

    import duckdb

    from assetflow.queries.functions import CHANCE, ELSEWHERE, TIME, refusal

    found = duckdb.sql(
        "SELECT DISTINCT function_name, macro_definition FROM duckdb_functions() WHERE function_type = 'macro'"
    )
    asking = {
        name for name, text in found.fetchall() if {*re.findall(r"\w+", text)} & (TIME | CHANCE | ELSEWHERE)
    }

    assert {"pg_postmaster_start_time", "pg_sleep"} <= asking
    assert [name for name in asking if refusal(name, 0) is None] == []
