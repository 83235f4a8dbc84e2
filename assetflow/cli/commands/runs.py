"""`assetflow runs`."""

from __future__ import annotations

from typing import Annotated

import typer

from assetflow.cli import exit_codes, options
from assetflow.cli.invocation import Invocation

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
        lambda: {"runs": [run_to_dict(row) for row in rows]}, lambda: runs_view(rows, invocation.now)
    )
    return exit_codes.DONE
