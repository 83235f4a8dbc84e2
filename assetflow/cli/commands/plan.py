"""`assetflow plan`."""

from __future__ import annotations

from typing import Annotated

import typer

from assetflow.cli import exit_codes, options
from assetflow.cli.completion_cache import remember
from assetflow.cli.invocation import Invocation

ExitCode = Annotated[
    bool,
    typer.Option(
        "--exit-code",
        help="End with 3 when anything would run, be judged or be published; with 1 when all that is left is rejected.",
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Plan to run what is selected, whatever is on record.")]


def plan(
    invocation: Invocation,
    selection: options.Selected = None,
    *,
    select: options.Select = None,
    exclude: options.Exclude = None,
    config: options.Config = None,
    force: Force = False,
    exit_code: ExitCode = False,
) -> int:
    """Say what would run, and why; run nothing."""
    from assetflow.cli.views.plan import plan_hint, plan_view

    project = invocation.open()
    made = project.plan(
        options.selection_of(select, selection),
        exclude=options.selection_of(exclude),
        force=force,
        config=options.config_of(config),
    )
    remember(project)
    invocation.answer(made.to_dict, lambda: plan_view(made, verbose=invocation.verbose))
    invocation.hint(plan_hint(made, invocation.same_env))
    return exit_codes.of_plan(made) if exit_code else exit_codes.DONE
