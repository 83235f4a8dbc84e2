"""`assetflow status`."""

from __future__ import annotations

from typing import Annotated

import typer

from assetflow.cli import exit_codes, options
from assetflow.cli.completion_cache import remember
from assetflow.cli.invocation import Invocation
from assetflow.cli.running import warn

FailLate = Annotated[bool, typer.Option("--fail-late", help="Exit code 1 when any of them is late.")]

Notify = Annotated[
    bool, typer.Option("--notify", help="Tell whoever the settings name in [notify] of what became late.")
]


def status(
    invocation: Invocation,
    selection: options.Selected = None,
    *,
    select: options.Select = None,
    exclude: options.Exclude = None,
    fail_late: FailLate = False,
    notify: Notify = False,
) -> int:
    """Say how each asset stands, and what is published of it.

    What is published is late when its newest data are older than the asset's `fresh_within`.
    """
    from assetflow.cli.views.catalog import status_view

    project = invocation.open()
    rows = project.status(
        options.selection_of(select, selection), exclude=options.selection_of(exclude), now=invocation.now
    )
    remember(project)
    invocation.answer(
        lambda: {"env": project.env, "assets": [row.to_dict() for row in rows]},
        lambda: status_view(rows, project.env, invocation.now, verbose=invocation.verbose),
    )
    if notify:
        warn(invocation, project.notify(now=invocation.now))
    is_late = any(row.late_since is not None for row in rows)
    return exit_codes.FAILED if fail_late and is_late else exit_codes.DONE
