"""Owns the plan: what would run, be judged or be published, and why; and how it is made, parents first.

Planning runs no user function, commits nothing, and gives the same plan for the same values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assetflow.errors import ProbeError, SourceError
from assetflow.hashing.fingerprint import source_fingerprint
from assetflow.keys import did_you_mean
from assetflow.ledger.records import Recorded
from assetflow.model.states import PlanState
from assetflow.planning.fingerprints import Seen, seen_of
from assetflow.planning.holding import pinned, turned_away
from assetflow.planning.resolve import Resolved
from assetflow.planning.staleness import Judgement, judge, judge_identity
from assetflow.planning.waiting import certain_reasons
from assetflow.planning.world import World

WORK = frozenset({PlanState.BUILD, PlanState.MAYBE, PlanState.CHECK, PlanState.REUSE})


@dataclass(frozen=True)
class PlanItem:
    """What is planned for one asset.

    ``reasons``: why, in words; none where it is fresh. ``fingerprint``: None where it is not known, because an input
    is to be built or the asset is skipped. ``recorded``: of what is fresh, reused, to be judged or rejected, that
    version; of what waits, the one published now; else None. ``waits_for``: upstream assets that are to be built
    first. ``fails``: whether it makes the run exit with 1.
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
        """Id of the version that ``recorded`` holds."""
        return self.recorded.version if self.recorded else None

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
    """Frozen answer to "what would happen?". True when anything would, or may, run, be judged or be published.

    ``head``: the commit it was planned on. ``selection``: the text that selected; "" for all. ``items``: parents first,
    with the sources that a selected asset reads. ``plan[key]`` is the item of that asset.
    """

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
        for item in self.items:
            if item.key == key:
                return item
        near = did_you_mean(key, [item.key for item in self.items])
        raise KeyError(f"no asset {key!r} in this plan" + (f": {near}" if near else ""))

    @property
    def counts(self) -> dict[str, int]:
        """Number of items by state, those that occur, in the order of the states."""
        counted = Counter(item.state for item in self.items)
        return {state.value: counted[state] for state in PlanState if counted[state]}

    @property
    def fails(self) -> bool:
        """Whether an item is rejected, or cannot be tried; what is skipped in silence does not count."""
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
    """An upstream that cannot be used now, and the words for it.

    ``fails``: whether something failed; not where it is skipped in silence (``missing="skip"``).
    """

    reason: str
    fails: bool = True


class Pending:
    """An upstream that is to be built first."""


View = Seen | Blocked | Pending | None


