"""Owns how a plan is shown: what would run first, then what cannot, then what is left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assetflow.cli.views.layout import Columns, cell, quiet, stack
from assetflow.cli.views.marks import state_text
from assetflow.cli.views.words import counts_text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from assetflow.planning.plan import Plan, PlanItem

MOST_SHOWN = 500
"""Items of one state named without --verbose: nobody reads more, and to draw them takes longer than to plan."""

_ORDER = ("build", "maybe", "check", "reuse", "rejected", "skipped", "held", "fresh")


def plan_view(plan: Plan, *, verbose: bool = False) -> RenderableType:
    """Show a plan; all that is fresh, and very many of another state, by name only when ``verbose``."""
    shown = [item for item in plan if verbose or item.state.value != "fresh"]
    most = len(shown) if verbose else MOST_SHOWN
    return stack(_table(shown, most) if shown else None, plan_summary(plan))


def plan_summary(plan: Plan) -> str:
    """Return the last line: the counts, and what they mean when nothing would be done."""
    known = plan.counts
    counts = counts_text({state: known[state] for state in _ORDER if state in known})
    if plan:
        return counts
    return f"Nothing would run: {counts}" if counts else "Nothing would run"


def plan_hint(plan: Plan, same_env: str) -> str | None:
    """Return what may be typed next, or None; ``same_env``: what makes a command one of the same environment."""
    if plan:
        return (
            f"`assetflow materialize{same_env}` does this; "
            f"`assetflow explain KEY{same_env}` shows one asset in full"
        )
    rejected = [item for item in plan if item.state.value == "rejected"]
    if rejected and rejected[0].version is not None:
        first = f"{rejected[0].key}@{rejected[0].version[:12]}"
        return f"`assetflow show {first}{same_env}` shows the failing rows"
    return None


def _table(items: list[PlanItem], most: int) -> RenderableType:
    table = Columns("state", "asset", "why", folding=("asset", "why"))
    for state in _ORDER:
        found = [(item.key, told) for item in items if (told := _told(item, state)) is not None]
        for key, reasons in found[:most]:
            table.add_row(state_text(state), cell(key), cell("\n".join(reasons)))
        if len(found) > most:
            rest = quiet(f"and {len(found) - most:,} more")
            table.add_row(state_text(state), rest, quiet("--verbose or --json names them"))
    return table


def _told(item: PlanItem, state: str) -> tuple[str, ...] | None:
    """Return the reasons of an asset that is in a state, or of those of its partitions that are; None for neither."""
    if item.state.value == state:
        return item.reasons
    also = item.partitions.also if item.partitions is not None else {}
    return next((reasons for other, reasons in also.items() if other.value == state), None)
