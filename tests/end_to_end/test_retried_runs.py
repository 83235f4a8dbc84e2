"""`retry` runs again what a run left undone, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from cells import declared_in
from console import said_in
from noted import NOTES, note
from shops import Shop

import assetflow as af
from assetflow.errors import UnknownNameError, UsageError
from assetflow.execution.events import TaskBegan
from assetflow.model.actions import Action
from assetflow.model.runs import Failed, RunFinished, RunStarted, Skipped
from assetflow.operate.log import log_writer

TEXT = """
@af.asset
def raw() -> int:
    note("raw")
    return {number}

@af.asset
def good(raw: int) -> int:
    note("good")
    return raw

@af.asset
def bad(raw: int) -> int:
    note("bad")
    return raw // {divisor}

@af.asset
def below(bad: int) -> int:
    note("below")
    return bad

@af.asset
def other() -> int:
    note("other")
    return {other}
"""


def project(
    store: str = "memory://",
    *,
    divisor: int = 1,
    number: int = 1,
    other: int = 1,
    publish: str = "asset",
    env: str = "dev",
) -> af.Project:
    NOTES.clear()
    text = TEXT.format(number=number, divisor=divisor, other=other)
    assets = declared_in(text, af=af, note=note)
    return af.Project(assets, store=store, executor="inline", publish=publish, env=env)


def states(run: af.Run) -> dict[str, str]:
    return {item.key: item.state.value for item in run}


def test_what_failed_and_what_was_skipped_runs_again_and_nothing_else() -> None:
    first = project(divisor=0)
    failed = first.materialize()
    mended = project(first.store, divisor=1, other=2)
    assert mended.left_by().run == failed.id
    assert mended.left_by(failed.id[:-2]).keys == ("bad", "below")
    run = mended.retry()
    assert states(run) == {"bad": "built", "below": "built"}
    assert NOTES == ["bad", "below"]
    assert mended.load("other") == 1


def test_what_still_fails_fails_again() -> None:
    first = project(divisor=0)
    first.materialize()
    again = first.retry()
    assert again.status == "failed"
    assert states(again) == {"bad": "failed", "below": "skipped"}


def test_what_was_held_back_is_published_with_what_is_mended() -> None:
    first = project(publish="run")
    first.materialize()
    project(first.store, number=2, divisor=0, publish="run").materialize()
    mended = project(first.store, number=2, divisor=2, publish="run")
    run = mended.retry()
    assert states(run) == {"raw": "reused", "good": "reused", "bad": "built", "below": "fresh"}
    assert [first.load(key) for key in ("raw", "good", "bad", "below")] == [2, 2, 1, 1]


CHECKED = """
@af.asset(checks=[af.row_count(max=1)])
def table() -> pa.Table:
    return pa.table({"n": [1, 2]})
"""


def test_what_is_still_rejected_counts() -> None:
    import pyarrow as pa

    first = af.Project(declared_in(CHECKED, af=af, pa=pa), executor="inline")
    first.materialize()
    again = first.retry()
    assert again.status == "failed"
    assert states(again) == {"table": "rejected"}


def test_after_nothing_but_success_there_is_nothing_to_retry() -> None:
    first = project()
    run = first.materialize()
    assert first.left_by().keys == ()
    assert "no run of this environment" in first.left_by().told
    assert f"run {run.id} left nothing" in first.left_by(run.id).told
    retried = first.retry(run.id)
    assert (retried.status, retried.items, retried.committed) == ("succeeded", (), False)


def test_what_is_not_declared_any_more_is_left_out() -> None:
    first = project(divisor=0)
    first.materialize()
    less = declared_in("@af.asset\ndef raw() -> int:\n    return 1\n", af=af)
    left = af.Project(less, store=first.store).left_by()
    assert left.keys == ()
    assert "still declared" in left.told


def test_an_interrupted_run_left_all_that_it_did_not_come_to() -> None:
    first = project()

    def interrupt(event: Any) -> None:
        if isinstance(event, TaskBegan) and event.key == "bad":
            raise KeyboardInterrupt

    assert first.materialize("raw+", exclude="good", listener=interrupt).status == "cancelled"
    assert set(first.left_by().keys) == {"bad", "below"}
    NOTES.clear()
    assert states(first.retry()) == {"bad": "built", "below": "built"}
    assert NOTES == ["bad", "below"]


TIME = "2026-11-23T06:00:00Z"


def record(where: af.Project, *actions: Action) -> None:
    """Put on record what another process did."""
    workspace = where._workspace
    with workspace.ledger.session() as session:
        writer = log_writer(workspace, session.head)
    writer.commit(lambda _news: actions, run=getattr(actions[0], "run", ""))


def begun(run: str) -> RunStarted:
    return RunStarted(run=run, env="dev", selection="raw+", exclude="good", started_at=TIME, snapshot=0)


def test_a_run_of_an_older_release_left_what_failed_and_was_skipped() -> None:
    first = project(divisor=1)

    def ended(run: str, **counts: int) -> RunFinished:
        status = "cancelled" if "cancelled" in counts else "failed"
        return RunFinished(run=run, status=status, finished_at=TIME, seconds=1.0, counts=counts)

    skipped = Skipped(run="old", asset="below", reason="bad failed")
    failed = Failed(run="old", asset="bad", env="dev", fingerprint=None, attempts=())
    record(first, begun("old"), failed, skipped, ended("old", failed=1, skipped=1))
    assert first.left_by("old").keys == ("bad", "below")
    record(first, begun("older"), ended("older", cancelled=3))
    assert first.left_by("older").keys == ("raw", "bad", "below")


def test_a_run_that_was_killed_left_all_that_it_was_asked_for() -> None:
    first = project(divisor=1)
    record(first, begun("dead"))
    assert first.left_by("dead").keys == ("raw", "bad", "below")
    assert states(first.retry()) == {"raw": "built", "bad": "built", "below": "built"}


def test_a_run_that_is_not_there_or_elsewhere_is_told_and_nothing_runs() -> None:
    first = project(divisor=0)
    one, two = first.materialize(), first.materialize()
    with pytest.raises(UnknownNameError, match="there is no run 'x'"):
        first.retry("x")
    with pytest.raises(UnknownNameError, match=f"did you mean '{one.id}'"):
        first.retry(f"{one.id[:-1]}_")
    with pytest.raises(UnknownNameError, match="several runs"):
        first.retry(one.id[:4])
    prod = project(first.store, env="prod")
    with pytest.raises(UsageError, match="environment 'dev', and this is 'prod'"):
        prod.retry(two.id)
    assert prod.left_by().run is None
    assert NOTES == []


SHOP = """import assetflow as af

