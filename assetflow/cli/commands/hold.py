"""`assetflow accept`, `assetflow pin`, `assetflow unpin`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from assetflow.cli import options
from assetflow.cli.commands.environment_change import DryRun, Yes, change_environment
from assetflow.cli.invocation import Invocation

if TYPE_CHECKING:
    from assetflow.operate.environment_change import EnvironmentChange
    from assetflow.project import Project

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
    named = [options.reference_of(one, partition) for one in references]
    return _change(invocation, lambda project: project.accept, named, dry_run=dry_run, yes=yes)


def pin(
    invocation: Invocation,
    references: References,
    *,
    partition: options.OnePartition = "",
    dry_run: DryRun = False,
    yes: Yes = False,
) -> int:
    """Keep assets at a version, whatever runs."""
    named = [options.reference_of(one, partition) for one in references]
    return _change(invocation, lambda project: project.pin, named, dry_run=dry_run, yes=yes)


def unpin(
    invocation: Invocation,
    keys: Keys,
    *,
    partition: options.OnePartition = "",
    dry_run: DryRun = False,
    yes: Yes = False,
) -> int:
    """Let pinned assets go on."""
    named = [options.reference_of(one, partition) for one in keys]
    return _change(invocation, lambda project: project.unpin, named, dry_run=dry_run, yes=yes)


def _change(
    invocation: Invocation,
    method: Callable[[Project], Callable[..., EnvironmentChange]],
    named: Sequence[str],
    *,
    dry_run: bool,
    yes: bool,
) -> int:
    project = invocation.open()
    change = partial(method(project), *named)
    return change_environment(invocation, project, change, dry_run=dry_run, yes=yes)
