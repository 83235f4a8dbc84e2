"""Effects: at least once for the same inputs, never at the same time, and never taken for done when unsure."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from cells import declared_in
from noted import NOTES, note

import assetflow as af
from assetflow.model.runs import EffectStarted
from assetflow.operate.log import log_writer
from assetflow.operate.past import Past

TEXT = """
@af.asset
def number() -> int:
    return {number}

@af.asset
def mail(number: int) -> None:
    send(number)
"""


def project(number: int, store: str | Path = "memory://", send=note) -> af.Project:  # type: ignore[no-untyped-def]
    return af.Project(
        declared_in(TEXT.format(number=number), af=af, send=send), store=store, executor="inline"
    )


def test_what_another_run_did_meanwhile_is_not_done_again() -> None:
    NOTES.clear()
    first = project(1)
    first.materialize("number")
    done: list[af.Run] = []

    def meanwhile(event: object) -> None:
        if type(event).__name__ == "RunBegan" and not done:
            done.append(project(1, first.store).materialize())

    run = first.materialize(listener=meanwhile)
    assert run.status == done[0].status == "succeeded"
    assert NOTES == [1]


def test_two_runs_at_once_wait_for_each_other(tmp_path: Path) -> None:
    NOTES.clear()
    began = threading.Event()

    def slowly(what: object) -> None:
        note(what)
        began.set()
        time.sleep(0.7)

    slowly.__module__ = "noted"
    first, second = project(1, tmp_path / "s", slowly), project(1, tmp_path / "s", slowly)
    runs: list[af.Run] = []
    other = threading.Thread(target=lambda: runs.append(first.materialize()))
    other.start()
    assert began.wait(20)
    runs.append(second.materialize())
    other.join()
    assert [run.status for run in runs] == ["succeeded", "succeeded"]
    assert NOTES == [1]


def test_a_beginning_without_an_end_of_a_dead_run_is_done_again_and_says_so() -> None:
    NOTES.clear()
    first = project(1)
    first.materialize()
    workspace = first._workspace
    started = EffectStarted(
        run="dead", asset="mail", env="dev", fingerprint="other", started_at="2026-01-01T00:00:00"
    )
    log_writer(workspace, Past(workspace, []).commit).commit(lambda _news: [started], run="dead")
    plan = project(1, first.store).plan()
    assert plan["mail"].state == "build"
    assert "may have run in dead" in plan["mail"].reasons[0]
    assert project(1, first.store).materialize().counts == {"built": 1, "fresh": 1}
    assert NOTES == [1, 1]
    assert not project(1, first.store).plan()


def test_after_a_failed_change_the_old_effect_is_done_again() -> None:
    NOTES.clear()
    first = project(1)
    first.materialize()

    def fails(what: object) -> None:
        raise OSError("no network")

    fails.__module__ = "noted"
    assert project(2, first.store, fails).materialize().status == "failed"
    again = project(1, first.store).materialize()
    assert again["mail"].state == "built"
    assert NOTES == [1, 1]


def test_an_effect_forced_anew_that_fails_is_planned_again_until_it_succeeds() -> None:
    NOTES.clear()
    first = project(1)
    first.materialize()

    def fails(what: object) -> None:
        raise OSError("no network")

    fails.__module__ = "noted"
    forced = project(1, first.store, fails).materialize("mail", force=True)
    assert forced["mail"].state == "failed"
    plan = project(1, first.store).plan()
    assert plan["mail"].state == "build"
    assert plan["mail"].reasons == ("its last run failed",)
    assert project(1, first.store).materialize()["mail"].state == "built"
    assert NOTES == [1, 1]
    assert not project(1, first.store).plan()
