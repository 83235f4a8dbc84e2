"""Owns running again what a run left undone: which run is meant, and which of its assets.

Knows nothing of how a run is carried out: ``materialize`` does.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from assetflow.errors import UsageError
from assetflow.execution.run import Run
from assetflow.ledger.runs import RunRow
from assetflow.ledger.session import Session
from assetflow.lineage.selection import Key, Selection, Union
from assetflow.model.states import RunState, RunStatus
from assetflow.operate.how import How, new_run_id
from assetflow.operate.materialize import materialize
from assetflow.operate.planning import Config, selected
from assetflow.operate.workspace import Workspace

_UNDONE = (RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.INTERRUPTED)
_FAILS = (RunState.FAILED, RunState.REJECTED, RunState.SKIPPED, RunState.SUPERSEDED)


@dataclass(frozen=True)
class Left:
    """What a run left undone: the assets, as far as they are still declared. ``run``: None where no run left any."""

    run: str | None
    keys: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """Why there is nothing to retry, in words."""
        if self.run is None:
            return "nothing to retry: no run of this environment failed or was interrupted"
        return f"nothing to retry: run {self.run} left nothing undone that is still declared"


def left_by(workspace: Workspace, run: str | None = None) -> Left:
    """Return what ``run`` left undone; without one, the last of the environment that did not succeed.

    That is what failed, was rejected, skipped, superseded, cancelled or held back. Of a run that was killed it is all
    that it was asked for: what it finished is on record, and not made again.

    Args:
        workspace: the project.
        run: the beginning of a run's id.

    Raises:
        UnknownNameError: no run's id begins so, or those of several do.
        UsageError: the run still goes on, or was of another environment.
    """
    live = workspace.store.live
    with workspace.ledger.session() as session:
        row = session.last_run(workspace.env, live, _UNDONE) if run is None else session.find_run(run, live)
        if row is None:
            return Left(None)
        _require_retriable(row, workspace.env)
        asked, keys = session.beginning(row.run), _left_undone(session, row)
    if keys is None:
        keys = selected(workspace, asked.selection or None, asked.exclude or None)
    return Left(row.run, tuple(key for key in workspace.order if key in keys))


def retry(workspace: Workspace, left: Left, *, config: Config | None = None, how: How | None = None) -> Run:
    """Materialize what is ``left``; where that is nothing, return a run without assets that did nothing."""
    if not left.keys:
        return Run(new_run_id(), workspace.env, RunStatus.SUCCEEDED, (), 0.0, committed=False)
    return materialize(workspace, _selection(workspace, left.keys), config=config, how=how)


def _left_undone(session: Session, row: RunRow) -> Collection[str] | None:
    """Return what the log says that a run left undone; None where it does not say: all that it was asked for."""
    end = session.end(row.run)
    if end is None:
        return None
    if end.left or row.status is RunStatus.SUCCEEDED:
        return end.left
    # older releases did not record it
    if end.counts.get(RunState.CANCELLED):
        return None
    return {item.asset for item in session.run_items(row.run) if item.state in _FAILS}


def _require_retriable(row: RunRow, env: str) -> None:
    if row.env != env:
        raise UsageError(
            f"run {row.run} was in environment {row.env!r}, and this is {env!r}",
            hint=f"add --env {row.env}, to retry it there",
        )
    if row.status is RunStatus.RUNNING:
        raise UsageError(f"run {row.run} still goes on", hint="`assetflow runs` says when it has ended")


def _selection(workspace: Workspace, keys: tuple[str, ...]) -> Selection | None:
    if len(keys) == len(workspace.order):
        return None
    named = tuple(Key(key) for key in keys)
    expression = named[0] if len(named) == 1 else Union(named)
    return Selection(expression, str(expression))
