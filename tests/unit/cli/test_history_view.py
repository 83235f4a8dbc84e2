"""The past: which version stands where, and what a run came to."""

from __future__ import annotations

from datetime import UTC, datetime

from console import Screen

from assetflow.cli.terminal import Terminal
from assetflow.cli.views.history import history_view, run_details_view, runs_view
from assetflow.ledger.history import HistoryEntry
from assetflow.ledger.runs import RunItem, RunRow
from assetflow.model.states import RunState, RunStatus
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
    shown = drawn(history_view(entries, {"dev": "1" * 32, "prod": "2" * 32}, NOW))[1:]
    assert [line.partition(" 1.0 s ")[2] for line in shown] == [
        "dev run-1", "prod, was dev run-1", "was dev run-1", "run-1",
    ]  # fmt: skip


def test_a_run_that_was_cut_off_has_what_is_on_record_of_it():
    shown = drawn(runs_view([(interrupted(), {RunState.BUILT: 2}), (interrupted(), {})], NOW))[1:]
    assert [line.partition("me@host ")[2] for line in shown] == ["2 built", "nothing on record"]
    details = RunDetails(interrupted(), (RunItem("a", "", RunState.BUILT),), ())
    assert "result 1 built" in drawn(run_details_view(details))
