"""Owns what the commands share that move an environment's pointers: asking first, showing what came of it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from assetflow.cli import exit_codes
from assetflow.cli.invocation import Invocation
from assetflow.errors import UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from assetflow.operate.environment_change import EnvironmentChange
    from assetflow.project import Project

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would be done.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask, though the environment is protected.")]


class Change(Protocol):
    """What is to be done to an environment: only tried, or done if it comes to what was ``seen``."""

    def __call__(self, *, dry_run: bool, seen: EnvironmentChange | None) -> EnvironmentChange:
        """Do it, or say what would be done."""


def change_environment(
    invocation: Invocation, project: Project, change: Change, *, dry_run: bool, yes: bool
) -> int:
    """Carry out ``change`` of the environment that ``project`` is opened in; show it.

    In a protected environment a person sees what would be done and is asked, and that is done or nothing; where nobody
    can be asked, it takes ``--yes``.
    """
    seen = None
    if project.protected and not (yes or dry_run):
        seen = change(dry_run=True, seen=None)
        if seen.refused:
            return show_change(invocation, seen)
        from assetflow.cli.views.environment_change import change_view

        ask(invocation, project.env, change_view(seen, verbose=invocation.verbose))
    return show_change(invocation, change(dry_run=dry_run, seen=seen))


def ask(invocation: Invocation, env: str, shown: RenderableType) -> None:
    """Ask a person whether to do what is ``shown`` to a protected environment; raise UsageError for no."""
    if invocation.as_json or not (sys.stdin.isatty() and invocation.terminal.is_watched):
        raise UsageError(
            f"{env} is protected, and nobody can be asked here; nothing was done",
            hint="--yes does it without asking, --dry-run shows what it would do",
        )
    invocation.terminal.complain(shown)
    if not typer.confirm(f"{env} is protected. Do this?", err=True):
        raise UsageError(f"nothing was done in {env}")


def show_change(invocation: Invocation, change: EnvironmentChange) -> int:
    """Show what was done to an environment, or would be."""
    from assetflow.cli.views.environment_change import change_view

    invocation.answer(change.to_dict, lambda: change_view(change, verbose=invocation.verbose))
    return exit_codes.FAILED if change.refused else exit_codes.DONE
