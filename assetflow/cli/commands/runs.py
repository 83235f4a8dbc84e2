"""`assetflow runs`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from assetflow.cli import exit_codes, options
from assetflow.cli.invocation import Invocation

if TYPE_CHECKING:
    from assetflow.ledger.runs import RunRow
    from assetflow.model.states import RunState
    from assetflow.project import Project

Run = Annotated[
    str | None, typer.Argument(metavar="RUN", help="The beginning of a run's id, to see that one.")
]


def runs(invocation: Invocation, run: Run = None, *, limit: options.Limit = 20) -> int:
    """List the runs, newest first; or show one of them."""
    from assetflow.cli.views.history import run_details_view, runs_view
    from assetflow.operate.records import run_to_dict

    project = invocation.open()
    if run is not None:
        details = project.run(run)
        invocation.answer(details.to_dict, lambda: run_details_view(details))
        return exit_codes.DONE
    rows = project.runs(options.limit_of(limit))
    invocation.answer(
        lambda: {"runs": [run_to_dict(row) for row in rows]},
        lambda: runs_view([(row, _counts(project, row)) for row in rows], invocation.now),
    )
    return exit_codes.DONE


def _counts(project: Project, row: RunRow) -> Mapping[RunState, int]:
    """Return the counts of a run; of one that has not finished, those of what is on record of it."""
    if row.finished_at is not None:
        return row.counts
    return Counter(item.state for item in project.run(row.run).items)
