"""Owns the questions about the past that the ledger answers alone: history, runs, logs, failing rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from assetflow.errors import UnknownNameError
from assetflow.keys import split_name
from assetflow.ledger.failures import Failure
from assetflow.ledger.forgotten import Forgetting
from assetflow.ledger.history import HistoryEntry, LogEntry
from assetflow.ledger.runs import RunItem, RunRow
from assetflow.model.runs import RunStarted
from assetflow.model.verdicts import CheckEvaluated, Verdict
from assetflow.operate.materialization import Materialization, materialization_of
from assetflow.operate.references import Opened, find_record, opened_for
from assetflow.operate.workspace import Workspace
from assetflow.storage import artifacts

MADE_WITH = {"python", "platform", "packages", "git_commit", "git_dirty"}


@dataclass(frozen=True)
class RunDetails:
    """One run with what became of its assets, and what failed in it."""

    row: RunRow
    items: tuple[RunItem, ...]
    failures: tuple[Failure, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return {
            **run_to_dict(self.row),
            "items": [asdict(item) for item in self.items],
            "failures": [failure.action.model_dump(mode="json") for failure in self.failures],
        }


@dataclass(frozen=True)
class VersionDetails:
    """One version: its record, the latest evaluation of each check on its data, and the beginning of its run.

    ``forgotten``: when its data were forgotten, where they are.
    """

    materialization: Materialization
    evaluations: tuple[CheckEvaluated, ...]
    start: RunStarted | None = None
    forgotten: Forgetting | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return {
            **self.materialization.to_dict(),
            "checks": [evaluated.model_dump(mode="json") for evaluated in self.evaluations],
            "made_with": self.start.model_dump(mode="json", include=MADE_WITH) if self.start else None,
            "forgotten": asdict(self.forgotten) if self.forgotten is not None else None,
        }


def history(workspace: Workspace, key: str, limit: int | None = None) -> list[HistoryEntry]:
    """Return the materializations of ``key``, newest first; raise UnknownNameError when nothing is on record of it.

    ``key`` may be the name of a partition (``keys.name_of``).
    """
    asset, partition = split_name(key)
    with workspace.ledger.session() as session:
        entries = session.history(asset, limit, partition=partition or None)
        if not entries:
            session.require_recorded(asset)
    return entries


def version_details(workspace: Workspace, reference: str, opened: Opened) -> VersionDetails:
    """Return what is on record of ``key[@reference]``; ``opened`` gives the project in another environment."""
    where, key, at = opened_for(workspace, reference, opened)
    with where.ledger.session() as session:
        recorded = find_record(session, key, at, where.env)
        evaluations = session.verdicts([(recorded.asset, recorded.data_version)])
        start = session.run_starts([recorded.action.run]).get(recorded.action.run)
        forgotten = session.forgotten([recorded.version]).get(recorded.version)
    return VersionDetails(materialization_of(recorded), tuple(evaluations), start, forgotten)


def failing_rows(workspace: Workspace, verdict: Verdict) -> Any:
    """Return the first 1,000 failing rows of a verdict as a ``pyarrow.Table``, or None where there are none."""
    if verdict.cases is None:
        return None
    objects = workspace.store.objects
    return artifacts.read(artifacts.resolve(verdict.cases, objects), objects).data


def runs(workspace: Workspace, limit: int | None = None) -> list[RunRow]:
    """Return the newest runs of the store, newest first."""
    with workspace.ledger.session() as session:
        return session.runs(workspace.store.live, limit)


def run_details(workspace: Workspace, run: str) -> RunDetails:
    """Return one run, named by the beginning of its id."""
    with workspace.ledger.session() as session:
        row = session.find_run(run, workspace.store.live)
        return RunDetails(row, tuple(session.run_items(row.run)), tuple(session.failures(row.run)))


def logs(workspace: Workspace, key: str | None, run: str | None = None) -> list[tuple[LogEntry, str]]:
    """Return what tasks of ``key`` printed and logged: its newest log, or all of ``run``; with the text of each.

    Raises:
        UnknownNameError: there is no such log.
    """
    asset, partition = split_name(key) if key is not None else (None, "")
    with workspace.ledger.session() as session:
        if run is not None:
            run = session.find_run(run, workspace.store.live).run
        entries: Sequence[LogEntry] = session.logs(
            asset, run, None if run is not None else 1, partition=partition or None
        )
        if not entries and asset is not None:
            session.require_recorded(asset)
        forgotten = session.forgotten_objects()
    if not entries:
        raise UnknownNameError(
            "nothing was printed or logged"
            + (f" by {key}" if key else "")
            + (f" in run {run}" if run else ""),
        )
    return [(entry, _log_text(workspace, entry, forgotten.get(entry.object))) for entry in entries]


def _log_text(workspace: Workspace, entry: LogEntry, forgotten: int | None) -> str:
    if forgotten is not None:
        return f"(forgotten: no longer kept since commit #{forgotten})"
    return bytes(workspace.store.objects.read(entry.object)).decode("utf-8", errors="replace")


def run_to_dict(row: RunRow) -> dict[str, Any]:
    """Return the JSON shape of a run."""
    shown = asdict(row)
    shown["status"] = row.status.value
    shown["counts"] = {state.value: count for state, count in row.counts.items() if count}
    return shown
