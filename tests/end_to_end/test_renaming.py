"""`renamed_from=`: an asset under another name takes over what is on record of it, and nothing runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from cells import declared_in
from noted import NOTES, note
from shops import Shop

import assetflow as af
from assetflow.errors import DeclarationError
from assetflow.keys import key_problem

BEFORE = """
@af.asset
def number() -> int:
    note("number")
    return 3

@af.asset{checks}
def old(number: int) -> pa.Table:
    note("old")
    return pa.table({{"n": list(range(number))}})

@af.asset
def below(old: pa.Table) -> int:
    note("below")
    return old.num_rows
"""

AFTER = """
@af.asset
def number() -> int:
    note("number")
    return {number}

@af.asset(renamed_from="old"{checks})
def new(number: int) -> pa.Table:
    note("{said}")
    return pa.table({{"n": list(range(number))}})

@af.asset(inputs={{"old": "new"}})
def below(old: pa.Table) -> int:
    note("below")
    return old.num_rows
"""


def project(text: str, store: str = "memory://") -> af.Project:
    import pyarrow as pa

    NOTES.clear()
    return af.Project(declared_in(text, af=af, note=note, pa=pa), store=store, executor="inline")


def after(checks: str = "", number: int = 3, said: str = "old") -> str:
    return AFTER.format(checks=checks, number=number, said=said)


@pytest.fixture
def first() -> af.Project:
    first = project(BEFORE.format(checks=""))
    first.materialize()
    return first


def test_nothing_runs_and_what_is_below_stays_fresh(first: af.Project) -> None:
    renamed = project(after(), first.store)
    assert [(item.key, item.state, item.reasons) for item in renamed.plan()] == [
        ("number", "fresh", ()),
        ("new", "reuse", ("renamed from old",)),
        ("below", "fresh", ()),
    ]
    run = renamed.materialize()
    assert NOTES == []
    assert {item.key: item.state for item in run} == {"number": "fresh", "new": "reused", "below": "fresh"}
    assert renamed.load("new") == first.load("old")
    assert not renamed.plan()


def test_the_record_says_where_it_comes_from_and_the_old_key_stays_as_it_was(first: af.Project) -> None:
    old = first.current("old")
    renamed = project(after(), first.store)
    run = renamed.materialize()
    new = renamed.current("new")
    assert (new.run_id, new.data_version, new.rows) == (run.id, old.data_version, old.rows)
    assert new.version != old.version
    assert new.reasons == ("renamed from old",)
    assert {entry.key: entry.version for entry in renamed.recorded()}["old"] == old.version
    assert [entry.version for entry in renamed.history("new")] == [new.version]


def test_what_follows_is_as_if_it_had_been_called_so_always(first: af.Project) -> None:
    renamed = project(after(), first.store)
    renamed.materialize()
    plain = project(after().replace('(renamed_from="old")', ""), first.store)
    assert not plain.plan()
    changed = project(after(number=4), first.store)
    changed.materialize()
    assert NOTES == ["number", "old", "below"]
    project(after(), first.store).materialize()
    assert [item.state for item in project(after(), first.store).plan()] == ["fresh"] * 3


def test_other_code_runs_and_the_plan_says_what_differs(first: af.Project) -> None:
    renamed = project(after(said="new"), first.store)
    item = renamed.plan()["new"]
    assert item.state == "build"
    assert item.reasons[0] == "renamed from old"
    assert item.reasons[1].startswith("code changed")
    renamed.materialize()
    assert NOTES == ["new"]


def test_while_an_input_is_to_be_built_it_may_be_taken_over(first: af.Project) -> None:
    text = after().replace('note("number")\n    return 3', "return 1 + 2")
    renamed = project(text, first.store)
    assert (renamed.plan()["new"].state, renamed.plan()["new"].reasons) == ("maybe", ("waits for number",))
    renamed.materialize()
    assert NOTES == []
    other = project(after(number=4), first.store)
    assert other.plan()["new"].state == "maybe"


def test_its_checks_judge_what_is_taken_over(first: af.Project) -> None:
    renamed = project(after(", checks=[af.row_count(max=9)]"), first.store)
    assert renamed.plan()["new"].state == "check"
    assert renamed.materialize()["new"].state == "checked"
    assert NOTES == []
    assert renamed.load("new") == first.load("old")
    assert not renamed.plan()


def test_what_is_taken_over_and_fails_its_checks_is_rejected_under_the_new_key(first: af.Project) -> None:
    renamed = project(after(", checks=[af.row_count(max=1)]"), first.store)
    run = renamed.materialize()
    assert (run["new"].state, run["below"].state) == ("rejected", "skipped")
    assert renamed.plan()["new"].state == "rejected"
    assert NOTES == []
    assert "new" not in renamed.snapshot().keys


EFFECT = "\n@af.asset{renamed}\ndef {name}(number: int) -> None:\n    note('mail')\n"
NUMBER = "@af.asset\ndef number() -> int:\n    return {number}\n"


def test_a_renamed_effect_is_not_done_again_until_its_inputs_change() -> None:
    first = project(NUMBER.format(number=1) + EFFECT.format(renamed="", name="mail"))
    first.materialize()
    assert NOTES == ["mail"]
    later = EFFECT.format(renamed='(renamed_from="mail")', name="letter")
    renamed = project(NUMBER.format(number=1) + later, first.store)
    assert renamed.materialize()["letter"].state == "reused"
    assert not renamed.plan()
    changed = project(NUMBER.format(number=2) + later, first.store)
    assert changed.materialize()["letter"].state == "built"
    back = project(NUMBER.format(number=1) + later, first.store)
    assert NOTES == []
    assert back.materialize()["letter"].state == "built"


WRONG = """import assetflow as af

@af.asset
def old() -> int:
    return 1

@af.asset(renamed_from="old")
def one() -> int:
    return 1

@af.asset(renamed_from="two")
def two() -> int:
    return 1

@af.asset(renamed_from="gone")
def three() -> int:
    return 1

four = af.sql("four", "select 1 as n", renamed_from="gone")

@af.asset(renamed_from="no key!")
def five() -> int:
    return 1

@af.asset(renamed_from=3, private="yes")
def six() -> int:
    return 1
"""


def test_what_cannot_be_is_told_with_its_place(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.write("wrongly_renamed.py", WRONG)
    shop.write("assetflow.toml", 'modules = ["wrongly_renamed"]\n')
    with pytest.raises(DeclarationError) as raised:
        _ = af.open(tmp_path).keys
    file = "wrongly_renamed.py"
    assert [(problem.where, problem.message) for problem in raised.value.problems] == [
        (f"{file}:7", f"asset 'one': renamed_from='old' is still declared, at {file}:3"),
        (f"{file}:11", "asset 'two': renamed_from='two' is its own key"),
        (f"{file}:19", f"asset 'four': renamed_from='gone' is claimed by 'three' too, at {file}:15"),
        (
            f"{file}:21",
            f"asset 'five': renamed_from=: {key_problem('no key!')}",
        ),
        (f"{file}:25", "asset 'six': private='yes' is neither True nor False"),
        (f"{file}:25", "asset 'six': renamed_from=3 is not text"),
    ]
