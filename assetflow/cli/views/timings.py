"""Owns how it is shown what is due, and when the next is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from assetflow.cli.views.layout import Columns, cell, quiet, stack
from assetflow.cli.views.words import counted, when

if TYPE_CHECKING:
    from rich.console import RenderableType

    from assetflow.operate.crontab_text import CronEntry
    from assetflow.operate.due import Timing


def timings_view(timings: Sequence[Timing], env: str, now: datetime) -> RenderableType:
    """Show what is due in ``env``, and when the rest is."""
    if not timings:
        return 'nothing is ever due: no asset has a refresh=, such as af.cron("0 6 * * *")'
    table = Columns("asset", "refresh", "due", "next", folding=("asset", "refresh", "due"))
    for timing in timings:
        table.add_row(
            cell(timing.key), quiet(timing.refresh), cell(due_text(timing, now)), cell(next_text(timing, now))
        )
    due = sum(bool(timing.due) for timing in timings)
    return stack(table, f"{counted(due, 'asset')} due in {env}")


def due_text(timing: Timing, now: datetime) -> str:
    """Return why an asset is due, or why it is not run although it may be."""
    if timing.waits_until is not None:
        return f"failed, and is tried again {when(timing.waits_until, now)}"
    return timing.due


def next_text(timing: Timing, now: datetime) -> str:
    """Return when an asset is due next."""
    if timing.next is not None:
        return when(timing.next, now)
    kind = timing.refresh.partition(" ")[0]
    return {"": "", "probe": "when asked", "always": "each run"}.get(kind, "none ahead")


def status_text(timing: Timing | None, now: datetime) -> str:
    """Return when an asset is due, in the few words that have room among others."""
    if timing is None:
        return ""
    if timing.waits_until is not None:
        return f"again {when(timing.waits_until, now)}"
    return "now" if timing.due else next_text(timing, now)


def crontab_view(entries: Sequence[CronEntry]) -> RenderableType:
    """Show the ticks in the user's crontab."""
    if not entries:
        return "your crontab calls no ticks: `assetflow cron install` has it do so"
    table = Columns("project", "environment", "schedule", "command", folding=("project", "command"))
    for entry in entries:
        table.add_row(cell(entry.project), cell(entry.env), cell(entry.schedule), quiet(entry.command))
    return table
