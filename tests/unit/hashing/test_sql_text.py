"""The tokens of a SQL text, and what of it counts."""

from __future__ import annotations

import pytest

from assetflow.hashing.sql_text import sql_digest, sql_tokens


def texts(text: str) -> list[str]:
    return [token.text for token in sql_tokens(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a-1--2\n, 'it''s -- no' /* x ' */ FROM t", ["a", "-", "1", ",", "'it''s -- no'", "FROM", "t"]),
        ("E'a\\'b' x'00' \"a\"\"b\"", ["E'a\\'b'", "x'00'", '"a""b"']),
        ("$$ it's $$ $tag$ $$ $tag$", ["$$ it's $$", "$tag$ $$ $tag$"]),
        ("a::int ->> 'x' 1.5e-3 .5 1_000 é", ["a", "::", "int", "->>", "'x'", "1.5e-3", ".5", "1_000", "é"]),
        ("'open", ["'", "open"]),
        ("a /* x /* y */ -- */ + /*/ */ b /**/", ["a", "+", "b"]),
        ("/* open", ["/*", "open"]),
        ("/* /* */ open", ["/*", "open"]),
    ],
)  # fmt: skip
def test_a_text_is_taken_apart_as_duckdb_reads_it(text, expected):
    assert texts(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT a FROM t", "select  a\nfrom t ;"),
        ("SELECT a FROM t GROUP BY a", "select a from t group by a -- by a"),
        (
            "SELECT a IS NOT NULL FROM t LEFT JOIN u USING (k)",
            "select a is not null from t left join u using(k)",
        ),
    ],
)
def test_layout_and_the_case_of_keywords_do_not_count(one, other):
    assert sql_digest(one) == sql_digest(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT a FROM t", "SELECT A FROM t"),
        ("SELECT 'a' FROM t", "SELECT 'A' FROM t"),
        ('SELECT "a" FROM t', "SELECT a FROM t"),
        ("SELECT 1 AS order", "SELECT 1 AS ORDER"),
        ("SELECT t.order FROM t", "SELECT t.ORDER FROM t"),
        ("SELECT a + b FROM t", "SELECT a + c FROM t"),
        ("SELECT 'a  b'", "SELECT 'a b'"),
        ("SELECT 1 -- a\r, 2", "SELECT 1 -- a , 2"),
        ("SELECT year FROM t", "SELECT YEAR FROM t"),
        ("SELECT /* /* */ -- */ 1", "SELECT /* /* */ -- */ 2"),
    ],
)
def test_names_and_literals_count(one, other):
    assert sql_digest(one) != sql_digest(other)


def test_the_hash_of_a_query_is_for_ever():
    assert sql_digest("SELECT day, sum(amount) AS total FROM sales GROUP BY day") == (
        "3461e40266bc166cba39f1953264e800"
    )
