"""`assetflow env`."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from assetflow.cli import exit_codes
from assetflow.cli.commands.environment_change import DryRun, Yes, change_environment, show_change
from assetflow.cli.invocation import Invocation
from assetflow.errors import AssetflowError

if TYPE_CHECKING:
    from assetflow.cli.views.settings import EnvironmentRow

Name = Annotated[
    str | None, typer.Argument(metavar="ENV", help="The environment; the current one when left out.")
]

Before = Annotated[str, typer.Argument(metavar="ENV", help="The environment to compare with.")]
After = Annotated[
    str | None, typer.Argument(metavar="OTHER", help="The other one; the current one when left out.")
]
New = Annotated[str, typer.Argument(metavar="NAME", help="Its name.")]
Origin = Annotated[
    str | None,
    typer.Option(
        "--from", metavar="ENV", help="Begin with what this environment publishes; nothing is copied."
    ),
]


def list_environments(invocation: Invocation, context: typer.Context) -> int:
    """List the environments, and the store that each points at."""
    if context.invoked_subcommand is not None:
        return exit_codes.DONE
    from assetflow.cli.views.settings import environments_view

    project = invocation.open()
    rows = [_row(invocation, name, project.env) for name in project.environments]
    invocation.answer(
        lambda: {"environments": [row.to_dict() for row in rows]}, lambda: environments_view(rows)
    )
    return exit_codes.DONE


def show_environment(invocation: Invocation, name: Name = None) -> int:
    """Show one environment: its settings, and every version that it publishes."""
    from assetflow.cli.views.settings import environment_view

    project = invocation.open(name)
    published = [entry for entry in project.recorded() if entry.is_published]
    row = _row(invocation, project.env, invocation.open().env)
    restraints = project.restraints()
    invocation.answer(
        lambda: {
            **row.to_dict(),
            "settings": [asdict(value) for value in project.settings],
            "assets": [entry.to_dict() for entry in published],
            **restraints.to_dict(),
        },
        lambda: environment_view(row, project.settings, published, restraints, invocation.now),
    )
    return exit_codes.DONE


def compare_environments(invocation: Invocation, before: Before, after: After = None) -> int:
    """Compare what two environments publish; the exit code is 1 where it differs."""
    from assetflow.cli.views.settings import difference_view

    try:
        invocation.open(before)
        project = invocation.open(after)
        found = project.compare_environments(before, project.env)
    except AssetflowError as error:
        error.exit_code = exit_codes.USAGE  # 1 says that they differ
        raise
    invocation.answer(found.to_dict, lambda: difference_view(found, invocation.now))
    return exit_codes.FAILED if found.differences else exit_codes.DONE


def create_environment(invocation: Invocation, name: New, origin: Origin = None) -> int:
    """Make an environment, which may begin with all that another publishes."""
    return show_change(invocation, invocation.open(origin).create_environment(name, origin))


def delete_environment(
    invocation: Invocation, name: New, *, dry_run: DryRun = False, yes: Yes = False
) -> int:
    """End an environment: it publishes nothing any more. Versions stay, and so does every other environment."""
    project = invocation.open(name)
    change = partial(project.delete_environment, name)
    return change_environment(invocation, project, change, dry_run=dry_run, yes=yes)


def _row(invocation: Invocation, name: str, current: str) -> EnvironmentRow:
    """Look at an environment; one that cannot be opened says why, and does not hide the others."""
    from assetflow.cli.views.settings import EnvironmentRow

    try:
        project = invocation.open(name)
        return EnvironmentRow(name, name == current, project.store, len(project.snapshot().keys))
    except AssetflowError as error:
        return EnvironmentRow(name, name == current, None, None, error.message)