def make_plan(
    order: Sequence[Resolved],
    world: World,
    observed: Mapping[str, str | SourceError],
    *,
    selection: str,
    forced: Collection[str] = (),
) -> Plan:
    """Plan the assets of ``order`` (parents first).

    Args:
        order: the selected assets and the sources that they read directly.
        world: what is on record.
        observed: data versions of the sources among them, as their files are now; or why they cannot be read.
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
    return judge_identity(asset, fingerprint, {}, world, forced=forced)


def held_at(asset: Resolved, world: World) -> str | None:
    """Say why ``asset`` stays as it is published, whatever becomes of its inputs; None where it does not.

    A pinned version whose bytes were lost is made again where that is still possible.
    """
    published = world.published.get(asset.key)
    if published is None or world.unsound([published]):
        return None
    return pinned(asset, world)


def gave_no_answer(asset: Resolved, world: World) -> ProbeError | None:
    """Return why the probe of ``asset`` gave no answer; None where it did, or where what it says is turned away."""
    return None if turned_away(asset, world) is not None else asset.unanswered


def missing_input(asset: Resolved, views: Mapping[str, View]) -> PlanItem | None:
    """Return the item of an asset that cannot be tried because an upstream is blocked or has no version.

    ``views``: of its inputs and deps, as ``readable`` gives them. A reason that makes the run fail comes first.
    """
    skips = list(_skips(asset, views))
    if not skips:
        return None
    reason, fails = min(skips, key=lambda skip: not skip[1])
    return PlanItem(asset.key, PlanState.SKIPPED, (reason,), fails=fails)


def held_without_version(key: str) -> Blocked:
    """Return what is seen of an asset that is held although nothing of it is published."""
    return Blocked(f"{key} is held and has no version", fails=False)


def _skips(asset: Resolved, views: Mapping[str, View]) -> Iterator[tuple[str, bool]]:
    """Yield each reason to skip ``asset``, and whether it makes the run fail."""
    for view in views.values():
        if isinstance(view, Blocked):
            yield view.reason, view.fails
    for item in asset.inputs:
        if views.get(item.spec.key) is None and item.spec.missing == "skip":
            yield f"{item.spec.key} has no version", False
    required = [item.spec.key for item in asset.inputs if item.spec.missing == "fail"]
    for key in (*required, *asset.spec.deps):
        if views.get(key) is None:
            yield f"{key} has no version; select +{asset.key}", True


def upstream_keys(asset: Resolved) -> tuple[str, ...]:
    """Return all that must be known before ``asset`` is judged: its inputs, deps, and what its checks read."""
    read_by_checks = (item.spec.key for check in asset.checks for item in check.inputs)
    return tuple(dict.fromkeys([*asset.spec.upstream, *read_by_checks]))


def readable(asset: Resolved, key: str, view: View, world: World) -> View:
    """Return what ``asset`` reads of its upstream ``key``, of which the plan or the run has ``view``.

    Only an upstream that cannot be used now is read otherwise:

    - One that failed, is rejected, or skipped because of such, blocks those that it feeds. A check alone reads the
      version that stays published: that is what it is published beside.
    - One skipped in silence (``missing="skip"``) counts as if it were not selected, since nothing failed: as it is
      published. Where it has no version, a check, and a reader with ``missing="none"`` everywhere, sees None; all
      other readers are skipped in silence as well.
    """
    if not isinstance(view, Blocked):
        return view
    by_checks_alone = key not in asset.spec.upstream
    if view.fails and not by_checks_alone:
        return view
    published = _published(key, world)
    return published if published is not None or by_checks_alone or _can_do_without(asset, key) else view


def _plan_item(
    asset: Resolved,
    items: Mapping[str, PlanItem],
    world: World,
    observed: Mapping[str, str | SourceError],
    forced: bool,
) -> PlanItem:
    if asset.spec.is_observed:
        version = observed[asset.key]
        if isinstance(version, SourceError):
            return PlanItem(asset.key, PlanState.SKIPPED, (version.message,), fails=True)
        return _as_item(asset, source_judgement(asset, version, world, forced=forced))
    kept = held_at(asset, world)
    if kept is not None:
        return PlanItem(asset.key, PlanState.HELD, (kept,), recorded=world.published.get(asset.key))
    views = {
        key: readable(asset, key, _view(items.get(key), key, world), world) for key in upstream_keys(asset)
    }
    missing = missing_input(asset, {key: views[key] for key in asset.spec.upstream})
    if missing is not None:
        return missing
    unanswered = gave_no_answer(asset, world)
    if unanswered is not None:
        return PlanItem(
            asset.key, PlanState.BUILD, (unanswered.message,), recorded=world.published.get(asset.key)
        )
    if any(isinstance(view, Pending) for view in views.values()):
        return _waiting(asset, views, items, world, forced)
    item = _as_item(asset, judge(asset, _known(views), world, forced=forced))
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
        return _published(key, world)
    if item.state in (PlanState.BUILD, PlanState.MAYBE):
        return Pending()
    if item.state is PlanState.SKIPPED:
        return Blocked(f"{key} is skipped", fails=item.fails)
    if item.state is PlanState.REJECTED and not _is_published(item, world):
        return Blocked(f"{key} is rejected")
    if item.recorded is None:  # held, and nothing is published
        return held_without_version(key)
    return seen_of(item.recorded)


def _published(key: str, world: World) -> Seen | None:
    published = world.published.get(key)
    return seen_of(published) if published else None


def _can_do_without(asset: Resolved, key: str) -> bool:
    asked = [item.spec.missing for item in asset.inputs if item.spec.key == key]
    return key not in asset.spec.deps and all(missing == "none" for missing in asked)


def _known(views: Mapping[str, View]) -> dict[str, Seen | None]:
    return {key: view for key, view in views.items() if isinstance(view, Seen) or view is None}


def _is_published(item: PlanItem, world: World) -> bool:
    published = world.published.get(item.key)
    return published is not None and published.version == item.version


def _below_a_failed_check(asset: Resolved, item: PlanItem, items: Mapping[str, PlanItem]) -> PlanItem:
    """Skip what is stale below a published version that a later check rejects.

    What only may be stale stays ``maybe``: the run finds it fresh, or skips it.
    """
    if item.state not in WORK:
        return item
    for key in asset.spec.upstream:
        if key in items and items[key].state is PlanState.REJECTED:
            return PlanItem(asset.key, PlanState.SKIPPED, (f"{key} is rejected",), fails=True)
    return item


def _waiting(
    asset: Resolved, views: Mapping[str, View], items: Mapping[str, PlanItem], world: World, forced: bool
) -> PlanItem:
    pending = tuple(key for key, view in views.items() if isinstance(view, Pending))
    kept = turned_away(asset, world)
    if kept is not None:
        return PlanItem(asset.key, PlanState.HELD, (kept,), recorded=world.published.get(asset.key))
    certain = ["forced"] if forced else certain_reasons(asset, _known(views), pending, world)
    item = PlanItem(
        asset.key,
        PlanState.BUILD if certain else PlanState.MAYBE,
        (*certain, f"waits for {', '.join(pending)}"),
        recorded=world.published.get(asset.key),
        waits_for=pending,
    )
    return _below_a_failed_check(asset, item, items) if certain else item
