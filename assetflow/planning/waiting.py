"""Owns what is certain of an asset before its inputs are built: whether it runs even if they come out as they were."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from assetflow.model.recipe import InputVersion, Recipe
from assetflow.planning.fingerprints import Seen, fingerprint_now, fingerprint_of, having_seen, recipe_of
from assetflow.planning.reasons import differences
from assetflow.planning.renaming import formerly
from assetflow.planning.resolve import Resolved
from assetflow.planning.staleness import undone
from assetflow.planning.world import World


def certain_reasons(
    asset: Resolved, seen: Mapping[str, Seen | None], pending: Collection[str], world: World
) -> list[str]:
    """Return why ``asset`` is built whatever the ``pending`` inputs come to; nothing where that decides.

    ``seen``: what it sees of its other inputs.
    """
    published = world.published.get(asset.name)
    former = formerly(asset)
    if published is None:
        return certain_reasons(former, seen, pending, world) if former is not None else ["never built"]
    if world.unsound([published]):
        return ["artifact missing"]
    action = published.action
    if action.type != "materialized":
        return ["it was a source"]
    before = {**seen, **_seen_before(asset, action.recipe, pending)}
    if fingerprint_now(asset, before) != action.fingerprint:
        recipe = _as_before(asset, recipe_of(asset, seen), action.recipe, pending)
        if fingerprint_of(asset.key, recipe, asset.partition) != action.fingerprint:
            return differences(action.recipe, recipe, seen, world)
    again = undone(asset, action.fingerprint, world)
    return [again] if again is not None else []


def _seen_before(asset: Resolved, old: Recipe, pending: Collection[str]) -> dict[str, Seen]:
    """Return what ``old`` saw of the pending upstreams; where it saw several versions of one, any of them.

    That may make a difference where there is none, never hide one; ``_as_before`` tells. Most assets that wait differ
    in nothing, and to make their recipes takes ten times as long.
    """
    old_inputs = {(item.parameter, item.partition): item for item in old.inputs}
    old_deps = dict(old.deps)
    deps = {name: Seen("", old_deps.get(name) or "") for name in asset.deps if name in pending}
    return deps | {
        name: _seen_by(old_inputs.get((item.spec.parameter, partition)))
        for item in asset.inputs
        for partition, name in zip(item.partitions, item.names, strict=True)
        if name in pending
    }


def _as_before(asset: Resolved, recipe: Recipe, old: Recipe, pending: Collection[str]) -> Recipe:
    """Return ``recipe`` with its pending inputs as ``old`` has them: what differs then differs for certain."""
    old_inputs = {(item.parameter, item.partition): item for item in old.inputs}
    old_deps = dict(old.deps)
    declared = {item.spec.parameter: item.columns for item in asset.inputs}
    inputs = tuple(
        having_seen(
            item, _seen_by(old_inputs.get((item.parameter, item.partition))), declared[item.parameter]
        )
        if item.name in pending
        else item
        for item in recipe.inputs
    )
    deps = tuple((key, old_deps.get(key) or "" if key in pending else data) for key, data in recipe.deps)
    return recipe.model_copy(update={"inputs": inputs, "deps": deps})


def _seen_by(old: InputVersion | None) -> Seen:
    """Return what an input saw; where it saw nothing, what no version is: it will see one now."""
    if old is None or old.data_version is None:
        return Seen("", "")
    return Seen(old.version or "", old.data_version, old.rows, old.columns)
