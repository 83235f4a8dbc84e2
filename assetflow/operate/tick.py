"""Owns the tick: what is due in an environment is run, with all below it, by one tick at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from assetflow.operate.due import Due, Timing
from assetflow.operate.refreshes import Answers, ask
from assetflow.operate.workspace import Workspace
from assetflow.storage.live import LiveRun

if TYPE_CHECKING:
    from assetflow.execution.run import Run
    from assetflow.operate.how import How


@dataclass(frozen=True)
class Tick:
    """What a tick found ``due``, and did. ``run``: None where nothing was run. ``beside``: the tick that was at it.

    ``warnings``: what did not go as it should, and fails nothing.
    """

    env: str
    due: Due
    run: Run | None = None
    beside: LiveRun | None = None
    warnings: tuple[str, ...] = ()

    @property
    def timings(self) -> tuple[Timing, ...]:
        """Each refreshed asset, as it stood before: whether it was due, and when it is next."""
        return self.due.timings

    @property
    def told(self) -> str | None:
        """Why it did nothing although something may be due, in words."""
        if self.beside is None:
            return None
        where = f"process {self.beside.pid} on {self.beside.host}" if self.beside.pid else "another process"
        return f"another tick of {self.env} goes on, since {self.beside.began or 'just now'} ({where})"

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return {
            "env": self.env,
            "assets": [timing.to_dict() for timing in self.timings],
            "run": self.run.to_dict() if self.run else None,
            "beside": self.told,
            "warnings": list(self.warnings),
        }


def tick(workspace: Workspace, *, dry_run: bool = False, how: How | None = None) -> Tick:
    """Run what is due, with all below it, and what failed and may be tried again.

    Nothing due commits nothing. Where another tick of this environment goes on, leave it to that. ``dry_run``: only
    ask the probes, and say what is due.

    Raises:
        UsageError: the settings or the declarations are wrong.
        StoreError: the store cannot be read or written.
    """
    due = Due(workspace)
    if dry_run:
        due = Due(workspace, ask(workspace, due.probes)) if due.probes else due
        return Tick(workspace.env, due)
    if not due.probes and not due.selection:
        return _idle(workspace, due)
    claim = workspace.store.live.claim(f"tick.{workspace.env}")
    if isinstance(claim, LiveRun):
        return Tick(workspace.env, due, beside=claim)
    with claim:
        answers = ask(workspace, due.probes) if due.probes else {}
        return _run_due(workspace, answers, how)


def _run_due(workspace: Workspace, answers: Answers, how: How | None) -> Tick:
    """Look again, now that no other tick is at it, and run what is due."""
    from assetflow.operate.how import How
    from assetflow.operate.materialize import materialize

    due = Due(workspace, answers)
    if not due.selection:
        return _idle(workspace, due)
    how = replace(how or How(), trigger="tick")
    run = materialize(workspace, due.selection, exclude=due.exclude, how=how, answers=answers)
    return Tick(workspace.env, due, run=run)


def _idle(workspace: Workspace, due: Due) -> Tick:
    """Return a tick that runs nothing: what has become late by now is told all the same."""
    if not workspace.settings.notify.targets:
        return Tick(workspace.env, due)
    from assetflow.operate.notifying import notify

    return Tick(workspace.env, due, warnings=notify(workspace))
