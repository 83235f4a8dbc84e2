"""Owns the explanation of an asset's state, and of a version: what decided it against what decided another.

The state now is planned, and needs the user's modules; two versions on record need the ledger and the store alone.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from assetflow.errors import SourceError, UnknownNameError
from assetflow.keys import split_name, typed
from assetflow.ledger.records import Recorded
from assetflow.ledger.session import Session
from assetflow.model.recipe import Recipe
from assetflow.model.versions import Materialized, SourceObserved
from assetflow.operate.comparison import (
    CodeChange,
    Ingredient,
    code_changes,
    ingredients,
    inputs_of,
    observed_ingredients,
    recorded_words,
)
from assetflow.operate.kept_code import KeptCode, Texts
from assetflow.operate.planning import Config, Planned, plan
from assetflow.operate.references import Opened, find_version, of_key, opened_for
from assetflow.operate.workspace import Workspace
from assetflow.planning.fingerprints import Seen, recipe_of, seen_of
from assetflow.planning.plan import PartitionPlan, PlanItem
from assetflow.planning.reasons import recorded_source_differences
from assetflow.planning.resolve import Resolved
from assetflow.planning.views import Pending


@dataclass(frozen=True)
class Explanation:
    """Why an asset, or one ``partition`` of it, is in the state that it is in.

    ``partitions``: how they stand, where it has some and none was named; nothing is told then of what decides each.
    """

    key: str
    state: str
    reasons: tuple[str, ...]
    version: str | None
    fingerprint: str | None
    published_fingerprint: str | None
    ingredients: tuple[Ingredient, ...] = ()
    code_changes: tuple[CodeChange, ...] = ()
    partition: str = ""
    partitions: PartitionPlan | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        told = {**vars(self), "partitions": None}
        told["ingredients"] = [asdict(item) for item in self.ingredients]
        told["code_changes"] = [asdict(change) for change in self.code_changes]
        if self.partitions is not None:
            told["partitions"] = self.partitions.to_dict()
        return told


@dataclass(frozen=True)
class VersionExplanation:
    """In what one version of an asset differs from another, ``before``; ``reasons`` is empty where in nothing."""

    key: str
    version: str
    before: str
    time: str
    time_before: str
    reasons: tuple[str, ...]
    same_data: bool
    ingredients: tuple[Ingredient, ...]
    code_changes: tuple[CodeChange, ...]
    partition: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return asdict(self)


def explain(workspace: Workspace, key: str, *, config: Config | None = None) -> Explanation:
    """Compare what would decide ``key`` now with what decided its published version.

    ``key`` may be the name of a partition; of an asset with partitions alone it is told how these stand. Everything
    upstream of it is planned too, so that what waits for others is told as such.

    Raises:
        UnknownNameError: there is no such asset, or no such partition.
    """
    name, (key, partition) = key, split_name(key)
    workspace.require([key])
    planned = plan(workspace, f'+"{key}"', config=config)
    item = planned.plan[key]
    if partition:
        item = _item_of(item, partition)
    elif item.partitions is not None:
        return Explanation(key, item.state.value, item.reasons, None, None, None, partitions=item.partitions)
    asset = _placed(planned, key, partition)
    published = planned.past.published.get(name)
    before = published.action.recipe if published and isinstance(published.action, Materialized) else None
    now = recipe_of(asset, _seen(asset, planned)) if not asset.spec.is_observed else None
    return Explanation(
        key=key,
        state=item.state.value,
        reasons=item.reasons,
        version=published.version if published else None,
        fingerprint=item.fingerprint,
        published_fingerprint=published.fingerprint if published else None,
        ingredients=_source_ingredients(planned, name, published)
        if now is None
        else ingredients(before, now, _waits(asset, planned)),
        code_changes=_code_changes(workspace, published, before, now, asset) if before and now else (),
        partition=partition,
    )


def _item_of(item: PlanItem, partition: str) -> PlanItem:
    """Return how one partition of a planned asset stands."""
    if item.partitions is None:
        raise UnknownNameError(
            f"{item.key} has no partitions, so {partition!r} is none of it", hint="name the asset alone"
        )
    ordinal = item.partitions.keys.index(partition)
    group = next(group for group in item.partitions.groups if ordinal in group.ranges)
    recorded = item.partitions.others.get(ordinal)
    return PlanItem(item.key, group.state, group.reasons, recorded=recorded, partition=partition)


def _placed(planned: Planned, key: str, partition: str) -> Resolved:
    """Return the asset, or one partition of it, with the partitions that it reads."""
    asset = next(resolved for resolved in planned.order if resolved.key == key)
    return planned.layout.placed_at(asset, partition) if partition else planned.layout.whole(asset)


def explain_version(
    workspace: Workspace, reference: str, against: str | None, opened: Opened
) -> VersionExplanation:
    """Compare what decided ``key[@reference]`` with what decided the version ``against`` of the same asset.

    ``against`` (a reference without the key) is the version that was published before it, where left out.
    ``opened`` gives the project in another environment.

    Raises:
        UnknownNameError: there is no such version, or none was published before.
    """
    where, key, at = opened_for(workspace, reference, opened)
    with where.ledger.session() as session:
        now = find_version(session, key, at, where.env)
        if against is None:
            before = published_before(session, now, where.env)
    if against is not None:
        then, _, at = opened_for(workspace, of_key(key, against), opened)
        with then.ledger.session() as session:
            before = find_version(session, key, at, then.env)
    else:
        then = where
    return _compared(then, before, where, now)


def published_before(session: Session, recorded: Recorded, env: str) -> Recorded:
    """Return the version that ``env`` published before ``recorded`` (which it need not have published).

    Raises:
        UnknownNameError: there was none.
    """
    published = session.published_versions(env, recorded.asset, recorded.partition)
    older = published[published.index(recorded.version) + 1 :] if recorded.version in published else []
    if recorded.version not in published:
        pointer = session.pointers(env, recorded.commit).get((recorded.asset, recorded.partition))
        older = [pointer.version] if pointer is not None else []
    found = next((version for version in older if version != recorded.version), None)
    if found is None:
        raise UnknownNameError(
            f"{env} published no version of {recorded.name} before {recorded.version[:12]}",
            hint=f"`assetflow history {typed(recorded.name)} --env {env}` lists its versions; "
            "name the other one by --against",
        )
    return session.versions([found])[found]


def _compared(then: Workspace, before: Recorded, where: Workspace, now: Recorded) -> VersionExplanation:
    old, new = before.action, now.action
    parts: tuple[Ingredient, ...] = ()
    changes: tuple[CodeChange, ...] = ()
    reasons: list[str] = []
    if isinstance(old, Materialized) and isinstance(new, Materialized):
        with where.ledger.session() as session:
            known = inputs_of(session, old.recipe, new.recipe)
        parts = ingredients(old.recipe, new.recipe)
        texts = KeptCode(then.store.objects).texts(old.tree), KeptCode(where.store.objects).texts(new.tree)
        changes = code_changes(old.recipe, new.recipe, *texts, titles_of(before, now))
        reasons = recorded_words(old.recipe, new.recipe, known)
    elif isinstance(new, SourceObserved):
        source = old if isinstance(old, SourceObserved) else None
        parts = observed_ingredients(source, new)
        same = before.data_version == now.data_version
        reasons = [] if source is None or same else recorded_source_differences(source, new)
    return VersionExplanation(
        key=now.asset,
        version=now.version,
        before=before.version,
        time=now.time,
        time_before=before.time,
        reasons=tuple(reasons),
        same_data=before.data_version == now.data_version,
        ingredients=parts,
        code_changes=changes,
        partition=now.partition,
    )


def titles_of(before: Recorded, now: Recorded) -> tuple[str, str]:
    """Return what the two sides of a diff are called."""
    return before.version[:12], now.version[:12]


def _seen(asset: Resolved, planned: Planned) -> dict[str, Seen | None]:
    """Return what the asset sees of its inputs; of one that is to be built, what is published now."""
    items = {item.key: item for item in planned.plan}
    found: dict[str, Seen | None] = {}
    for name in asset.upstream:
        if split_name(name)[1]:
            view = planned.standing(name)
            found[name] = view if isinstance(view, Seen) else planned.past.seen(name)
            continue
        item = items.get(name)
        recorded = item.recorded if item and item.recorded else planned.past.published.get(name)
        found[name] = seen_of(recorded.action) if recorded else None
    return found


def _waits(asset: Resolved, planned: Planned) -> dict[str, str]:
    """Return what to say of those upstream that are to be built first, by name."""
    waiting = (name for name in asset.upstream if isinstance(planned.standing(name), Pending))
    return dict.fromkeys(waiting, "to be built first")


def _source_ingredients(planned: Planned, name: str, published: Recorded | None) -> tuple[Ingredient, ...]:
    """Compare what others make: the files of a source by path, the version of another project's asset."""
    action = published.action if published is not None else None
    observed = planned.observations[name]
    before = action if isinstance(action, SourceObserved) else None
    return observed_ingredients(before, None if isinstance(observed, SourceError) else observed)


def _code_changes(
    workspace: Workspace, published: Recorded | None, before: Recipe, now: Recipe, asset: Resolved
) -> tuple[CodeChange, ...]:
    action = published.action if published is not None else None
    old = KeptCode(workspace.store.objects).texts(action.tree if isinstance(action, Materialized) else None)
    return code_changes(before, now, old, _texts_now(asset), ("published", "now"))


def _texts_now(asset: Resolved) -> Texts:
    texts = {part.name: part.text for part in asset.code.parts}
    return lambda _file, name: texts[name]() if name in texts else None
