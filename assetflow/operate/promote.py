"""Owns promoting: an environment's pointers go to versions that were built and tested in another; nothing is run.

What the target would not itself compute is refused, with the reason: it could not be kept up to date from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assetflow.errors import UsageError
from assetflow.execution.meanwhile import Pointers
from assetflow.keys import name_of, split_name, typed
from assetflow.ledger.records import Recorded
from assetflow.model.actions import Action
from assetflow.model.environments import Hold, Promoted
from assetflow.model.versions import Materialized, SourceObserved, Version
from assetflow.operate.environment_change import EnvironmentChange, Intent, Remark, carry_out
from assetflow.operate.exposures import exposures_of
from assetflow.operate.past import Past
from assetflow.operate.planning import selected
from assetflow.operate.standing import Standing
from assetflow.operate.transfer import copy_versions
from assetflow.operate.workspace import Workspace
from assetflow.planning.fingerprints import fingerprint_of, rebased, seen_of
from assetflow.planning.holding import hold_of
from assetflow.planning.reasons import differences
from assetflow.planning.resolve import Resolved
from assetflow.planning.staleness import CheckStatus, check_status
from assetflow.planning.views import upstream_names


@dataclass(frozen=True)
class _Sides:
    """Both environments as they were read: what each publishes, and what else there is to know of it."""

    source: Workspace
    target: Workspace
    there: Past
    here: Standing

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
    seen: EnvironmentChange | None = None,
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
        seen: what somebody was shown; anything else is not done.

    Raises:
        UsageError: the selection or the declarations are wrong.
        StoreError: a store cannot be read or written; nothing was moved.
    """
    if source.env == target.env:
        raise UsageError(f"{source.env} cannot be promoted to itself")
    keys = selected(source, selection, exclude)
    order = [key for key in source.order if key in keys]

    def intend() -> Intent:
        sides = _Sides(source, target, Past(source, keys), Standing(target, keys))
        return _intent(sides, order, strict=strict, dry_run=dry_run)

    return carry_out(target, intend, seen)


def _intent(sides: _Sides, order: Sequence[str], *, strict: bool, dry_run: bool) -> Intent:
    here = sides.here
    names = _names(sides, order)
    left_out = tuple(_left_out(sides, names))
    stays = {remark.key for remark in left_out}
    moved = [sides.there.published[name] for name in names if name not in stays]
    judged = _Judged(sides, moved)
    newer = tuple(_newer_sources(sides, moved))
    refused = (*here.pinned([one.name for one in moved]), *_lost(sides, moved), *judged.refused())
    moves = tuple(map(here.move_to, moved))
    holds = _holds(sides, moved)
    change = EnvironmentChange(
        env=sides.target.env,
        how="promoted",
        moves=moves,
        holds=holds,
        lifts=here.lifts(moved, holds),
        refused=(*refused, *newer) if strict else refused,
        left_out=left_out,
        warnings=(*judged.warnings(), *(f"{one.key} {one.reason}: {one.hint}" for one in newer)),
        users=exposures_of(sides.target, {recorded.asset for recorded in moved}),
        dry_run=dry_run,
    )
    if change.refused or dry_run or not moves:
        return Intent(change, here.head, ())
    copied: tuple[Action, ...] = ()
    if not sides.shares_store:
        copied = copy_versions(sides.source, sides.target, moved, here.past.damaged)
    action = Promoted(
        env=sides.target.env,
        source=sides.source.env,
        source_store=None if sides.shares_store else sides.source.store.store_id,
        source_commit=sides.there.head,
        moves=moves,
        holds=holds,
        lifts=change.lifts,
    )
    return Intent(change, here.head, (*copied, action))


def _names(sides: _Sides, order: Sequence[str]) -> list[str]:
    """Return the names of all that may be promoted: of an asset with partitions, of those that are published."""
    names: list[str] = []
    for key in order:
        if sides.source.specs[key].partitions is None:
            names.append(key)
            continue
        of_asset = [name_of(key, partition) for partition in sorted(sides.there.standings(key))]
        sides.there.read_partitions(of_asset)
        names += of_asset
    return names


def _left_out(sides: _Sides, names: Sequence[str]) -> Iterator[Remark]:
    """Yield what stays as it is, and why."""
    for name in names:
        seen = sides.there.seen(name)
        if sides.source.specs[split_name(name)[0]].kind == "effect":
            yield Remark(name, "it is an effect: what it did is not in the store")
        elif seen is None:
            yield Remark(name, f"it has no version in {sides.source.env}")
        elif sides.here.version(name) == seen.version:
            yield Remark(name, f"{sides.target.env} publishes this version already")


