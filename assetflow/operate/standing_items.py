"""Owns what a run says of the assets and partitions that it had nothing to do for: as the plan has them."""

from __future__ import annotations

from collections.abc import Iterator

from assetflow.execution.run import RunItem
from assetflow.model.states import PlanState, RunState
from assetflow.planning.plan import Plan, PlanItem

_STATES = {
    PlanState.FRESH: RunState.FRESH,
    PlanState.REJECTED: RunState.REJECTED,
    PlanState.HELD: RunState.HELD,
    PlanState.SKIPPED: RunState.SKIPPED,
}


def standing_items(plan: Plan) -> tuple[RunItem, ...]:
    """Return the items of all that stays as it is: of partitions that stand alike, one for all of them."""
    return tuple(found for item in plan for found in _items(item))


def partition_items(plan: Plan) -> tuple[RunItem, ...]:
    """Return ``standing_items`` of the partitions alone."""
    return tuple(found for item in plan if item.partitions is not None for found in _items(item))


def _items(item: PlanItem) -> Iterator[RunItem]:
    if item.partitions is None:
        if item.state in _STATES:
            rows = item.recorded.rows if item.recorded else None
            message = "; ".join(item.reasons)
            yield RunItem(
                item.key, _STATES[item.state], item.version, rows=rows, message=message, fails=item.fails
            )
        return
    from assetflow.partitions.members import Members
    from assetflow.partitions.wording import short_text

    for group in item.partitions.groups:
        if group.state in _STATES:
            which = short_text(group.ranges, item.partitions.keys)
            message = "; ".join((which, *group.reasons))
            yield RunItem(
                item.key,
                _STATES[group.state],
                message=message,
                fails=group.fails,
                count=len(group.ranges),
                reasons=group.reasons,
                alike=Members(group.ranges, item.partitions.keys),
            )
