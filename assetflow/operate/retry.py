"""Owns running again what a run left undone: which run is meant, and which of its assets and partitions.

Knows nothing of how a run is carried out: ``materialize`` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from assetflow.errors import UnknownNameError, UsageError
from assetflow.execution.run import Run
from assetflow.keys import name_of, split_name
from assetflow.ledger.runs import RunRow
from assetflow.ledger.session import Session
from assetflow.lineage.selection import Key, Selection, Union
from assetflow.model.runs import RunStarted
from assetflow.model.states import RunState, RunStatus
from assetflow.operate.how import How, new_run_id
from assetflow.operate.materialize import materialize
from assetflow.operate.planning import Config, selected
from assetflow.operate.workspace import Workspace
from assetflow.partitions.ranges import Ranges

_UNDONE = (RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.INTERRUPTED)
_FAILS = (RunState.FAILED, RunState.REJECTED, RunState.SKIPPED, RunState.SUPERSEDED)


@dataclass(frozen=True)
class Left:
    """What a run left undone: the assets, as far as they are still declared. ``run``: None where no run left any.

    ``partitions``: which of an asset are meant, by its key; of others all.
    """

    run: str | None
    keys: tuple[str, ...] = ()
    partitions: Mapping[str, Ranges] = field(default_factory=dict)

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
        asked, names = session.beginning(row.run), _left_undone(session, row)
    if names is None:
        return _all_of(workspace, asked)
    return _named(workspace, row.run, names)


def retry(workspace: Workspace, left: Left, *, config: Config | None = None, how: How | None = None) -> Run:
    """Materialize what is ``left``; where that is nothing, return a run without assets that did nothing."""
    if not left.keys:
        return Run(new_run_id(), workspace.env, RunStatus.SUCCEEDED, (), 0.0, committed=False)
    selection = _selection(workspace, left.keys)
    return materialize(workspace, selection, config=config, partitions=left.partitions or None, how=how)


def _all_of(workspace: Workspace, asked: RunStarted) -> Left:
    """Return all that a run was asked for."""
    from assetflow.partitions.parsing import parse

    keys = selected(workspace, asked.selection or None, asked.exclude or None)
    layout = workspace.layout()
    texts = {
        key: text for key, text in asked.partitions.items() if key in keys and layout.is_partitioned(key)
    }
    partitions = {key: parse(text, layout.keys(key)) if text else Ranges() for key, text in texts.items()}
    return Left(asked.run, tuple(key for key in workspace.order if key in keys), partitions)


def _named(workspace: Workspace, run: str, names: Iterable[str]) -> Left:
    """Return those of ``names`` that are still declared, and partitions that there still are."""
    layout = workspace.layout()
    found: dict[str, list[int]] = {}
    whole: set[str] = set()
    for key, partition in map(split_name, names):
        if key not in workspace.specs or (partition and not layout.is_partitioned(key)):
            continue
        if not partition:
            whole.add(key)
            continue
        try:
            ordinal = layout.keys(key).index(partition)
        except UnknownNameError:
            continue
        found.setdefault(key, []).append(ordinal)
    chosen = {key: Ranges.of_ordinals(ordinals) for key, ordinals in found.items() if key not in whole}
    return Left(run, tuple(key for key in workspace.order if key in chosen or key in whole), chosen)


def _left_undone(session: Session, row: RunRow) -> Iterable[str] | None:
    """Return the names of what a run left undone; None where the log does not say: all that it was asked for."""
    end = session.end(row.run)
    if end is None:
        return None
    if end.left or row.status is RunStatus.SUCCEEDED:
        return end.left
    # older releases did not record it
    if end.counts.get(RunState.CANCELLED):
        return None
    return {
        name_of(item.asset, item.partition) for item in session.run_items(row.run) if item.state in _FAILS
    }


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
