"""`assetflow cron`: the user's crontab."""

from __future__ import annotations

from typing import Annotated

import typer

from assetflow.cli import exit_codes
from assetflow.cli.invocation import Invocation

Every = Annotated[str, typer.Option("--every", metavar="INTERVAL", help="How often: 1m, 5m, 1h, 1d.")]


def install(invocation: Invocation, *, every: Every = "1m") -> int:
    """Have your crontab call `assetflow tick` for this project and environment."""
    entry = invocation.open().cron_install(every)
    invocation.answer(entry.to_dict, lambda: f"in your crontab now: {entry.schedule} {entry.command}")
    return exit_codes.DONE


def list_ticks(invocation: Invocation) -> int:
    """List the ticks in your crontab, of other projects too."""
    entries = invocation.open().cron_entries()
    from assetflow.cli.views.timings import crontab_view

    invocation.answer(
        lambda: {"entries": [entry.to_dict() for entry in entries]}, lambda: crontab_view(entries)
    )
    return exit_codes.DONE


def remove(invocation: Invocation) -> int:
    """Take the ticks of this project and environment out of your crontab, and leave it as it was found."""
    project = invocation.open()
    entry = project.cron_remove()
    told = (
        "out of your crontab now"
        if entry
        else f"your crontab has no ticks of {project.env} in {project.root}"
    )
    invocation.answer(lambda: {"removed": entry.to_dict() if entry else None}, lambda: told)
    return exit_codes.DONE
