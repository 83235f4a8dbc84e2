"""Small things in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetflow.cli.views.words import (
    counted,
    counts_text,
    duration,
    first_line,
    listed,
    number,
    one_line,
    plain,
    short,
    size,
    when,
)

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "<1 ms"),
        (0.012, "12 ms"),
        (0.0996, "0.1 s"),
        (0.8, "0.8 s"),
        (59.96, "1 min 00 s"),
        (80, "1 min 20 s"),
        (7500, "2 h 05 min"),
        (None, ""),
    ],
)
def test_durations_have_the_units_that_matter(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (14_200_000, "14.2 MB"), (999_960, "1.0 MB"), (None, "")],
)
def test_sizes_have_three_digits(count, text):
    assert size(count) == text


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (timedelta(seconds=3), "just now"),
        (timedelta(seconds=40), "40 s ago"),
        (timedelta(minutes=12), "12 min ago"),
        (timedelta(hours=3), "today 12:00"),
        (timedelta(hours=20), "yesterday 19:00"),
        (timedelta(days=22), "2026-11-01 15:00"),
        (timedelta(seconds=-5), "2026-11-23 15:00"),
    ],
)
def test_moments_are_told_as_one_says_them(ago, text):
    assert when((NOW - ago).isoformat(), NOW) == text


def test_moments_are_local():
    berlin = timezone(timedelta(hours=1))
    assert when("2026-11-01T23:30:00+00:00", NOW.astimezone(berlin)) == "2026-11-02 00:30"


@given(st.text(alphabet=st.characters(categories=["Cc", "Cf", "Cs", "Lu", "Zl", "So"])))
def test_foreign_text_has_no_power_over_the_terminal(text):
    assert one_line(text).isprintable()
    assert plain(text).replace("\n", "").replace("\t", "").isprintable()
    one_line(text).encode()


def test_what_is_printable_stays():
    assert plain("naïve 日本語 ✓\nnext") == "naïve 日本語 ✓\nnext"
    assert one_line("a\nb\x1b[31m") == "a\\nb\\x1b[31m"


def test_the_first_line_stands_for_a_text_that_has_no_room():
    assert first_line("no column x\nline 1:\n  ^") == "no column x"
    assert first_line("\n first\x1b[31m\tsecond") == "first\\x1b[31m\\tsecond"
    assert first_line("") == ""


def test_counts_and_lists():
    assert number(69659) == "69,659"
    assert number(None) == ""
    assert (counted(1, "row"), counted(2000, "row")) == ("1 row", "2,000 rows")
    assert counts_text({"built": 12, "fresh": 1}) == "12 built, 1 fresh"
    assert listed(list("abcdef")) == "a, b, c, d and 2 more"
    assert listed(["a"]) == "a"
    assert (short("0123456789abcdef"), short(None)) == ("0123456789ab", "")
