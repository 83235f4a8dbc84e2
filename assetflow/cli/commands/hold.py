"""`assetflow accept`, `assetflow pin`, `assetflow unpin`."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from assetflow.cli import options
from assetflow.cli.commands.environment_change import DryRun, Yes, change_environment
from assetflow.cli.invocation import Invocation

References = Annotated[
    list[str], typer.Argument(metavar="KEY[@VERSION]...", help="The assets; after @ a version, as in `show`.")
]
Keys = Annotated[list[str], typer.Argument(metavar="KEY...", help="The assets.")]


def accept(
    invocation: Invocation,
    references: References,
    *,
    partition: options.OnePartition = "",
    dry_run: DryRun = False,
    yes: Yes = False,
) -> int:
    """Let come what was turned away or rejected: you answer for it."""
    project = invocation.open()
    change = partial(project.accept, *(options.reference_of(one, partition) for one in references))
    return change_environment(invocation, project, change, dry_run=dry_run, yes=yes)


def pin(
    invocation: Invocation,
    references: References,
    *,
    partition: options.OnePartition = "",
    dry_run: DryRun = False,
    yes: Yes = False,
) -> int:
    """Keep assets at a version, whatever runs."""
    project = invocation.open()
    change = partial(project.pin, *(options.reference_of(one, partition) for one in references))
    return change_environment(invocation, project, change, dry_run=dry_run, yes=yes)


def unpin(
    invocation: Invocation,
    keys: Keys,
    *,
    partition: options.OnePartition = "",
    dry_run: DryRun = False,
    yes: Yes = False,
) -> int:
    """Let pinned assets go on."""
    project = invocation.open()
    change = partial(project.unpin, *(options.reference_of(one, partition) for one in keys))
    return change_environment(invocation, project, change, dry_run=dry_run, yes=yes)
