"""Durations as users write them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetflow.declare.durations import seconds_of


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("500ms", 0.5), ("1s", 1), (" 1.5 m ", 90), ("2h", 7200), ("1d", 86400), (3, 3), (0.25, 0.25), (0, 0)],
)
def test_durations_are_seconds_or_text_with_a_unit(text, seconds):
    assert seconds_of(text) == seconds


@given(st.integers(0, 36_525), st.sampled_from(["ms", "s", "m", "h", "d"]))
def test_a_duration_in_a_larger_unit_is_longer(number, unit):
    units = ["ms", "s", "m", "h", "d"]
    assert all(
        seconds_of(f"{number}{unit}") <= seconds_of(f"{number}{larger}")
        for larger in units[units.index(unit) :]
    )


@pytest.mark.parametrize(
    "value",
    ["soon", "1", "-1s", "1 week", -1, float("nan"), float("inf"), True, None, [], "36526d", timedelta.max],
)
def test_what_is_no_duration_is_refused(value):
    with pytest.raises(ValueError, match="is not a duration"):
        seconds_of(value)


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=36_525)))
def test_a_timedelta_is_its_seconds(length):
    assert seconds_of(length) == length.total_seconds()


@pytest.mark.parametrize(
    ("text", "meant"),
    [("1 day", "'1d'"), ("15 min", "'15m'"), ("2 Hours", "'2h'"), ("1 week", "'7d'"), ("daily", "'1d'")],
)
def test_what_was_probably_meant_is_told(text, meant):
    with pytest.raises(ValueError, match=f"did you mean {meant}"):
        seconds_of(text)
