"""Owns what a command's exit code says (docs/errors.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assetflow.execution.run import Run
    from assetflow.planning.plan import Plan

DONE = 0
FAILED = 1
USAGE = 2
WOULD_RUN = 3
INTERRUPTED = 130


def of_plan(plan: Plan) -> int:
    """Return the code of `plan --exit-code`: 3 when there is anything to do; 1 when all that is left fails."""
    if plan:
        return WOULD_RUN
    return FAILED if plan.fails else DONE


def of_run(run: Run) -> int:
    """Return the code of a run: held and fresh are success, cancelled is an interruption."""
    by_status = {"succeeded": DONE, "cancelled": INTERRUPTED}
    return by_status.get(run.status.value, FAILED)
