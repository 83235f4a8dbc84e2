"""Owns how a plan is shown: what would run first, then what cannot, then what is left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assetflow.cli.views.layout import Columns, cell, stack
from assetflow.cli.views.marks import state_text
from assetflow.cli.views.words import counts_text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from assetflow.planning.plan import Plan, PlanItem

_ORDER = ("build", "maybe", "check", "reuse", "rejected", "skipped", "held", "fresh")


def plan_view(plan: Plan, *, verbose: bool = False) -> RenderableType:
    """Show a plan; what is fresh by name only when ``verbose``, else as a number."""
    shown = [item for item in plan if verbose or item.state.value != "fresh"]
    return stack(_table(shown) if shown else None, plan_summary(plan))


def plan_summary(plan: Plan) -> str:
    """Return the last line: the counts, and what they mean when nothing would be done."""
    counts = counts_text({state: plan.counts[state] for state in _ORDER if state in plan.counts})
    return counts if plan else f"Nothing would run: {counts}"


def plan_hint(plan: Plan) -> str | None:
    """Return what may be typed next, or None."""
    if plan:
        return "`assetflow materialize` does this; `assetflow explain KEY` shows one asset in full"
    rejected = [item for item in plan if item.state.value == "rejected"]
    if rejected and rejected[0].version is not None:
        first = f"{rejected[0].key}@{rejected[0].version[:12]}"
        return f"`assetflow show {first}` shows the failing rows"
    return None


def _table(items: list[PlanItem]) -> RenderableType:
    table = Columns("state", "asset", "why", folding=("asset", "why"))
    for item in sorted(items, key=lambda item: _ORDER.index(item.state.value)):  # stable: parents stay first
        table.add_row(state_text(item.state.value), cell(item.key), cell("\n".join(item.reasons)))
    return table
