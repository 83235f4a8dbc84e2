"""Figures are medians of rounds, taken round by round, and none is given where a result was refused."""

from __future__ import annotations

import json

from benchmarks.samples import Refusal, Samples, Spread

TAKEN = {
    ("cold", "ours"): {0: {"wall": 2.0}, 1: {"wall": 9.0}, 2: {"wall": 3.0}},
    ("cold", "plain"): {0: {"wall": 1.0}, 2: {"wall": 2.0}},
}


def test_a_spread_is_the_median_between_the_least_and_the_most():
    assert Spread.of([5.0, 1.0, 2.0]) == Spread(median=2.0, least=1.0, most=5.0, count=3)


def test_of_no_numbers_there_is_no_spread():
    assert Spread.of([]) is None


def test_ratios_and_differences_pair_the_rounds_that_both_have():
    samples = Samples(TAKEN)
    ours, plain = ("cold", "ours", "wall"), ("cold", "plain", "wall")

    assert samples.ratio(ours, plain) == [2.0, 1.5]
    assert samples.difference(ours, plain) == [1.0, 1.0]


def test_a_step_that_was_refused_once_has_no_figure():
    samples = Samples(TAKEN, (Refusal("cold", "ours", "the sum is 3, it must be 4"),))

    assert samples.numbers("cold", "ours", "wall") == []
    assert samples.ratio(("cold", "ours", "wall"), ("cold", "plain", "wall")) == []
    assert samples.reason("cold", "ours") == "the sum is 3, it must be 4"
    assert samples.numbers("cold", "plain", "wall") == [1.0, 2.0]


def test_samples_are_the_same_after_json():
    samples = Samples(TAKEN, (Refusal("cold", "ours", "why"),))

    assert Samples.from_json(json.loads(json.dumps(samples.to_json()))) == samples
