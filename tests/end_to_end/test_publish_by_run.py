"""`publish = "run"`: readers see all that a run changed at once, but for what hangs together with a failure."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

from cells import declared_in
from console import said_in
from meanwhile import Meanwhile
from noted import NOTES, note
from shops import Shop

import assetflow as af
from assetflow.model.runs import HeldBack, Published, RunFinished
from assetflow.model.versions import Materialized

TEXT = """
@af.asset
def raw() -> int:
    note("raw")
    return {number}

@af.asset
def left(raw: int) -> int:
    note("left")
    return raw + 1

@af.asset
def right(raw: int) -> int:
    note("right")
    return raw // {divisor}

@af.asset
def apart() -> int:
    note("apart")
    return {number}
"""


def project(text: str, store: str = "memory://", **given: Any) -> af.Project:
    NOTES.clear()
    assets = declared_in(text, af=af, note=note, **given)
    return af.Project(assets, store=store, executor="inline", publish="run")


def shop(number: int = 1, divisor: int = 1) -> str:
    return TEXT.format(number=number, divisor=divisor)


def log_of(project: af.Project) -> list[list[Any]]:
    """Return the actions of each commit."""
    from assetflow.model.commit import parse_commit

    log = project._workspace.store.log
    return [list(parse_commit(bytes(body), number).actions) for number, body in log.read_since(0)]


def published(project: af.Project) -> dict[str, Any]:
    with project.snapshot() as snapshot:
        return {key: snapshot.load(key) for key in snapshot.keys}


def states(run: af.Run) -> dict[str, str]:
    return {item.key: item.state.value for item in run}


def test_a_good_run_is_published_in_one_commit() -> None:
    first = project(shop())
    assert first.materialize().status == "succeeded"
    commits = [[a.asset for a in actions if isinstance(a, Published)] for actions in log_of(first)]
    assert [sorted(keys) for keys in commits if keys] == [["apart", "left", "raw", "right"]]
    assert not first.plan()


def test_what_hangs_together_with_a_failure_is_held_back_whole_and_the_rest_is_published() -> None:
    first = project(shop(1))
    first.materialize()
    broken = project(shop(2, divisor=0), first.store)
    run = broken.materialize()
    assert states(run) == {"apart": "built", "left": "built", "raw": "built", "right": "failed"}
    assert published(first) == {"apart": 2, "left": 2, "raw": 1, "right": 1}
    assert {item.key for item in run if item.held_back} == {"raw", "left"}
    assert run["raw"].message == "held back: right failed"
    assert not run["raw"].fails
    assert run.status == "failed"
    held = [a for actions in log_of(first) for a in actions if isinstance(a, HeldBack)]
    assert {(a.asset, a.because) for a in held} == {("raw", "right"), ("left", "right")}
    ended = [a for actions in log_of(first) for a in actions if isinstance(a, RunFinished)][-1]
    assert set(ended.left) == {"raw", "left", "right"}


def test_what_was_held_back_is_on_record_and_reused_when_all_is_good() -> None:
    first = project(shop(1))
    first.materialize()
    project(shop(2, divisor=0), first.store).materialize()
    mended = project(shop(2, divisor=2), first.store)
    assert {item.key: item.state for item in mended.plan()}["raw"] == "reuse"
    run = mended.materialize()
    assert NOTES == ["right"]
    assert states(run) == {"apart": "fresh", "left": "reused", "raw": "reused", "right": "built"}
    assert published(first) == {"apart": 2, "left": 3, "raw": 2, "right": 1}


def test_a_run_that_only_meets_what_it_held_back_before_changes_nothing() -> None:
    first = project(shop(2, divisor=0))
    first.materialize()
    before = first.sync_ledger()
    run = first.materialize()
    assert states(run) == {"apart": "fresh", "left": "reused", "raw": "reused", "right": "failed"}
    assert published(first) == {"apart": 2}
    assert [type(a) for a in log_of(first)[before]].count(Materialized) == 0


REJECTED = """
@af.asset
def raw() -> pa.Table:
    return pa.table({{"n": [1, 2, {number}]}})

@af.asset(checks=[af.range("n", max={most})])
def clean(raw: pa.Table) -> pa.Table:
    return raw

@af.asset
def below(clean: pa.Table) -> int:
    return clean.num_rows
"""


def test_a_rejection_holds_its_component_back() -> None:
    import pyarrow as pa

    first = project(REJECTED.format(number=3, most=9), pa=pa)
    first.materialize()
    run = project(REJECTED.format(number=30, most=9), first.store, pa=pa).materialize()
    assert states(run) == {"raw": "built", "clean": "rejected", "below": "skipped"}
    assert run["raw"].held_back
    assert first.load("raw")["n"].to_pylist() == [1, 2, 3]
    again = project(REJECTED.format(number=30, most=9), first.store, pa=pa).materialize()
    assert states(again) == {"raw": "reused", "clean": "rejected", "below": "skipped"}
    assert [verdict.name for verdict in again["clean"].verdicts] == ["range(n, max=9)"]
    assert first.load("raw")["n"].to_pylist() == [1, 2, 3]


def test_a_published_version_that_fails_a_new_check_holds_back_what_it_hangs_together_with() -> None:
    text = """
@af.asset
def raw() -> int:
    return {number}

@af.asset
def other() -> int:
    return 1

