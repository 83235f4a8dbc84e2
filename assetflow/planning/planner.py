"""Owns how a plan is made, parents first.

Planning runs no user function, commits nothing, and gives the same plan for the same values.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from assetflow.errors import NoFilesError, SourceError
from assetflow.hashing.fingerprint import source_fingerprint
from assetflow.keys import split_name
from assetflow.model.refresh import Schedule
from assetflow.model.states import PlanState
from assetflow.partitions.ranges import Ranges
from assetflow.planning.fingerprints import Seen, seen_of
from assetflow.planning.holding import turned_away
from assetflow.planning.layout import Layout
from assetflow.planning.partition_tokens import PartitionTokens
from assetflow.planning.partitioned import PartitionPlanner
from assetflow.planning.plan import WORK, Plan, PlanItem
from assetflow.planning.resolve import Resolved
from assetflow.planning.staleness import Judgement, judge, judge_identity
from assetflow.planning.views import (
    Blocked,
    Pending,
    View,
    gave_no_answer,
    held_at,
    held_without_version,
    missing_input,
    published_view,
    readable,
    upstream_names,
)
from assetflow.planning.waiting import certain_reasons
from assetflow.planning.world import World

Observed = Mapping[str, str | SourceError]
GONE = "no file is there any more; what is published stays"


def source_judgement(asset: Resolved, data_version: str, world: World, *, forced: bool = False) -> Judgement:
    """Judge a source whose files have this data version now."""
    fingerprint = source_fingerprint(asset.key, data_version)
    return judge_identity(asset, fingerprint, {}, world, forced=forced)


class Planner:
    """Plans assets, one after the other, parents first. ``items``: what was planned so far, by key.

    Args:
        world: what is on record.
        observed: data versions of the sources, by name, as their files are now; or why they cannot be read.
        layout: the partitions of the project's assets.
        forced: keys that are built whatever is on record.
    """

    def __init__(
        self, world: World, observed: Observed, layout: Layout, forced: Collection[str] = ()
    ) -> None:
        self.items: dict[str, PlanItem] = {}
        self._world = world
        self._observed = observed
        self._layout = layout
        self._forced = forced
        self._partitions: dict[str, list[View]] = {}

    def add(self, asset: Resolved, chosen: Ranges | None = None) -> None:
        """Plan an asset; of its partitions, those that are ``chosen`` (None: all)."""
        if self._layout.is_partitioned(asset.key):
            self._set_tokens(asset)
            planner = PartitionPlanner(
                asset, self._layout, self._world, self._views, self.item_of, self._observed
            )
            plan = planner.plan(chosen, forced=asset.key in self._forced)
            self.items[asset.key] = PlanItem.of_partitions(asset.key, plan)
            self._partitions[asset.key] = self._views_of(asset.key)
            return
        self.items[asset.key] = self.item_of(self._layout.whole(asset), forced=asset.key in self._forced)

    def _set_tokens(self, asset: Resolved) -> None:
        if isinstance(asset.spec.refresh, Schedule):
            keys, standings = self._layout.keys(asset.key), self._world.standings(asset.key)
            self._layout.tokens[asset.key] = PartitionTokens(
                asset.spec.refresh, keys, standings, self._layout.moment.now
            )

    def plan(self, selection: str) -> Plan:
        """Return the plan of all that was added; ``selection``: the text that selected them."""
        return Plan(self._world.env, self._world.head, selection, tuple(self.items.values()))

    def view(self, name: str) -> View:
        """Return what those below see of an asset or partition, as far as the plan tells."""
        key, partition = split_name(name)
        if partition:
            return self._views(key)[self._layout.keys(key).index(partition)]
        item = self.items.get(key)
        return published_view(key, self._world) if item is None else _view_of(item, self._world)

    def item_of(self, asset: Resolved, *, forced: bool) -> PlanItem:
        """Plan one asset without partitions, or one partition."""
        world = self._world
        if asset.spec.is_observed:
            version = self._observed[asset.name]
            if isinstance(version, SourceError):
                if asset.partition and isinstance(version, NoFilesError):
                    return PlanItem(asset.key, PlanState.SKIPPED, (GONE,))
                return PlanItem(asset.key, PlanState.SKIPPED, (version.message,), fails=True)
            return _as_item(asset, source_judgement(asset, version, world, forced=forced))
        kept = held_at(asset, world)
        if kept is not None:
            return PlanItem(asset.key, PlanState.HELD, (kept,), recorded=world.published.get(asset.name))
        views = readable(asset, {name: self.view(name) for name in upstream_names(asset)}, world)
        missing = missing_input(asset, views)
        if missing is not None:
            return PlanItem(
                asset.key, PlanState.SKIPPED, (missing.reason,), fails=missing.fails, awaited=missing.awaited
            )
        unanswered = gave_no_answer(asset, world)
        if unanswered is not None:
            published = world.published.get(asset.name)
            return PlanItem(asset.key, PlanState.BUILD, (unanswered.message,), recorded=published)
        if any(isinstance(view, Pending) for view in views.values()):
            return self._waiting(asset, views, forced=forced)
        item = _as_item(asset, judge(asset, _known(views), world, forced=forced))
        return self._below_a_failed_check(asset, item)

    def _waiting(self, asset: Resolved, views: Mapping[str, View], *, forced: bool) -> PlanItem:
        pending = tuple(name for name, view in views.items() if isinstance(view, Pending))
        published = self._world.published.get(asset.name)
        kept = turned_away(asset, self._world)
        if kept is not None:
            return PlanItem(asset.key, PlanState.HELD, (kept,), recorded=published)
        certain = ["forced"] if forced else certain_reasons(asset, _known(views), pending, self._world)
        waits_for = tuple(dict.fromkeys(split_name(name)[0] for name in pending))
        item = PlanItem(
            asset.key,
            PlanState.BUILD if certain else PlanState.MAYBE,
            (*certain, f"waits for {', '.join(waits_for)}"),
            recorded=published,
            waits_for=waits_for,
        )
        return self._below_a_failed_check(asset, item) if certain else item

    def _below_a_failed_check(self, asset: Resolved, item: PlanItem) -> PlanItem:
        """Skip what is stale below a published version that a later check rejects.

        What only may be stale stays ``maybe``: the run finds it fresh, or skips it.
        """
        if item.state not in WORK:
            return item
        for name in asset.upstream:
            key, partition = split_name(name)
            above = self.items.get(key)
            if above is not None and above.state_of(partition) is PlanState.REJECTED:
                return PlanItem(asset.key, PlanState.SKIPPED, (f"{name} is rejected",), fails=True)
        return item

    def _views(self, key: str) -> Sequence[View]:
        """Return what is seen of each partition of an asset; of one without any, what is seen of it."""
        if not self._layout.is_partitioned(key):
            return (self.view(key),)
        if key not in self._partitions:
            self._partitions[key] = self._views_of(key)
        return self._partitions[key]

    def _views_of(self, key: str) -> list[View]:
        """Return what is seen of each partition: as it is published, but for what the plan knows better."""
        standings = self._world.standings(key)
        views: list[View] = [standings.get(partition) for partition in self._layout.packed(key)[0]]
        item = self.items.get(key)
        if item is None or item.partitions is None:
            return views
        for ordinal, recorded in item.partitions.others.items():
            views[ordinal] = seen_of(recorded)
        for group in item.partitions.groups:  # last: what is rejected is on record, and not to be read
            view = _not_there(key, group.state, fails=group.fails, awaited=group.awaited)
            for ordinal in group.ranges if view is not None else ():
                views[ordinal] = view
            if group.state is PlanState.HELD:
                for ordinal in group.ranges:
                    views[ordinal] = views[ordinal] or held_without_version(key)
        return views


def _as_item(asset: Resolved, judgement: Judgement) -> PlanItem:
    outcome = judgement.outcome
    return PlanItem(
        key=asset.key,
        state=outcome.state,
        reasons=outcome.reasons,
        fingerprint=judgement.fingerprint,
        recorded=outcome.recorded,
        fails=outcome.state is PlanState.REJECTED,
        partition=asset.partition,
    )


def _view_of(item: PlanItem, world: World) -> View:
    view = _not_there(item.key, item.state, fails=item.fails, awaited=item.awaited)
    if view is not None and not (item.state is PlanState.REJECTED and _is_published(item, world)):
        return view
    if item.recorded is None:  # held, and nothing is published
        return held_without_version(item.key)
    return seen_of(item.recorded)


def _not_there(key: str, state: PlanState, *, fails: bool, awaited: bool) -> Pending | Blocked | None:
    """Return what is seen of what is in this ``state``, where that is no version."""
    if state in (PlanState.BUILD, PlanState.MAYBE):
        return Pending()
    if state is PlanState.SKIPPED:
        return Blocked(f"{key} is skipped", fails=fails, awaited=awaited)
    return Blocked(f"{key} is rejected") if state is PlanState.REJECTED else None


def _known(views: Mapping[str, View]) -> dict[str, Seen | None]:
    return {key: view for key, view in views.items() if isinstance(view, Seen) or view is None}


def _is_published(item: PlanItem, world: World) -> bool:
    published = world.published.get(item.key)
    return published is not None and published.version == item.version
