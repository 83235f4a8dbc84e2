"""Owns the main job: plan, run what the plan says, and commit it."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

from assetflow.errors import StoreFormatError
from assetflow.execution.run import Run
from assetflow.model.states import RunStatus
from assetflow.operate.how import How, new_run_id
from assetflow.operate.partition_choice import Choice
from assetflow.operate.planning import Config, Planned, plan
from assetflow.operate.refreshes import Answers, Asked
from assetflow.operate.rejections import with_verdicts
from assetflow.operate.standing_items import standing_items
from assetflow.operate.workspace import Workspace

if TYPE_CHECKING:
    from assetflow.lineage.selection import Selection


def materialize(
    workspace: Workspace,
    selection: str | Selection | None = None,
    *,
    exclude: str | Selection | None = None,
    force: bool = False,
    config: Config | None = None,
    partitions: Choice = None,
    how: How | None = None,
    answers: Answers | None = None,
) -> Run:
    """Bring what ``selection`` selects up to date and publish it.

    An asset's failure is a value in the returned run. A run that changes nothing commits nothing. ``answers``: of
    probes that were asked already; the others are asked here.

    Raises:
        UsageError: the selection, the settings or the declarations are wrong.
        StoreError: the store cannot be written.
    """
    how = how or How()
    begun = perf_counter()
    run_id = new_run_id()
    asked = Asked(run_id, answers or {})
    planned = plan(
        workspace, selection, exclude=exclude, force=force, config=config, partitions=partitions, asked=asked
    )
    is_told = how.trigger == "tick" and planned.plan.fails  # so that it is left alone for a while
    if not (planned.plan or is_told):
        nothing = _nothing_to_do(planned, run_id, perf_counter() - begun)
        return _told_of(workspace, with_verdicts(workspace, planned, nothing))
    because = planned.past.commit.read_only_because
    if because is not None:
        raise StoreFormatError(f"this store can only be read: {because}", hint="upgrade assetflow")
    # All that runs anything is imported here: not where there is nothing to run.
    from assetflow.execution.capture import routed
    from assetflow.operate.running import run_plan

    with routed():
        run = run_plan(workspace, planned, how, run_id)
    workspace.observer.save()
    if run.committed:
        workspace.ledger.follow()  # here, once: who asks next is answered at once
    return _told_of(workspace, with_verdicts(workspace, planned, run))


def _told_of(workspace: Workspace, run: Run) -> Run:
    """Notify whoever the settings name of what changed, and return the run with what could not be told.

    A run that somebody ended waits for nobody any more: the next one tells.
    """
    if not workspace.settings.notify.targets or run.status is RunStatus.CANCELLED:
        return run
    from assetflow.operate.notifying import notify

    return replace(run, warnings=(*run.warnings, *notify(workspace, run)))


def _nothing_to_do(planned: Planned, run_id: str, seconds: float) -> Run:
    items = standing_items(planned.plan)
    failed = any(item.fails for item in items)
    status = RunStatus.FAILED if failed else RunStatus.SUCCEEDED
    return Run(run_id, planned.plan.env, status, items, seconds, committed=False)
