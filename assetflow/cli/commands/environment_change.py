"""Owns what the commands share that move an environment's pointers: asking first, showing what came of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from assetflow.cli import exit_codes
from assetflow.cli.invocation import Invocation
from assetflow.errors import UsageError

if TYPE_CHECKING:
    from assetflow.operate.environment_change import EnvironmentChange
    from assetflow.project import Project

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would be done.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask, though the environment is protected.")]


def change_environment(
    invocation: Invocation,
    project: Project,
    change: Callable[[bool], EnvironmentChange],
    *,
    dry_run: bool,
    yes: bool,
) -> int:
    """Carry out ``change`` (its argument: only try), of the environment that ``project`` is opened in; show it.

    In a protected environment a person sees what would be done and is asked; where nobody can be asked, it takes
    ``--yes``.
    """
    if project.protected and not (yes or dry_run):
        tried = change(True)
        if tried.refused:
            return _show(invocation, tried)
        _ask(invocation, project.env, tried)
    return _show(invocation, change(dry_run))


def _ask(invocation: Invocation, env: str, tried: EnvironmentChange) -> None:
    if invocation.as_json or not (sys.stdin.isatty() and invocation.terminal.is_watched):
        raise UsageError(
            f"{env} is protected, and nobody can be asked here; nothing was done",
            hint="--yes does it without asking, --dry-run shows what it would do",
        )
    from assetflow.cli.views.environment_change import change_view

    invocation.terminal.complain(change_view(tried, verbose=invocation.verbose))
    if not typer.confirm(f"{env} is protected. Do this?", err=True):
        raise UsageError(f"nothing was done in {env}")


def _show(invocation: Invocation, change: EnvironmentChange) -> int:
    from assetflow.cli.views.environment_change import change_view

    invocation.answer(change.to_dict, lambda: change_view(change, verbose=invocation.verbose))
    return exit_codes.FAILED if change.refused else exit_codes.DONE
