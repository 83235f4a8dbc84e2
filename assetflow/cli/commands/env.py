"""`assetflow env`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from assetflow.cli import exit_codes
from assetflow.cli.invocation import Invocation
from assetflow.errors import AssetflowError

if TYPE_CHECKING:
    from assetflow.cli.views.settings import EnvironmentRow

Name = Annotated[
    str | None, typer.Argument(metavar="ENV", help="The environment; the current one when left out.")
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
    published = [entry for entry in project.recorded() if entry.version is not None]
    row = _row(invocation, project.env, invocation.open().env)
    invocation.answer(
        lambda: {
            **row.to_dict(),
            "settings": [asdict(value) for value in project.settings],
            "assets": [entry.to_dict() for entry in published],
        },
        lambda: environment_view(row, project.settings, published, invocation.now),
    )
    return exit_codes.DONE


def _row(invocation: Invocation, name: str, current: str) -> EnvironmentRow:
    """Look at an environment; one that cannot be opened says why, and does not hide the others."""
    from assetflow.cli.views.settings import EnvironmentRow

    try:
        project = invocation.open(name)
        return EnvironmentRow(name, name == current, project.store, len(project.snapshot().keys))
    except AssetflowError as error:
        return EnvironmentRow(name, name == current, None, None, error.message)
