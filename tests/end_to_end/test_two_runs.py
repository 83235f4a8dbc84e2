"""Two runs of one store that overlap: what each may publish is decided by the conflict rules."""

from __future__ import annotations

from typing import Any

from cells import declared_in
from meanwhile import Meanwhile
from noted import NOTES, note

import assetflow as af

TEXT = """
@af.asset
def number() -> int:
    return {number}

@af.asset
def double(number: int) -> int:
    return number * 2
"""


def project(text: str, store: str = "memory://", **given: Any) -> af.Project:
    return af.Project(declared_in(text, af=af, **given), store=store, executor="inline")


def test_the_same_work_twice_is_published_once() -> None:
    first = project(TEXT.format(number=1))
    meanwhile = Meanwhile("number", project(TEXT.format(number=1), first.store).materialize)
    run = first.materialize(listener=meanwhile)
    assert run.status == "succeeded"
    assert meanwhile.gave is not None
    assert meanwhile.gave.status == "succeeded"
    published = first.sql("select asset from publications")["asset"].to_pylist()
    assert sorted(published) == ["double", "number"]


def test_of_two_equals_the_first_stands_and_the_other_is_superseded() -> None:
    first = project(TEXT.format(number=1))
    meanwhile = Meanwhile("number", project(TEXT.format(number=2), first.store).materialize)
    run = first.materialize(listener=meanwhile)
    assert run.status == "failed"
    assert run["number"].state == "superseded"
    assert run["double"].state == "superseded"
    assert first.load("number") == 2
    assert first.load("double") == 4


def test_what_is_not_deterministic_is_shown_and_the_first_stands() -> None:
    NOTES.clear()
    text = "@af.asset\ndef count() -> int:\n    note(1)\n    return len(notes())\n"

    def notes() -> list[object]:
        return NOTES

    notes.__module__ = "noted"
    first = project(text, note=note, notes=notes)
    meanwhile = Meanwhile("count", project(text, first.store, note=note, notes=notes).materialize)
    run = first.materialize(listener=meanwhile)
    assert run["count"].state == "superseded"
    assert "deterministic" in run["count"].message
    assert first.load("count") == 1


def test_disjoint_selections_both_publish_all() -> None:
    text = "@af.asset\ndef one() -> int:\n    return 1\n\n@af.asset\ndef two() -> int:\n    return 2\n"
    first = project(text)
    other = project(text, first.store)

    meanwhile = Meanwhile("one", lambda: other.materialize("two"))
    assert first.materialize("one", listener=meanwhile).status == "succeeded"
    assert meanwhile.gave is not None
    assert meanwhile.gave.status == "succeeded"
    assert first.snapshot().keys == ("one", "two")


def test_the_one_built_on_what_is_published_wins() -> None:
    base = project(TEXT.format(number=1))
    base.materialize()
    slow = project(TEXT.format(number=1).replace("* 2", "* 3"), base.store)
    newer = project(TEXT.format(number=5), base.store)
    meanwhile = Meanwhile("double", newer.materialize)
    run = slow.materialize("double", listener=meanwhile)
    assert run["double"].state == "superseded"
    assert (base.load("number"), base.load("double")) == (5, 10)


def test_after_the_first_failure_nothing_more_starts_when_asked_so() -> None:
    text = """
@af.asset
def a() -> int:
    return 1 // 0

@af.asset
def b() -> int:
    return 1
"""
    run = project(text).materialize(fail_fast=True, jobs=1)
    assert run["a"].state == "failed"
    assert run["b"].state == "cancelled"


REJECTED = """
@af.asset(checks=[af.row_count(max={most})])
def a() -> pa.Table:
    return pa.table({{"n": [1, 2, 3]}})

@af.asset
def b(a: pa.Table) -> int:
    return {number}
"""


def test_a_rejection_that_stood_before_does_not_stop_the_others_but_one_of_this_run_does() -> None:
    import pyarrow as pa

    first = project(REJECTED.format(most=9, number=1), pa=pa)
    first.materialize()
    judged = project(REJECTED.format(most=1, number=1), first.store, pa=pa)
    run = judged.materialize(fail_fast=True, jobs=1)
    assert (run["a"].state, run["b"].state) == ("rejected", "cancelled")
    other = REJECTED.format(most=1, number=1) + "\n@af.asset\ndef c() -> int:\n    return 1\n"
    run = project(other, first.store, pa=pa).materialize(fail_fast=True, jobs=1)
    assert {item.key: item.state for item in run} == {"a": "rejected", "b": "fresh", "c": "built"}
