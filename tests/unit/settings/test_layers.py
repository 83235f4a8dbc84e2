from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assetflow.settings.layers import laid_over, layer, leaves_of, values_of

values = st.recursive(
    st.dictionaries(st.sampled_from("abc"), st.integers()),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner | st.integers()),
    max_leaves=8,
)


@given(values)
def test_a_layer_holds_the_values_that_it_was_made_of(given_values):
    assert values_of(layer(given_values, given_values, "here")) == given_values


@given(values, values)
def test_every_value_of_the_upper_layer_wins_and_no_other_changes(below, above):
    merged = laid_over(layer(below, below, "below"), layer(above, above, "above"))
    by_place = dict(leaves_of(merged))
    upper = dict(leaves_of(layer(above, above, "above")))
    assert {place: leaf for place, leaf in by_place.items() if leaf.origin == "above"} == upper
    lower = dict(leaves_of(layer(below, below, "below")))
    assert {
        place: leaf for place, leaf in by_place.items() if leaf.origin == "below"
    }.items() <= lower.items()


def test_a_value_is_shown_as_written():
    tree = layer({"store": "s3://secret"}, {"store": "${URL}"}, "here")
    assert [(leaf.value, leaf.shown) for _, leaf in leaves_of(tree)] == [("s3://secret", "${URL}")]


def test_what_was_written_short_is_shown_so():
    tree = layer({"retries": {"times": 2}}, {"retries": 2}, "here")
    assert [(place, leaf.shown) for place, leaf in leaves_of(tree)] == [(("retries", "times"), 2)]
