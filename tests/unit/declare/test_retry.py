from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetflow.declare.retry import Retry, policy_of, seconds_of
from assetflow.model.spec import Retry as Policy


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("500ms", 0.5), ("1s", 1), (" 1.5 m ", 90), ("2h", 7200), ("1d", 86400), (3, 3), (0.25, 0.25), (0, 0)],
)
def test_durations_are_seconds_or_text_with_a_unit(text, seconds):
    assert seconds_of(text) == seconds


@given(st.integers(0, 10**6), st.sampled_from(["ms", "s", "m", "h", "d"]))
def test_a_duration_in_a_larger_unit_is_longer(number, unit):
    units = ["ms", "s", "m", "h", "d"]
    assert all(
        seconds_of(f"{number}{unit}") <= seconds_of(f"{number}{larger}")
        for larger in units[units.index(unit) :]
    )


@pytest.mark.parametrize(
    "value", ["soon", "1", "-1s", "1 week", -1, float("nan"), float("inf"), True, None, []]
)
def test_what_is_no_duration_is_refused(value):
    with pytest.raises(ValueError, match="is not a duration"):
        seconds_of(value)


def test_a_number_asks_for_so_many_retries_with_the_usual_pauses():
    assert policy_of(3) == policy_of("3") == Policy(times=3)


def test_words_become_the_plain_policy():
    asked = Retry(
        times=2, backoff="constant", first="2s", most="1m", jitter=False, on=[TimeoutError, OSError]
    )
    assert policy_of(asked) == Policy(2, "constant", 2.0, 60.0, False, (TimeoutError, OSError))
    assert policy_of(Retry(on=OSError)).on == (OSError,)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("often", "'often' is not a number of retries"),
        (-1, "-1 is not a number of retries"),
        (True, "True is not a number of retries"),
        (1.5, "1.5 is not a number of retries"),
        (Retry(backoff="linear"), "backoff='linear'"),
        (Retry(first="1m", most="1s"), "most='1s' is shorter than first='1m'"),
        (Retry(on=["OSError"]), "is not an exception type"),
        (Retry(on=OSError("x")), "is not an exception type"),
    ],
)
def test_what_cannot_be_retried_is_refused(value, told):
    with pytest.raises(ValueError, match=re.escape(told)):
        policy_of(value)
