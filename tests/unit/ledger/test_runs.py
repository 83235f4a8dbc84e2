"""How runs stand, and what went wrong in them."""

from __future__ import annotations

import pytest
from ledger_builders import (
    TIME,
    Live,
    Project,
    effect_started,
    failed,
    finished,
    held_back,
    judged,
    made,
    observed,
    published,
    skipped,
    started,
    superseded,
)

from assetflow.errors import UnknownNameError
from assetflow.model.states import RunState, RunStatus


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def test_a_run_without_an_end_is_running_while_it_lives_and_interrupted_after(project):
    for run in ("done", "alive", "dead"):
        project.commit(started(run))
    project.commit(finished("done", "failed", built=2, failed=1))

    with project.quick.session() as session:
        runs = session.runs(Live({"alive"}))

    assert [(run.run, run.status) for run in runs] == [
        ("dead", RunStatus.INTERRUPTED),
        ("alive", RunStatus.RUNNING),
        ("done", RunStatus.FAILED),
    ]
    assert (runs[0].counts, runs[0].seconds, runs[0].finished_at) == ({}, None, None)
    done = runs[2]
    assert (done.counts[RunState.BUILT], done.counts[RunState.FAILED], done.counts[RunState.HELD]) == (
        2,
        1,
        0,
    )
    assert (done.seconds, done.finished_at, done.started_at, done.host, done.user) == (
        1.5,
        TIME,
        TIME,
        "box",
        "ann",
    )


def test_runs_are_found_by_the_beginning_of_their_id(project):
    project.commit(started("abc1", selection="sales+"))
    project.commit(started("abd2"))

    with project.quick.session() as session:
        assert session.find_run("abc", Live()).selection == "sales+"
        assert len(session.runs(Live(), limit=1)) == 1
        with pytest.raises(UnknownNameError, match="several runs: abd2, abc1"):
            session.find_run("ab", Live())
        with pytest.raises(UnknownNameError, match="no run 'x'"):
            session.find_run("x", Live())


def test_the_last_run_is_that_of_the_environment_that_stands_so(project):
    for run in ("failed", "good", "dead", "alive"):
        project.commit(started(run))
    project.commit(started("other", env="prod"), finished("failed", "failed"), finished("good"))
    asked = []

    class Noting(Live):
        def alive(self, run_id):
            asked.append(run_id)
            return super().alive(run_id)

    with project.quick.session() as session:

        def last(env="dev", *standing):
            found = session.last_run(env, Noting({"alive"}), *standing)
            return found and found.run

        assert last() == "alive"
        assert last("prod") == "other"
        assert last("ci") is None
        assert last("dev", (RunStatus.SUCCEEDED,)) == "good"
        assert last("dev", (RunStatus.CANCELLED,)) is None
        asked.clear()
        assert last("dev", (RunStatus.FAILED,)) == "failed"
        assert asked == []
        assert last("dev", (RunStatus.FAILED, RunStatus.INTERRUPTED)) == "dead"
        assert last("dev", (RunStatus.RUNNING,)) == "alive"


def test_a_run_that_does_not_exist_is_told_with_near_names_and_nobody_is_asked_for_life(project):
    for number in range(3):
        project.commit(started(f"run{number}"))

    class Silent(Live):
        def alive(self, run_id):
            raise AssertionError(run_id)

    with project.quick.session() as session, pytest.raises(UnknownNameError) as caught:
        session.find_run("run9", Silent())
    assert "did you mean 'run" in str(caught.value.hint)


