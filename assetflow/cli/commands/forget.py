"""`assetflow forget`."""

from __future__ import annotations

from typing import Annotated

import typer

from assetflow.cli import exit_codes, options
from assetflow.cli.commands.environment_change import Yes, ask
from assetflow.cli.invocation import Invocation

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would go, and what would stay.")]


def forget(
    invocation: Invocation,
    version: options.Reference,
    *,
    partition: options.OnePartition = "",
    dry_run: DryRun = False,
    yes: Yes = False,
) -> int:
    """Erase the data of one version for good; its record stays.

    Refused while an environment publishes it or is pinned at it. What other versions need stays.
    """
    from assetflow.cli.views.collection import erased_view

    version = options.reference_of(version, partition)
    project = invocation.open()
    if project.protected and not (yes or dry_run):
        ask(invocation, project.env, erased_view(project.forget(version, dry_run=True)))
    erased = project.forget(version, dry_run=dry_run)
    invocation.answer(erased.to_dict, lambda: erased_view(erased))
    return exit_codes.DONE
