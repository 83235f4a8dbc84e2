"""`assetflow rollback`."""

from __future__ import annotations

from functools import partial
from typing import Annotated, get_args

import typer

from assetflow.cli import options
from assetflow.cli.commands.environment_change import DryRun, Yes, change_environment
from assetflow.cli.invocation import Invocation
from assetflow.errors import UsageError

Name = Annotated[
    str | None, typer.Argument(metavar="ENV", help="The environment; the current one when left out.")
]
To = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar="WHEN",
        help="A commit (#42), a time, a run (as it left things), or a version; else before the last change.",
    ),
]
Partition = Annotated[
    str | None,
    typer.Option(
        "--partition",
        "-p",
        metavar="PARTITIONS",
        help="Which partitions of what is selected: 2026-11-01, 2026-11-01..2026-11-23. All when left out.",
    ),
]
Hold = Annotated[
    str,
    typer.Option(
        "--hold",
        metavar="auto|all|changed|none",
        help="What of it is not to come back by itself; auto: what other code or config made, else all.",
    ),
]


def rollback(
    invocation: Invocation,
    name: Name = None,
    selected: options.Select = None,
    exclude: options.Exclude = None,
    *,
    partition: Partition = None,
    to: To = None,
    hold: Hold = "auto",
    dry_run: DryRun = False,
    yes: Yes = False,
) -> int:
    """Go back to what an environment published before.

    One partition alone: --select KEY --partition PARTITION, or --select 'KEY|PARTITION'.
    """
    from assetflow.operate.rollback import HOLD_BACK, HoldBack

    if hold not in HOLD_BACK:
        raise UsageError(f"--hold {hold}: there is {', '.join(get_args(HoldBack))}")
    project = invocation.open(name)
    change = partial(
        project.rollback,
        None,
        to,
        options.selection_of(selected),
        exclude=options.selection_of(exclude),
        partitions=partition,
        hold=hold,
    )
    return change_environment(invocation, project, change, dry_run=dry_run, yes=yes)
