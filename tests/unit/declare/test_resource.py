from __future__ import annotations

from assetflow.declare.resource import Resource


def test_an_identity_is_a_value_or_is_asked_for_each_time():
    answers = iter(["one", "two"])
    assert Resource("db").identity is None
    assert Resource("db", dict, identity={"host": "h"}).identity == {"host": "h"}
    asked = Resource("db", dict, identity=lambda: next(answers))
    assert (asked.identity, asked.identity) == ("one", "two")


def test_a_resource_that_cannot_be_opened_says_so():
    assert Resource("db", "postgres://").wrong == "open= is not a function"
    assert Resource("db", dict, close=3).wrong == "close= is not a function"
    assert Resource("db", dict).wrong is None
