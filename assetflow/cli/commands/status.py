"""`assetflow status`."""

from __future__ import annotations

from assetflow.cli import exit_codes, options
from assetflow.cli.completion_cache import remember
from assetflow.cli.invocation import Invocation


def status(
    invocation: Invocation,
    selection: options.Selected = None,
    *,
    select: options.Select = None,
    exclude: options.Exclude = None,
) -> int:
    """Say how each asset stands, and what is published of it."""
    from assetflow.cli.views.catalog import status_view

    project = invocation.open()
    rows = project.status(options.selection_of(select, selection), exclude=options.selection_of(exclude))
    remember(project)
    invocation.answer(
        lambda: {"env": project.env, "assets": [row.to_dict() for row in rows]},
        lambda: status_view(rows, project.env, invocation.now, verbose=invocation.verbose),
    )
    return exit_codes.DONE