class _Judged:
    """What speaks against publishing versions in the target: its checks, and what it would itself compute."""

    def __init__(self, sides: _Sides, moved: Sequence[Recorded]) -> None:
        self._sides = sides
        self._moved = moved
        made = dict.fromkeys(one.asset for one in moved)
        self._here = sides.target.resolver({}).resolve_all([sides.target.specs[key] for key in made])
        self._layout = sides.target.layout()
        self._after = Pointers(sides.here.past.seen).after({one.name: seen_of(one) for one in moved})
        self._checks = {one.version: self._check_status(one) for one in moved}

    def refused(self) -> Iterator[Remark]:
        """Yield why versions must not be published there."""
        source, target = self._sides.source.env, self._sides.target.env
        for recorded in self._moved:
            key = recorded.name
            failing = ", ".join(dict.fromkeys(self._checks[recorded.version].failing))
            if failing:
                accept = f"`assetflow accept {typed(key)} --env {target}`"
                yield Remark(
                    key,
                    f"it failed {failing}",
                    f"mend the data, the code or the check in {source}; {accept} is for what {target} itself made",
                )
            for words in self._differences(recorded):
                yield Remark(
                    key,
                    words,
                    f"make them alike for both environments, and build it again in {source}",
                )
            absent = [name for name in _reads(recorded.action) if self._after.get(name) is None]
            yield from (
                Remark(key, f"{target} has no {name}", f"promote it too: -s +{recorded.asset}")
                for name in absent
            )

    def warnings(self) -> Iterator[str]:
        """Yield what was not judged yet."""
        for recorded in self._moved:
            due = ", ".join(check.spec.name for check in self._checks[recorded.version].due)
            if due:
                yield f"{recorded.asset} is not yet judged by {due}; the next run in {self._sides.target.env} does that"

    def _check_status(self, recorded: Recorded) -> CheckStatus:
        accepted = self._sides.here.past.accepted
        asset = self._placed(recorded)
        seen = {name: self._sides.there.seen(name) for name in upstream_names(asset)}
        return check_status(asset, recorded.data_version, seen, self._sides.there, accepted)

    def _placed(self, recorded: Recorded) -> Resolved:
        asset = self._here[recorded.asset]
        return self._layout.placed_at(asset, recorded.partition) if recorded.partition else asset

    def _differences(self, recorded: Recorded) -> list[str]:
        """Say in what the target would compute something else with the recorded code; nothing where it would not."""
        asset, action = self._here[recorded.asset], recorded.action
        if not isinstance(action, Materialized) or any(
            self._after.get(name) is None for name in _reads(action)
        ):
            return []
        new = rebased(action.recipe, self._after).model_copy(
            update={
                "config_hash": asset.config_hash,
                "config": asset.config_record,
                "resources": asset.resources,
            }
        )
        if fingerprint_of(recorded.asset, new, recorded.partition) == recorded.fingerprint:
            return []
        seen = {name: self._after.get(name) for name in _reads(action)}
        words = "; ".join(differences(action.recipe, new, seen, self._sides.there))
        return [
            f"{self._sides.target.env} would compute something else: {words or 'something else decides it there'}"
        ]


def _lost(sides: _Sides, moved: Sequence[Recorded]) -> Iterator[Remark]:
    lost = sides.there.unsound(moved)
    for recorded in moved:
        if recorded.version in lost:
            yield Remark(
                recorded.name,
                f"the data of version {recorded.version[:12]} are gone or damaged",
                f"`assetflow materialize --env {sides.source.env}` makes them again",
            )


def _reads(action: Version) -> list[str]:
    if not isinstance(action, Materialized):
        return []
    read = [item.name for item in action.recipe.inputs if item.data_version is not None]
    return list(dict.fromkeys([*read, *(key for key, version in action.recipe.deps if version is not None)]))


def _newer_sources(sides: _Sides, moved: Sequence[Recorded]) -> Iterator[Remark]:
    """Yield the sources that the target has read later, and otherwise, than the source environment."""
    for recorded in moved:
        theirs = sides.here.past.published.get(recorded.name)
        if isinstance(recorded.action, SourceObserved) and theirs and theirs.time > recorded.time:
            yield Remark(
                recorded.name,
                f"was read later by {sides.target.env} ({theirs.time})",
                "its next run reads it again",
            )


def _holds(sides: _Sides, moved: Sequence[Recorded]) -> tuple[Hold, ...]:
    """Return the code and config that are replaced: a machine that still runs them must not undo the promotion."""
    holds = []
    for recorded in moved:
        before = sides.here.past.published.get(recorded.name)
        if before is None or not isinstance(before.action, Materialized):
            continue
        replaced = hold_of(before.action, "promoted")
        if replaced != hold_of(recorded.action, "promoted"):
            holds.append(replaced)
    return tuple(holds)