def test_each_asset_of_a_run_has_the_state_that_says_most(project):
    project.commit(
        started(),
        observed(),
        *(made("built", "v1", seconds=2.0, log="l.txt"), judged("built", "v1"), published("built", "v1")),
        published("reused", "v2"),
        judged("checked", "v3"),
        *(made("rejected", "v4"), judged("rejected", "v4", check="unique", passed=False)),
        *(made("late", "v5"), superseded("late", "v5")),
        failed("broken", log="why.txt"),
        skipped("below", "broken"),
        *(made("kept", "v6"), held_back("kept", "v6", "broken")),
        held_back("again", "v7", "broken"),
    )
    project.commit(started("r2"), made("built", "v9", run="r2"))

    with project.quick.session() as session:
        items = {item.asset: item for item in session.run_items("r1")}

    assert {asset: item.state.value for asset, item in items.items()} == {
        "raw": "built",
        "built": "built",
        "reused": "reused",
        "checked": "checked",
        "rejected": "rejected",
        "late": "superseded",
        "broken": "failed",
        "below": "skipped",
        "kept": "built",
        "again": "reused",
    }
    built = items["built"]
    assert (built.version, built.seconds, built.rows, built.bytes, built.log) == ("v1", 2.0, 3, 100, "l.txt")
    assert (items["broken"].detail, items["broken"].log) == ("ValueError: no day", "why.txt")
    assert items["below"].detail == "broken failed"
    assert items["rejected"].detail == "unique"
    assert items["late"].detail == "another run was first"
    assert items["kept"].detail == items["again"].detail == "held back: broken failed"


def test_a_run_is_told_as_it_began_and_ended(project):
    project.commit(started("r1", selection="sales+", exclude="report"), failed())
    project.commit(started("r2", selection="*"), finished("r2", status="failed", left=("sales", "report")))

    with project.quick.session() as session:
        assert session.beginning("r1").exclude == "report"
        assert session.end("r1") is None
        assert session.end("r2").left == ("sales", "report")


def test_failures_keep_every_attempt(project):
    project.commit(started(), failed())
    project.commit(started("r2"), failed("other", run="r2"))

    with project.quick.session() as session:
        assert [failure.action.asset for failure in session.failures()] == ["other", "sales"]
        assert [failure.action for failure in session.failures("r1")] == [failed()]
        assert [failure.action.run for failure in session.failures(asset="other")] == ["r2"]


def test_a_failure_stands_until_a_run_in_its_environment_makes_it_good(project):
    project.commit(started(), *(failed(asset) for asset in ("a", "b", "c", "d")), failed("e", check="unique"))
    project.commit(started("p", env="prod"), made("a", run="p"), published("a", env="prod", run="p"))
    project.commit(started("r2"), made("b", run="r2"), published("c", run="r2"), made("e", run="r2"))

    with project.quick.session() as session:
        assert [asset for asset, _ in session.last_failures("dev")] == ["a", "d", "e"]
        assert session.last_failures("prod") == {}

    project.commit(started("r3"), judged("e", run="r3"), failed("b", run="r3"))
    with project.quick.session() as session:
        assert {asset: f.action.run for (asset, _), f in session.last_failures("dev").items()} == {
            "a": "r1",
            "d": "r1",
            "b": "r3",
        }


def test_an_effect_that_began_and_has_no_end_may_have_run(project):
    project.commit(started("dead"), effect_started("mail", run="dead"), effect_started("done", run="dead"))
    project.commit(made("done", kind="effect", run="dead"), effect_started("live", run="dead"))
    project.commit(
        started("alive"), effect_started("live", run="alive"), effect_started("broken", run="alive")
    )
    project.commit(failed("broken", run="alive"), effect_started("mail", run="p", env="prod"))

    with project.quick.session() as session:
        unended = {start.asset: start.run for start in session.unended_effects("dev")}
        assert unended == {"mail": "dead", "live": "alive"}
        assert session.interrupted_effects("dev", Live({"alive"})) == {"mail": "dead"}
        assert session.interrupted_effects("prod", Live()) == {"mail": "p"}


def test_an_effect_that_ran_again_to_its_end_is_settled(project):
    project.commit(started("dead"), effect_started("mail", run="dead"))
    project.commit(started("r2"), effect_started("mail", run="r2"))
    project.commit(made("mail", kind="effect", run="r2"))

    with project.quick.session() as session:
        assert session.unended_effects("dev") == []
