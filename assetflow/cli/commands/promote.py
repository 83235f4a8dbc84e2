"""`assetflow promote`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from assetflow.cli import exit_codes, options
from assetflow.cli.commands.environment_change import DryRun, Yes, change_environment
from assetflow.cli.invocation import Invocation
from assetflow.errors import StoreError, UsageError

if TYPE_CHECKING:
    from assetflow.operate.environment_change import EnvironmentChange

Source = Annotated[str, typer.Argument(metavar="FROM", help="The environment whose versions were tested.")]
Target = Annotated[str, typer.Argument(metavar="TO", help="The environment that is to publish them.")]
Strict = Annotated[
    bool, typer.Option("--strict", help="Refuse also where TO has read a source later than FROM.")
]


def promote(
    invocation: Invocation,
    source: Source,
    target: Target,
    selected: options.Select = None,
    exclude: options.Exclude = None,
    *,
    strict: Strict = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> int:
    """Publish in one environment what was tested in another."""
    if source == target:
        raise UsageError(f"{source} cannot be promoted to itself")
    invocation.open(source)
    project = invocation.open(target)
    selection, left = options.selection_of(selected), options.selection_of(exclude)

    def change(*, dry_run: bool, seen: EnvironmentChange | None) -> EnvironmentChange:
        try:
            return project.promote(
                source, target, selection, exclude=left, strict=strict, dry_run=dry_run, seen=seen
            )
        except StoreError as error:
            error.exit_code = exit_codes.USAGE  # nothing has moved: the same command goes on from there
            raise

    return change_environment(invocation, project, change, dry_run=dry_run, yes=yes)
