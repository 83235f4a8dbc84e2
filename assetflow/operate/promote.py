"""Owns promoting: an environment's pointers go to versions that were built and tested in another; nothing is run.

What the target would not itself compute is refused, with the reason: it could not be kept up to date from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from assetflow.ledger.records import Recorded
from assetflow.model.actions import Action, Hold, Materialized, Move, Promoted, SourceObserved
from assetflow.operate.environment_change import EnvironmentChange, Intent, Remark, carry_out
from assetflow.operate.exposures import exposures_of
from assetflow.operate.past import Past
from assetflow.operate.planning import selected
from assetflow.operate.transfer import copy_versions
from assetflow.operate.workspace import Workspace
from assetflow.planning.fingerprints import Seen, fingerprint_of, rebased, seen_of
from assetflow.planning.holding import hold_of, lifted
from assetflow.planning.reasons import differences
from assetflow.planning.resolve import Resolved


@dataclass(frozen=True)
class _Sides:
    """Both environments as they were read: what each publishes, and what else there is to know of it."""

    source: Workspace
    target: Workspace
    there: Past
    here: Past

    @property
    def shares_store(self) -> bool:
        """Whether nothing has to be copied."""
        return self.source.store.store_id == self.target.store.store_id


def promote(
    source: Workspace,
    target: Workspace,
    selection: str | None = None,
    *,
    exclude: str | None = None,
    strict: bool = False,
    dry_run: bool = False,
) -> EnvironmentChange:
    """Move the target's pointers to the versions that the source publishes, in one commit; run nothing.

    Where the stores differ, the parts are copied first, verified, and only those that are not there yet.

    Args:
        source: the project, opened in the environment that the versions come from.
        target: the same, opened in the environment that is moved.
        selection: which assets; None for all.
        exclude: which not.
        strict: refuse also where the target has read a source later than the source environment.
        dry_run: only say what would be done.

    Raises:
        UsageError: the selection or the declarations are wrong.
        StoreError: a store cannot be read or written; nothing was moved.
    """
    keys = selected(source, selection, exclude)
    order = [key for key in source.order if key in keys]

    def intend() -> Intent:
        sides = _Sides(source, target, Past(source, keys), Past(target, keys))
        return _intent(sides, order, strict=strict, dry_run=dry_run)

    return carry_out(target, intend)


def _intent(sides: _Sides, order: Sequence[str], *, strict: bool, dry_run: bool) -> Intent:
    left_out = tuple(_left_out(sides, order))
    stays = {remark.key for remark in left_out}
    moved = [sides.there.published[key] for key in order if key not in stays]
    warnings = tuple(_newer_sources(sides, moved))
    refused = tuple(_refused(sides, moved))
    if strict:
        refused += tuple(Remark(key, words) for key, words in warnings)
    moves = tuple(_move(sides, recorded) for recorded in moved)
    holds, lifts = _holds(sides, moved), _lifts(sides, moved)
    change = EnvironmentChange(
        env=sides.target.env,
        how="promoted",
        moves=moves,
        holds=holds,
        lifts=lifts,
        refused=refused,
        left_out=left_out,
        warnings=tuple(f"{key} {words}" for key, words in warnings),
        users=exposures_of(sides.target, {recorded.asset for recorded in moved}),
        dry_run=dry_run,
    )
    if refused or dry_run or not moves:
        return Intent(change, sides.here.commit, ())
    copied: tuple[Action, ...] = ()
    if not sides.shares_store:
        copied = copy_versions(sides.source, sides.target, moved)
    action = Promoted(
        env=sides.target.env,
        source=sides.source.env,
        source_store=None if sides.shares_store else sides.source.store.store_id,
        source_commit=sides.there.head,
        moves=moves,
        holds=holds,
        lifts=lifts,
    )
    return Intent(change, sides.here.commit, (*copied, action))


def _left_out(sides: _Sides, order: Sequence[str]) -> Iterator[Remark]:
    """Yield what stays as it is, and why."""
    for key in order:
        recorded = sides.there.published.get(key)
        if sides.source.specs[key].kind == "effect":
            yield Remark(key, "it is an effect: what it did is not in the store")
        elif recorded is None:
            yield Remark(key, f"it has no version in {sides.source.env}")
        elif _version_here(sides, key) == recorded.version:
            yield Remark(key, f"{sides.target.env} publishes this version already")


def _refused(sides: _Sides, moved: Sequence[Recorded]) -> Iterator[Remark]:
    """Yield why versions must not be published there."""
    after: dict[str, Seen | None] = {key: seen_of(one) for key, one in sides.here.published.items()}
    after |= {recorded.asset: seen_of(recorded) for recorded in moved}
    made = [recorded for recorded in moved if isinstance(recorded.action, Materialized)]
    resolved = sides.target.resolver({}).resolve_all([sides.target.specs[one.asset] for one in made])
    failing = _failing(sides, moved)
    lost = sides.there.unsound(moved)
    for recorded in moved:
        key = recorded.asset
        if key in sides.here.pins:
            pinned = sides.here.pins[key][:12]
            yield Remark(
                key, f"{sides.target.env} has it pinned at {pinned}; `assetflow unpin {key}` lets it go"
            )
        if recorded.version in lost:
            yield Remark(
                key, f"the data of version {recorded.version[:12]} are gone or damaged; build it again"
            )
        if recorded.version in failing:
            yield Remark(key, f"it failed {failing[recorded.version]}")
        for words in _would_differ(sides, recorded, resolved.get(key), after):
            yield Remark(key, words)


def _failing(sides: _Sides, moved: Sequence[Recorded]) -> dict[str, str]:
    """Return the names of the blocking checks that a version failed when it was judged last, by version."""
    by_data = {(recorded.asset, recorded.data_version): recorded.version for recorded in moved}
    with sides.source.ledger.session() as session:
        evaluations = session.verdicts(list(by_data))
    latest = {(one.asset, one.data_version, one.check): one for one in evaluations}
    found: dict[str, list[str]] = {}
    for one in latest.values():
        if not one.passed and one.fingerprint not in sides.here.accepted:
            found.setdefault(by_data[one.asset, one.data_version], []).append(one.check)
    return {version: ", ".join(names) for version, names in found.items()}


def _would_differ(
    sides: _Sides, recorded: Recorded, asset: Resolved | None, after: Mapping[str, Seen | None]
) -> list[str]:
    """Say in what the target would compute something else with the recorded code; nothing where it would not."""
    if asset is None or not isinstance(recorded.action, Materialized):
        return []
    old = recorded.action.recipe
    absent = [key for key in _reads(recorded.action) if key not in after]
    if absent:
        return [f"{sides.target.env} has no {key}; select +{recorded.asset}" for key in absent]
    new = rebased(old, after).model_copy(
        update={
            "config_hash": asset.config_hash,
            "config": asset.config_record,
            "resources": asset.resources,
        }
    )
    if fingerprint_of(recorded.asset, new) == recorded.fingerprint:
        return []
    seen = {key: after.get(key) for key in _reads(recorded.action)}
    words = "; ".join(differences(old, new, seen, sides.there)) or "something else decides it there"
    return [f"{sides.target.env} would compute something else: {words}"]


def _reads(action: Materialized) -> list[str]:
    read = [item.asset for item in action.recipe.inputs if item.data_version is not None]
    return list(dict.fromkeys([*read, *(key for key, version in action.recipe.deps if version is not None)]))


def _newer_sources(sides: _Sides, moved: Sequence[Recorded]) -> Iterator[tuple[str, str]]:
    """Yield the sources that the target has read later, and otherwise, than the source environment."""
    for recorded in moved:
        theirs = sides.here.published.get(recorded.asset)
        if isinstance(recorded.action, SourceObserved) and theirs and theirs.time > recorded.time:
            yield (
                recorded.asset,
                f"was read later by {sides.target.env} ({theirs.time}): its next run reads it again",
            )


def _move(sides: _Sides, recorded: Recorded) -> Move:
    return Move(
        asset=recorded.asset,
        partition=recorded.partition,
        version=recorded.version,
        previous=_version_here(sides, recorded.asset),
    )


def _holds(sides: _Sides, moved: Sequence[Recorded]) -> tuple[Hold, ...]:
    """Return the code and config that are replaced: a machine that still runs them must not undo the promotion."""
    holds = []
    for recorded in moved:
        before = sides.here.published.get(recorded.asset)
        if before is None or not isinstance(before.action, Materialized):
            continue
        replaced = hold_of(before.action, "promoted")
        if replaced != hold_of(recorded.action, "promoted"):
            holds.append(replaced)
    return tuple(holds)


def _lifts(sides: _Sides, moved: Sequence[Recorded]) -> tuple[Hold, ...]:
    return tuple(
        end
        for recorded in moved
        for end in lifted(sides.here.turned_away.get(recorded.asset, ()), recorded.action)
    )


def _version_here(sides: _Sides, key: str) -> str | None:
    published = sides.here.published.get(key)
    return published.version if published else None
