from __future__ import annotations

import pytest

from assetflow.checks.thresholds import Threshold, judge_count, parse_threshold, require_judgeable
from assetflow.errors import UsageError


@pytest.mark.parametrize(
    ("text", "sign", "number"),
    [(">10", ">", 10), (" >= 3 ", ">=", 3), ("!=0", "!=", 0), ("<1_000", "<", 1000)],
)
def test_a_threshold_is_a_sign_and_a_number(text, sign, number):
    assert parse_threshold(text) == Threshold(sign, number)


@pytest.mark.parametrize("text", ["10", "> ten", "=>3", ">-1", "", ">10%", "between 1 and 5", 10, ">1.5"])
def test_anything_else_is_refused_with_examples(text):
    with pytest.raises(UsageError, match="not a comparison") as caught:
        parse_threshold(text)
    assert '">10"' in caught.value.hint


def test_a_single_failing_row_is_an_error_where_nothing_else_is_said():
    assert judge_count(1, "error", None, None) == (False, "error")
    assert judge_count(0, "error", None, None) == (True, "error")


def test_error_if_is_tested_before_warn_if():
    assert judge_count(5, "error", ">10", ">100") == (True, "error")
    assert judge_count(50, "error", ">10", ">100") == (False, "warn")
    assert judge_count(500, "error", ">10", ">100") == (False, "error")


def test_below_error_if_alone_any_row_warns():
    assert judge_count(5, "error", None, ">100") == (False, "warn")


def test_severity_warn_never_blocks_whatever_error_if_says():
    assert judge_count(500, "warn", None, ">100") == (False, "warn")
    assert judge_count(5, "warn", ">10", ">100") == (True, "warn")


def test_an_unknown_severity_is_refused():
    with pytest.raises(UsageError, match="'fatal' is unknown"):
        require_judgeable("fatal", None, None)


def test_a_threshold_that_does_not_parse_is_refused_where_it_is_declared():
    with pytest.raises(UsageError, match="'many'"):
        require_judgeable("error", None, "many")
