"""The past: which version stands where, and what a run came to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from console import Screen

from assetflow.cli.terminal import Terminal
from assetflow.cli.views.history import history_view, run_details_view, runs_view
from assetflow.errors import QueryError
from assetflow.execution.attempts import failed_by
from assetflow.ledger.failures import Failure
from assetflow.ledger.history import HistoryEntry
from assetflow.ledger.runs import RunItem, RunRow
from assetflow.model.runs import Failed
from assetflow.model.states import RunState, RunStatus
from assetflow.model.versions import Attempt
from assetflow.operate.records import RunDetails

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TIME = "2026-11-23T11:00:00+00:00"


def drawn(view) -> list[str]:
    terminal = Terminal(Screen(), Screen(), {})
    terminal.show(view)
    return [" ".join(line.split()) for line in terminal.out.text.splitlines()]


def entry(version: str, *published: str) -> HistoryEntry:
    return HistoryEntry(
        "a", "", version, "d" * 32, "f" * 32, "table", TIME, 1, 0, "run-1", "dev", 1.0, 3, 10, None, published
    )  # fmt: skip


def interrupted() -> RunRow:
    return RunRow(
        "run-1", RunStatus.INTERRUPTED, "dev", "", "", TIME, None, None, {}, 1, 1, None, "host", "me"
    )


def test_environments_that_publish_a_version_now_are_told_from_those_that_did():
    entries = [
        entry("1" * 32, "dev"),
        entry("2" * 32, "dev", "prod"),
        entry("3" * 32, "dev"),
        entry("4" * 32),
    ]
    shown = drawn(history_view(entries, {("dev", "1" * 32), ("prod", "2" * 32)}, NOW))[1:]
    assert [line.partition(" 1.0 s ")[2] for line in shown] == [
        "dev run-1", "prod, was dev run-1", "was dev run-1", "run-1",
    ]  # fmt: skip


def test_a_version_whose_data_are_no_longer_kept_is_marked():
    entries = [replace(entry("1" * 32, "dev"), forgotten=True), replace(entry("2" * 32), forgotten=True)]
    shown = drawn(history_view(entries, set(), NOW))[1:]
    assert [line.partition(" 1.0 s ")[2] for line in shown] == ["was dev, forgotten run-1", "forgotten run-1"]


def test_a_run_that_was_cut_off_has_what_is_on_record_of_it():
    shown = drawn(runs_view([(interrupted(), {RunState.BUILT: 2}), (interrupted(), {})], NOW))[1:]
    assert [line.partition("me@host ")[2] for line in shown] == ["2 built", "nothing on record"]
    details = RunDetails(interrupted(), (RunItem("a", "", RunState.BUILT),), ())
    assert "result 1 built" in drawn(run_details_view(details))


@pytest.mark.parametrize("raised_by_user", [True, False])
def test_an_error_of_a_run_is_told_once_with_its_hint(raised_by_user):
    error: Exception = QueryError("no column 'dya'\nLINE 1: SELECT dya", hint="did you mean 'day'?")
    if raised_by_user:
        try:
            exec("raise error", {"error": error})
        except QueryError as raised:
            error = raised
    tried = failed_by(Attempt(number=1, started_at=TIME, seconds=0.1), error)
    action = Failed(run="run-1", asset="a", env="dev", fingerprint=None, attempts=(tried,))
    shown = drawn(run_details_view(RunDetails(interrupted(), (), (Failure(action, 1, 0, TIME),))))

    assert sum("no column 'dya'" in line for line in shown) == 1
    assert sum("LINE 1: SELECT dya" in line for line in shown) == 1
    assert shown.count("did you mean 'day'?") == 1
    assert ('File "<string>", line 1, in <module>' in shown) == raised_by_user


def test_a_traceback_without_the_message_is_shown_as_it_is():
    tried = Attempt(number=1, started_at=TIME, seconds=0.1, error="E", message="m", traceback="cut short")
    action = Failed(run="run-1", asset="a", env="dev", fingerprint=None, attempts=(tried,))
    assert "cut short" in drawn(
        run_details_view(RunDetails(interrupted(), (), (Failure(action, 1, 0, TIME),)))
    )
