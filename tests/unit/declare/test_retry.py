from __future__ import annotations

import re

import pytest

from assetflow.declare.retry import Retry, policy_of
from assetflow.model.spec import Retry as Policy


def test_a_number_asks_for_so_many_retries_with_the_usual_pauses():
    assert policy_of(3) == Policy(times=3)


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