@af.asset
def bad() -> int:
    return 1 // 0

@af.asset
def below(bad: int) -> int:
    return bad
"""


def test_the_command_exits_as_materialize_does(tmp_path) -> None:
    shop = Shop(tmp_path)
    shop.write("shop.py", SHOP)
    shop.write("assetflow.toml", 'modules = ["shop"]\n')
    nothing = said_in(shop.root, "retry")
    assert (nothing.code, nothing.out) == (0, "")
    assert "nothing to retry" in nothing.err
    assert said_in(shop.root, "materialize").code == 1
    failed = said_in(shop.root, "retry")
    assert failed.code == 1
    assert "1 failed, 1 skipped" in failed.out
    shop.edit("shop.py", "1 // 0", "1")
    mended = said_in(shop.root, "retry", "--json")
    assert (mended.code, mended.states) == (0, {"bad": "built", "below": "built"})
    unknown = said_in(shop.root, "retry", "2020")
    assert unknown.code == 2
    assert "there is no run '2020'" in unknown.err
    assert said_in(shop.root, "runs", "--json").json["runs"][0]["command"] == "assetflow retry --json"


DAYS = """
days = af.daily("2026-03-01", end="2026-03-06")

@af.asset(partitions=days)
def raw(context: af.Context) -> int:
    note("raw " + context.partition.key)
    return {number}

@af.asset(partitions=days)
def part(raw: int, context: af.Context) -> int:
    note("part " + context.partition.key)
    if context.partition.key in {failing}:
        raise ValueError("broken")
    return 7 if context.partition.key in {rejected} else raw

@af.check(part)
def not_seven(part: int) -> bool:
    return part != 7

@af.asset(partitions=days)
def below(part: int, context: af.Context) -> int:
    note("below " + context.partition.key)
    return part

@af.asset
def total(part: dict[str, int]) -> int:
    return sum(part.values())
"""


def days(
    store: str = "memory://", *, number: int = 1, failing: Sequence[str] = (), rejected: Sequence[str] = ()
) -> af.Project:
    NOTES.clear()
    text = DAYS.format(number=number, failing=list(failing), rejected=list(rejected))
    return af.Project(declared_in(text, af=af, note=note), store=store, executor="inline")


def test_of_partitions_those_that_were_left_run_again_and_no_others() -> None:
    bad, worse = "2026-03-02", "2026-03-04"
    first = days(failing=[bad], rejected=[worse])
    first.materialize()
    mended = days(first.store, number=2)  # all are stale now
    left = mended.left_by()
    assert left.keys == ("part", "below", "total")
    assert {key: [*ranges] for key, ranges in left.partitions.items()} == {"part": [1, 3], "below": [1, 3]}
    run = mended.retry()
    assert run.counts == {"built": 5}
    assert sorted(NOTES) == sorted(f"{key} {day}" for day in (bad, worse) for key in ("part", "below"))
    assert mended.load("total") == 6


def test_partitions_that_still_stand_rejected_and_what_waits_for_them_count() -> None:
    first = days(rejected=["2026-03-02", "2026-03-03"])
    first.materialize()
    again = first.retry()
    assert (again.status, again.counts) == ("failed", {"rejected": 2, "skipped": 3})
    days(first.store, rejected=["2026-03-02", "2026-03-03"], number=2).materialize(
        "raw part", partition="2026-03-05"
    )
    assert first.retry().counts == {"rejected": 2, "skipped": 3}


def test_partitions_that_were_cancelled_run_again() -> None:
    first = days()

    def interrupt(event: Any) -> None:
        if isinstance(event, TaskBegan) and event.key == "part|2026-03-04":
            raise KeyboardInterrupt

    assert first.materialize("raw part", listener=interrupt).status == "cancelled"
    NOTES.clear()
    run = first.retry()
    assert run.counts["built"] == len(NOTES) > 0
    assert not {"total", "below"} & {item.key for item in run}
    assert set(first.materialize().counts) == {"fresh", "built"}


def test_of_a_run_that_was_killed_the_partitions_that_it_was_asked_for_run_again() -> None:
    first = days()
    asked = begun("dead").model_copy(
        update={"selection": "part", "exclude": "", "partitions": {"part": "2026-03-02..2026-03-03"}}
    )
    record(first, asked)
    first.materialize("raw")
    NOTES.clear()
    first.retry("dead")
    assert NOTES == ["part 2026-03-02", "part 2026-03-03"]
