"""`assetflow list`."""

from __future__ import annotations

from typing import Annotated

import typer

from assetflow.cli import exit_codes, options
from assetflow.cli.completion_cache import remember
from assetflow.cli.invocation import Invocation
from assetflow.errors import UsageError

Recorded = Annotated[
    bool,
    typer.Option(
        "--recorded",
        help="What the store has on record, declared or not; the project's modules are not imported.",
    ),
]
Exposures = Annotated[
    bool, typer.Option("--exposures", help="Who uses the assets selected, or what is made from them.")
]


def list_assets(
    invocation: Invocation,
    selection: options.Selected = None,
    *,
    select: options.Select = None,
    exclude: options.Exclude = None,
    recorded: Recorded = False,
    exposures: Exposures = False,
) -> int:
    """List the assets: kind, group, tags, description."""
    from assetflow.cli.views.catalog import exposures_view, list_view, recorded_view

    project = invocation.open()
    selected, excluded = options.selection_of(select, selection), options.selection_of(exclude)
    if recorded:
        if selected or excluded or exposures:
            raise UsageError(
                "--recorded lists all that is on record; it takes no selection, and knows of no exposures"
            )
        known = project.recorded()
        invocation.answer(
            lambda: {"env": project.env, "assets": [entry.to_dict() for entry in known]},
            lambda: recorded_view(known, project.env, invocation.now),
        )
        return exit_codes.DONE
    if exposures:
        users = project.exposures(selected, exclude=excluded)
        invocation.answer(
            lambda: {"exposures": [exposure.to_dict() for exposure in users]}, lambda: exposures_view(users)
        )
        return exit_codes.DONE
    entries = project.list(selected, exclude=excluded)
    remember(project)
    invocation.answer(lambda: {"assets": [entry.to_dict() for entry in entries]}, lambda: list_view(entries))
    return exit_codes.DONE