@af.asset
def total(other: int) -> int:
    return other

@af.check(total)
def small(total: int, raw: int) -> bool:
    return total + raw < 5
"""
    first = project(text.format(number=1))
    assert first.materialize().status == "succeeded"
    run = project(text.format(number=9), first.store).materialize()
    assert states(run) == {"raw": "built", "other": "fresh", "total": "rejected"}
    assert run["raw"].held_back
    assert first.load("raw") == 1


EFFECTS = """
@af.asset
def raw() -> int:
    return {number}

@af.asset
def broken(raw: int) -> int:
    return raw // {divisor}

@af.asset
def apart() -> int:
    return {number}

@af.asset
def mail(apart: int) -> None:
    note(("mail", seen("apart")))

@af.asset
def alarm(raw: int) -> None:
    note(("alarm", seen("raw")))

@af.asset(deps=["mail"])
def receipt(apart: int) -> int:
    return apart

@af.asset(deps=["mail"])
def copy(apart: int) -> int:
    return apart // {copies}
"""


def effects(number: int, *, divisor: int = 1, copies: int = 1, store: str = "memory://") -> af.Project:
    made: list[af.Project] = []

    def seen(key: str) -> Any:
        return made[0].load(key)

    seen.__module__ = "noted"
    text = EFFECTS.format(number=number, divisor=divisor, copies=copies)
    made.append(project(text, store, seen=seen))
    return made[0]


def test_an_effect_runs_after_its_inputs_are_published_and_what_is_below_it_is_published_later() -> None:
    first = effects(1)
    assert first.materialize().status == "succeeded"
    assert set(NOTES) == {("mail", 1), ("alarm", 1)}
    commits = [[a.asset for a in actions if isinstance(a, Published)] for actions in log_of(first)]
    first_of = {key: number for number, keys in enumerate(commits) for key in keys}
    assert first_of["raw"] == first_of["broken"] == first_of["apart"] < first_of["mail"]
    assert first_of["receipt"] == first_of["copy"] >= first_of["mail"]
    assert not first.plan()


def test_an_effect_whose_input_is_held_back_is_skipped_and_runs_when_that_is_published() -> None:
    first = effects(1)
    first.materialize()
    run = effects(2, divisor=0, store=first.store).materialize()
    assert NOTES == [("mail", 2)]
    assert states(run)["alarm"] == "skipped"
    assert run["alarm"].message == "raw is held back: broken failed"
    assert run["alarm"].fails
    assert first.load("raw") == 1
    effects(2, divisor=2, store=first.store).materialize()
    assert NOTES == [("alarm", 2)]


def test_below_an_effect_a_failure_holds_back_what_is_published_after_it() -> None:
    first = effects(1)
    first.materialize()
    run = effects(2, copies=0, store=first.store).materialize()
    assert states(run)["copy"] == "failed"
    assert run["receipt"].held_back
    assert first.load("apart") == 2
    assert first.load("receipt") == 1


def test_what_is_published_together_loses_whole_to_another_run() -> None:
    first = project(shop(1))
    other = project(shop(2).partition("@af.asset\ndef left")[0], first.store)
    run = first.materialize(listener=Meanwhile("raw", other.materialize))
    assert states(run) == {
        "raw": "superseded",
        "left": "superseded",
        "right": "superseded",
        "apart": "built",
    }
    assert published(first) == {"raw": 2, "apart": 1}


KILLED = """
import os, signal, time
from pathlib import Path
import assetflow as af

@af.asset
def raw() -> int:
    return {number}

@af.asset
def left(raw: int) -> int:
    return raw

@af.asset
def right(raw: int) -> int:
    log = Path("store/log")
    while {dies} and not any('"asset":"left"' in commit.read_text() for commit in sorted(log.glob("*.json"))[2:]):
        time.sleep(0.01)
    if {dies}:
        os.kill(os.getpid(), signal.SIGKILL)
    return raw
"""


def test_a_killed_run_publishes_nothing_and_what_it_recorded_is_reused(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.write("assetflow.toml", 'modules = ["shop"]\nstore = "store"\nprotected = true\n')
    shop.write("shop.py", KILLED.format(number=1, dies=False))
    assert said_in(tmp_path, "materialize").code == 0
    shop.write("shop.py", KILLED.format(number=2, dies=True))
    assert shop.run_apart("materialize").code == -signal.SIGKILL
    before = said_in(tmp_path, "sql", "select asset, env from publications", "--json").json
    assert len(before["rows"]) == 3
    shop.write("shop.py", KILLED.format(number=2, dies=False))
    assert said_in(tmp_path, "retry", "--json").states == {
        "raw": "reused",
        "left": "reused",
        "right": "built",
    }


def test_an_interrupted_run_publishes_no_part_of_what_hangs_together() -> None:
    first = project(shop(1))
    first.materialize()

    text = shop(2).replace('note("left")', "stop()")

    def stop() -> None:
        raise KeyboardInterrupt

    stop.__module__ = "noted"
    second = project(text, first.store, stop=stop)
    run = second.materialize()
    assert run.status == "cancelled"
    assert published(first)["raw"] == published(first)["right"] == published(first)["left"] - 1 == 1
    assert project(shop(2), first.store).materialize().status == "succeeded"
    assert published(first) == {"apart": 2, "left": 3, "raw": 2, "right": 2}
