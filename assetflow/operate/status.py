"""Owns telling how assets stand: what is published of each, what a plan would do, what failed last, what is late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from assetflow.ledger.failures import Failure
from assetflow.operate.due import Timing, timings_of
from assetflow.operate.freshness import late
from assetflow.operate.planning import Planned, plan
from assetflow.operate.workspace import Workspace
from assetflow.planning.plan import PlanItem

if TYPE_CHECKING:
    from assetflow.lineage.selection import Selection


@dataclass(frozen=True)
class StatusRow:
    """How an asset stands: its state in the plan with the reasons, and the version that is published.

    ``partitions``: of an asset that has some, how many are published, and how many there are; ``also``: the reasons
    of those that stand otherwise than ``state``, by state, but for fresh ones.
    ``fresh_within``: seconds that its policy allows; ``late_since``: since when what is published is older than that.
    ``timing``: when it is refreshed, None where it is not.
    """

    key: str
    kind: str
    group: str | None
    state: str
    reasons: tuple[str, ...]
    version: str | None
    rows: int | None
    since: str | None
    failure: str | None
    partitions: tuple[int, int] | None = None
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fresh_within: float | None = None
    late_since: str | None = None
    timing: Timing | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return asdict(self)


def status(
    workspace: Workspace,
    selection: str | Selection | None = None,
    exclude: str | Selection | None = None,
    *,
    now: datetime | None = None,
) -> list[StatusRow]:
    """Return how the selected assets stand, parents first; what is late, at the moment ``now`` (None: this one)."""
    planned = plan(workspace, selection, exclude=exclude)
    with workspace.ledger.session() as session:
        pointers = session.whole_pointers(workspace.env)
        failures = session.last_failures(workspace.env)
        lateness = late(workspace, session, now or datetime.now(UTC), [item.key for item in planned.plan])
    timings = {timing.key: timing for timing in timings_of(workspace)}
    rows = []
    for item in planned.plan:
        published = planned.past.published.get(item.key)
        pointer = pointers.get(item.key)
        failure = _failure(item, failures)
        rows.append(
            StatusRow(
                key=item.key,
                kind=workspace.specs[item.key].kind,
                group=workspace.specs[item.key].group,
                state=item.state.value,
                reasons=item.reasons,
                version=published.version if published else None,
                rows=published.action.rows if published else None,
                since=pointer.since if pointer else None,
                failure=_told(failure) if failure else None,
                partitions=_partitions(item, planned),
                also=_also(item),
                fresh_within=workspace.settings.fresh_within_of(workspace.specs[item.key]),
                late_since=lateness[item.key].since if item.key in lateness else None,
                timing=timings.get(item.key),
            )
        )
    return rows


def _partitions(item: PlanItem, planned: Planned) -> tuple[int, int] | None:
    if item.partitions is None:
        return None
    published = planned.past.standings(item.key)
    keys, _ = planned.layout.packed(item.key)
    return sum(key in published for key in keys), len(keys)


def _also(item: PlanItem) -> dict[str, tuple[str, ...]]:
    if item.partitions is None:
        return {}
    return {state.value: reasons for state, reasons in item.partitions.also.items()}


def _failure(item: PlanItem, failures: Mapping[tuple[str, str], Failure]) -> Failure | None:
    """Return the last failure of an asset; of its partitions, that of the last one that failed."""
    if item.partitions is None:
        return failures.get((item.key, ""))
    of_asset = [failure for (key, _), failure in failures.items() if key == item.key]
    return max(of_asset, key=lambda failure: failure.commit, default=None)


def _told(failure: Failure) -> str:
    last = failure.action.attempts[-1]
    return f"{last.error}: {last.message}"
