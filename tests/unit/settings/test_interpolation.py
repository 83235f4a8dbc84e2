from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assetflow.settings.interpolation import interpolate, names_something, without_names


def filled(value, **names):
    missing = []
    return interpolate(value, names, lambda place, name: missing.append((place, name))), missing


def test_names_are_replaced_at_any_depth_and_several_to_a_text():
    value = {"a": {"b": ["${X}-${Y}", 3]}, "c": True}
    assert filled(value, X="1", Y="2") == ({"a": {"b": ["1-2", 3]}, "c": True}, [])


def test_a_missing_name_is_told_with_its_place():
    assert filled({"a": {"b": ["${X}"]}})[1] == [(("a", "b"), "X")]


def test_a_doubled_dollar_stands_for_the_braces_themselves():
    assert filled("$${X} ${X}", X="1") == ("${X} 1", [])


def test_what_was_put_in_is_not_looked_through_again():
    assert filled("${X}", X="${Y}", Y="no") == ("${Y}", [])


@given(st.text().filter(lambda text: "${" not in text))
def test_text_without_a_name_stays_as_it_is(text):
    assert filled(text) == (text, [])
    assert not names_something(text)


def test_entries_that_hold_names_can_be_left_out():
    value = {"a": "${X}", "b": {"c": ["${Y}"], "d": "$${Z}"}, "e": 1}
    assert without_names(value) == {"b": {"d": "$${Z}"}, "e": 1}
