from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from assetflow.execution.inline import InlineExecutor
from assetflow.execution.under_way import UnderWay, Work


def begun(under_way: UnderWay[str], *keys: str) -> None:
    for key in keys:
        under_way.begin(InlineExecutor(), Work(key, key.upper(), takes_a_place=key != "free"), str, key)


def test_what_is_done_comes_back_with_what_was_given_to_it() -> None:
    under_way: UnderWay[str] = UnderWay()
    begun(under_way, "a", "free")
    assert (len(under_way), under_way.places_taken) == (2, 1)
    assert [(work.what, result, wanted) for work, result, wanted in under_way.done(0.0)] == [
        ("A", "a", True),
        ("FREE", "free", True),
    ]
    assert (len(under_way), under_way.places_taken) == (0, 0)


def test_waiting_ends_with_the_time_that_was_given() -> None:
    under_way: UnderWay[str] = UnderWay()
    go_on = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        under_way.begin(pool, Work("a", "A", takes_a_place=True), go_on.wait, 10)
        assert list(under_way.done(0.01)) == []
        go_on.set()
        assert [work.key for work, _, _ in under_way.done(10.0)] == ["a"]


def test_what_was_disowned_is_not_wanted_but_what_begins_after_is() -> None:
    under_way: UnderWay[str] = UnderWay()
    begun(under_way, "a", "b")
    assert under_way.disown(["b", "c"]) == {"b"}
    assert under_way.disown(["b"]) == set()
    begun(under_way, "b")
    assert [(work.key, wanted) for work, _, wanted in under_way.done(0.0)] == [
        ("a", True),
        ("b", False),
        ("b", True),
    ]


def test_what_the_work_raised_is_raised() -> None:
    under_way: UnderWay[str] = UnderWay()
    under_way.begin(InlineExecutor(), Work("a", "A", takes_a_place=True), int, "x")
    with pytest.raises(ValueError, match="invalid literal"):
        list(under_way.done(0.0))
