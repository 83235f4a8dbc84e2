"""Owns the plan: what would run, be judged or be published, and why; and how it is made, parents first.

Planning runs no user function, commits nothing, and gives the same plan for the same values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assetflow.hashing.fingerprint import source_fingerprint
from assetflow.ledger.records import Recorded
from assetflow.model.recipe import Recipe
from assetflow.model.states import PlanState
from assetflow.planning.fingerprints import Seen, fingerprint_of, recipe_of, seen_of
from assetflow.planning.reasons import differences
from assetflow.planning.resolve import Resolved
from assetflow.planning.staleness import Judgement, judge, judge_identity
from assetflow.planning.world import World

WORK = frozenset({PlanState.BUILD, PlanState.MAYBE, PlanState.CHECK, PlanState.REUSE})


@dataclass(frozen=True)
class PlanItem:
    """What is planned for one asset.

    ``fingerprint`` is None while an input is to be built. ``recorded``: the version published, reused or judged.
    ``waits_for``: upstream assets that are to be built first. ``fails``: whether it makes the run exit with 1.
    """

    key: str
    state: PlanState
    reasons: tuple[str, ...] = ()
    fingerprint: str | None = None
    recorded: Recorded | None = None
    waits_for: tuple[str, ...] = ()
    fails: bool = False
    partition: str = ""

    @property
    def version(self) -> str | None:
        """Id of the version that is published, would be reused, or would be judged."""
        return self.recorded.action.version if self.recorded else None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return {
            "key": self.key,
            "partition": self.partition,
            "state": self.state.value,
            "reasons": list(self.reasons),
            "fingerprint": self.fingerprint,
            "version": self.version,
            "waits_for": list(self.waits_for),
        }


@dataclass(frozen=True)
class Plan:
    """Frozen answer to "what would happen?". True when anything would run, be judged or be published."""

    env: str
    head: int
    selection: str
    items: tuple[PlanItem, ...]

    def __iter__(self) -> Iterator[PlanItem]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __bool__(self) -> bool:
        return any(item.state in WORK for item in self.items)

    def __getitem__(self, key: str) -> PlanItem:
        return next(item for item in self.items if item.key == key)

    @property
    def counts(self) -> dict[str, int]:
        """Number of items by state, those that occur, in the order of the states."""
        counted = Counter(item.state for item in self.items)
        return {state.value: counted[state] for state in PlanState if counted[state]}

    @property
    def fails(self) -> bool:
        """Whether an item is rejected, or cannot be tried."""
        return any(item.fails for item in self.items)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return {
            "env": self.env,
            "commit": self.head,
            "selection": self.selection,
            "counts": self.counts,
            "items": [item.to_dict() for item in self.items],
        }

    def __repr__(self) -> str:
        counts = ", ".join(f"{count} {state}" for state, count in self.counts.items())
        return f"<Plan of {len(self.items)} assets in {self.env}: {counts or 'nothing'}>"


@dataclass(frozen=True)
class Blocked:
    """An upstream that cannot be used now, and the words for it."""

    reason: str


class Pending:
    """An upstream that is to be built first."""


View = Seen | Blocked | Pending | None


def make_plan(
    order: Sequence[Resolved],
    world: World,
    observed: Mapping[str, str],
    *,
    selection: str,
    forced: Collection[str] = (),
) -> Plan:
    """Plan the assets of ``order`` (parents first).

    Args:
        order: the selected assets and the sources that they read directly.
        world: what is on record.
        observed: data versions of the sources among them, as their files are now.
        selection: the text that selected them.
        forced: keys that are built whatever is on record.
    """
    items: dict[str, PlanItem] = {}
    for asset in order:
        items[asset.key] = _plan_item(asset, items, world, observed, asset.key in forced)
    return Plan(env=world.env, head=world.head, selection=selection, items=tuple(items.values()))


def source_judgement(asset: Resolved, data_version: str, world: World, *, forced: bool = False) -> Judgement:
    """Judge a source whose files have this data version now."""
    fingerprint = source_fingerprint(asset.key, data_version)
    return judge_identity(asset, Recipe(code_version=""), fingerprint, {}, world, forced=forced)


def missing_input(asset: Resolved, views: Mapping[str, View]) -> PlanItem | None:
    """Return the item of an asset that cannot be tried because an upstream is blocked or has no version."""
    for view in views.values():
        if isinstance(view, Blocked):
            return PlanItem(asset.key, PlanState.SKIPPED, (view.reason,), fails=True)
    for item in asset.inputs:
        if views.get(item.spec.key) is None and item.spec.missing != "none":
            fails = item.spec.missing == "fail"
            reason = f"{item.spec.key} has no version"
            return PlanItem(
                asset.key,
                PlanState.SKIPPED,
                (f"{reason}; select +{asset.key}" if fails else reason,),
                fails=fails,
            )
    for key in asset.spec.deps:
        if views.get(key) is None:
            reason = f"{key} has no version; select +{asset.key}"
            return PlanItem(asset.key, PlanState.SKIPPED, (reason,), fails=True)
    return None


def upstream_keys(asset: Resolved) -> tuple[str, ...]:
    """Return all that must be known before ``asset`` is judged: its inputs, deps, and what its checks read."""
    read_by_checks = (item.spec.key for check in asset.checks for item in check.inputs)
    return tuple(dict.fromkeys([*asset.spec.upstream, *read_by_checks]))


def _plan_item(
    asset: Resolved, items: Mapping[str, PlanItem], world: World, observed: Mapping[str, str], forced: bool
) -> PlanItem:
    if asset.spec.kind == "source":
        return _as_item(asset, source_judgement(asset, observed[asset.key], world, forced=forced))
    views = {key: _view(items.get(key), key, world) for key in upstream_keys(asset)}
    missing = missing_input(asset, {key: views[key] for key in asset.spec.upstream})
    if missing is not None:
        return missing
    pending = tuple(key for key, view in views.items() if isinstance(view, Pending))
    if pending:
        return _waiting(asset, views, pending, world, forced)
    seen = {key: view for key, view in views.items() if isinstance(view, Seen) or view is None}
    item = _as_item(asset, judge(asset, seen, world, forced=forced))
    return _below_a_failed_check(asset, item, items)


def _as_item(asset: Resolved, judgement: Judgement) -> PlanItem:
    outcome = judgement.outcome
    return PlanItem(
        key=asset.key,
        state=outcome.state,
        reasons=outcome.reasons,
        fingerprint=judgement.fingerprint,
        recorded=outcome.recorded,
        fails=outcome.state is PlanState.REJECTED,
    )


def _view(item: PlanItem | None, key: str, world: World) -> View:
    if item is None:
        published = world.published.get(key)
        return seen_of(published.action) if published else None
    if item.state in (PlanState.BUILD, PlanState.MAYBE):
        return Pending()
    if item.state is PlanState.SKIPPED:
        return Blocked(f"{key} is skipped")
    if item.state is PlanState.REJECTED and not _is_published(item, world):
        return Blocked(f"{key} is rejected")
    assert item.recorded is not None
    return seen_of(item.recorded.action)


def _is_published(item: PlanItem, world: World) -> bool:
    published = world.published.get(item.key)
    return published is not None and published.action.version == item.version


def _below_a_failed_check(asset: Resolved, item: PlanItem, items: Mapping[str, PlanItem]) -> PlanItem:
    """Skip what is stale below a published version that a later check rejects."""
    if item.state not in WORK:
        return item
    for key in asset.spec.upstream:
        if key in items and items[key].state is PlanState.REJECTED:
            return PlanItem(asset.key, PlanState.SKIPPED, (f"{key} is rejected",), fails=True)
    return item


def _waiting(
    asset: Resolved, views: Mapping[str, View], pending: tuple[str, ...], world: World, forced: bool
) -> PlanItem:
    published = world.published.get(asset.key)
    certain = ["forced"] if forced else _certain_reasons(asset, views, pending, published, world)
    waiting = f"waits for {', '.join(pending)}"
    state = PlanState.BUILD if certain else PlanState.MAYBE
    return PlanItem(asset.key, state, (*certain, waiting), recorded=published, waits_for=pending)


def _certain_reasons(
    asset: Resolved,
    views: Mapping[str, View],
    pending: tuple[str, ...],
    published: Recorded | None,
    world: World,
) -> list[str]:
    if published is None:
        return ["never built"]
    if world.unsound([published]):
        return ["artifact missing"]
    action = published.action
    if action.type != "materialized":
        return ["it was a source"]
    old_inputs = {item.asset: item for item in action.recipe.inputs}
    old_deps = dict(action.recipe.deps)
    seen: dict[str, Seen | None] = {}
    for key, view in views.items():
        if key not in pending:
            seen[key] = view if isinstance(view, Seen) else None
        elif key in old_inputs and old_inputs[key].data_version is not None:
            old = old_inputs[key]
            seen[key] = Seen(old.version or "", old.data_version or "", old.rows, old.columns)
        else:
            seen[key] = Seen("", old_deps.get(key) or "")
    recipe = recipe_of(asset, seen)
    if fingerprint_of(asset.key, recipe) == action.fingerprint:
        return []
    return differences(action.recipe, recipe, seen, world)
