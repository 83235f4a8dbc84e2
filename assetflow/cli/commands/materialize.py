"""`assetflow materialize`: the main job."""

from __future__ import annotations

from typing import Annotated

import typer

from assetflow.cli import options
from assetflow.cli.commands.plan import plan
from assetflow.cli.invocation import Invocation
from assetflow.cli.running import FailFast, Format, Jobs, LogFormat, carry_out, command_line

Force = Annotated[bool, typer.Option("--force", help="Run what is selected, whatever is on record.")]
FullRefresh = Annotated[
    bool,
    typer.Option(
        "--full-refresh",
        help="Run what is selected, and let incremental assets begin anew, without what they had.",
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only plan: the same as `assetflow plan`.")]


def materialize(
    invocation: Invocation,
    selection: options.Selected = None,
    *,
    select: options.Select = None,
    exclude: options.Exclude = None,
    config: options.Config = None,
    partition: options.Partition = None,
    force: Force = False,
    full_refresh: FullRefresh = False,
    jobs: Jobs = None,
    fail_fast: FailFast = False,
    dry_run: DryRun = False,
    log_format: Format = LogFormat.TEXT,
) -> int:
    """Run what must run, check it, publish what passes."""
    if dry_run:
        return plan(
            invocation,
            selection,
            select=select,
            exclude=exclude,
            config=config,
            partition=partition,
            force=force or full_refresh,
        )
    project = invocation.open()
    return carry_out(
        invocation,
        project,
        log_format,
        lambda listener: project.materialize(
            options.selection_of(select, selection),
            exclude=options.selection_of(exclude),
            force=force or full_refresh,
            jobs=jobs,
            fail_fast=fail_fast,
            config=options.config_of(config),
            partition=partition,
            full_refresh=full_refresh,
            listener=listener,
            command=command_line(invocation.typed),
        ),
        asked_for=partition is not None,
    )
