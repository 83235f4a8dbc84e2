"""Owns the planning of all partitions of one asset at once: 100,000 of which none changed are told so in a second.

Most are fresh, or were never built; that can be told from their fingerprints alone. The others are planned one by one,
as an asset without partitions is: a law holds that all of them come to the same either way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from assetflow.errors import NoFilesError, SourceError
from assetflow.hashing.fingerprint import source_fingerprint
from assetflow.hashing.partition_fingerprints import PartitionFingerprints
from assetflow.keys import name_of
from assetflow.ledger.records import Recorded
from assetflow.model.states import PlanState
from assetflow.partitions.ranges import Ranges
from assetflow.planning.fingerprints import Seen, check_fingerprint_of, entering
from assetflow.planning.layout import Layout
from assetflow.planning.plan import PartitionGroup, PartitionPlan, PlanItem
from assetflow.planning.resolve import Resolved, ResolvedInput
from assetflow.planning.views import Pending, View, published_view
from assetflow.planning.world import Standing, World


class PlanOne(Protocol):
    """Plans one partition by itself."""

    def __call__(self, asset: Resolved, *, forced: bool) -> PlanItem:
        """Plan it."""


class _Group(NamedTuple):
    """What is told of all partitions that stand alike."""

    state: PlanState
    reasons: tuple[str, ...] = ()
    fails: bool = False
    waits_for: tuple[str, ...] = ()
    awaited: bool = False


_FRESH = _Group(PlanState.FRESH)
_NEVER_BUILT = _Group(PlanState.BUILD, ("never built",))


@dataclass(frozen=True)
class _Upstream:
    """What each partition reads of one upstream: ``read(ordinal)`` gives the ordinals of its partitions.

    ``names``, ``keys`` and ``views``: of its partitions, by ordinal. ``there``: the names of those that are published.
    ``is_whole``: whether all columns are read.
    """

    item: ResolvedInput
    names: Sequence[str]
    keys: Sequence[bytes]
    views: Sequence[View]
    there: Collection[str]
    is_whole: bool
    read: Callable[[int], Sequence[int]]


class PartitionPlanner:
    """Plans the partitions of one asset.

    Args:
        asset: the asset, of no partition in particular.
        layout: the partitions of all assets.
        world: what is on record.
        views_of: what is seen of each partition of an upstream (of an upstream without any, of it).
        plan_one: plans one partition by itself.
        observed: data versions of sources by name, or why they cannot be read.
    """

    def __init__(
        self,
        asset: Resolved,
        layout: Layout,
        world: World,
        views_of: Callable[[str], Sequence[View]],
        plan_one: PlanOne,
        observed: Mapping[str, str | SourceError],
    ) -> None:
        self._asset = asset
        self._layout = layout
        self._world = world
        self._views_of = views_of
        self._plan_one = plan_one
        self._observed = observed
        self._keys = layout.keys(asset.key)
        self._names, self._packed = layout.packed(asset.key)
        self._standings = world.standings(asset.key)
        self._unsound = world.unsound_partitions(asset.key)
        self._passed = world.passed(asset.key) if asset.checks else frozenset()
        self._is_held = bool(world.holds_of(asset.key))
        self._tokens = layout.tokens.get(asset.key)
        self._upstreams = [self._upstream(item) for item in asset.inputs]
        self._prints = self._fingerprints()

    def plan(self, chosen: Ranges | None, *, forced: bool) -> PartitionPlan:
        """Plan the ``chosen`` partitions (None: all)."""
        wanted = self._keys.all if chosen is None else chosen
        found: dict[_Group, list[int]] = {}
        one_by_one: list[int] = []
        for ordinal in wanted:
            group = None if forced else self._not_due(ordinal) or self._at_once(ordinal)
            if group is None:
                one_by_one.append(ordinal)
            else:
                found.setdefault(group, []).append(ordinal)
        others = self._plan_each(one_by_one, found, forced=forced)
        groups = (
            PartitionGroup(
                one.state, one.reasons, Ranges.of_ordinals(ordinals), one.fails, one.waits_for, one.awaited
            )
            for one, ordinals in found.items()
        )
        return PartitionPlan(self._keys, tuple(sorted(groups, key=lambda group: -len(group.ranges))), others)

    def _plan_each(
        self, ordinals: Sequence[int], found: dict[_Group, list[int]], *, forced: bool
    ) -> dict[int, Recorded]:
        placed = [self._layout.placed(self._asset, ordinal) for ordinal in ordinals]
        self._world.expect(placed)
        others = {}
        for ordinal, asset in zip(ordinals, placed, strict=True):
            item = self._plan_one(asset, forced=forced)
            group = _Group(item.state, item.reasons, item.fails, item.waits_for, item.awaited)
            found.setdefault(group, []).append(ordinal)
            standing = self._standings.get(asset.partition)
            if item.recorded is not None and (standing is None or standing.version != item.recorded.version):
                others[ordinal] = item.recorded
        return others

    def _token(self, ordinal: int) -> str | None:
        return self._tokens.of(ordinal) if self._tokens is not None else None

    def _not_due(self, ordinal: int) -> _Group | None:
        """Return how a partition stands that is to be made by a tick that is still to come; else None."""
        until = self._tokens.waits_until(ordinal) if self._tokens is not None else None
        if until is None:
            return None
        return _Group(PlanState.SKIPPED, (f"due at {until:%Y-%m-%d %H:%M} UTC",), awaited=True)

    def _at_once(self, ordinal: int) -> _Group | None:
        """Return how a partition stands where its fingerprint tells; else None."""
        if self._is_held or self._asset.spec.kind == "effect" or self._asset.spec.deps:
            return None
        partition = self._names[ordinal]
        standing = self._standings.get(partition)
        if self._asset.spec.source is not None:
            return self._source_at_once(partition, standing)
        entered = []
        pending: list[str] = []
        is_new = False  # something that is waited for was not there before
        for upstream in self._upstreams:
            read = []
            for one in upstream.read(ordinal):
                view = upstream.views[one]
                if isinstance(view, Seen):
                    entered_as = view.data_version if upstream.is_whole else entering(upstream.item, view)
                    read.append((upstream.keys[one], entered_as))
                elif isinstance(view, Pending):
                    pending.append(upstream.item.spec.key)
                    is_new = is_new or upstream.names[one] not in upstream.there
                else:
                    return None
            if not read and not pending:
                return None
            entered.append(read)
        if pending:
            return self._waiting(standing, tuple(dict.fromkeys(pending)), is_new=is_new)
        return self._judged(
            partition, standing, self._prints.of(self._packed[ordinal], entered, self._token(ordinal))
        )

    def _source_at_once(self, partition: str, standing: Standing | None) -> _Group | None:
        version = self._observed[name_of(self._asset.key, partition)]
        if isinstance(version, NoFilesError):
            return _Group(PlanState.SKIPPED, ("no file is there",)) if standing is None else None
        if isinstance(version, SourceError):
            return None
        return self._judged(partition, standing, source_fingerprint(self._asset.key, version))

    def _judged(self, partition: str, standing: Standing | None, fingerprint: str) -> _Group | None:
        if standing is None:
            is_new = fingerprint not in self._world.on_record() and self._asset.spec.renamed_from is None
            return _NEVER_BUILT if is_new else None
        if standing.fingerprint != fingerprint or partition in self._unsound:
            return None
        return _FRESH if self._has_passed(standing) else None

    def _has_passed(self, standing: Standing) -> bool:
        for check in self._asset.checks:
            if check.inputs:
                return False  # what they read is looked up one by one
            wanted = check_fingerprint_of(check, standing.data_version, {})
            if (standing.data_version, wanted) not in self._passed:
                return False
        return True

    def _waiting(self, standing: Standing | None, pending: tuple[str, ...], *, is_new: bool) -> _Group | None:
        waits = f"waits for {', '.join(pending)}"
        if standing is None:
            if self._asset.spec.renamed_from is not None:
                return None
            return _Group(PlanState.BUILD, ("never built", waits), waits_for=pending)
        if is_new or standing.code_version != self._asset.code.digest or standing.partition in self._unsound:
            return None
        return _Group(PlanState.MAYBE, (waits,), waits_for=pending)

    def _upstream(self, item: ResolvedInput) -> _Upstream:
        names, keys = self._layout.packed(item.spec.key)
        return _Upstream(
            item,
            names,
            keys,
            self._views_of(item.spec.key),
            self._there(item.spec.key),
            item.columns is None and item.spec.named is None,
            self._read(item),
        )

    def _there(self, key: str) -> Collection[str]:
        """Return the partitions of an upstream that are published; of one without any, the empty key if it is."""
        if self._layout.is_partitioned(key):
            return self._world.standings(key)
        return () if published_view(key, self._world) is None else ("",)

    def _read(self, item: ResolvedInput) -> Callable[[int], Sequence[int]]:
        if not self._layout.is_partitioned(item.spec.key):
            return lambda _ordinal: (0,)
        if item.spec.partitions is not None and item.spec.partitions.text == "same":
            return lambda ordinal: (ordinal,)
        reads = self._layout.reads(self._asset.key, item.spec)
        return lambda ordinal: list(reads.of(ordinal))

    def _fingerprints(self) -> PartitionFingerprints:
        asset, spec = self._asset, self._asset.spec
        return PartitionFingerprints(
            asset=spec.key,
            output=spec.output,
            code_version=asset.code.digest,
            config_hash=asset.config_hash,
            sort_by=spec.sort_by,
            round=spec.round,
            form=asset.returns_text,
            resources=asset.resources,
            inputs=[
                (item.spec.parameter, item.form_text, item.spec.missing, self._layout.mapping_text(item.spec))
                for item in asset.inputs
            ],
        )
