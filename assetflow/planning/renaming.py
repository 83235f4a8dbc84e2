"""Owns what an asset takes over from its former key: records of the same code, config and inputs, made its own.

Knows nothing of when that happens: ``staleness`` looks here when nothing is on record of the asset itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from assetflow.hashing.fingerprint import version_id
from assetflow.ledger.records import Recorded
from assetflow.model.manifest import Manifest
from assetflow.model.recipe import Recipe
from assetflow.model.versions import Materialized
from assetflow.planning.fingerprints import Seen, fingerprint_now
from assetflow.planning.resolve import Resolved
from assetflow.planning.world import World


def keys_on_record(assets: Iterable[Resolved]) -> list[str]:
    """Return every key under which something may be on record of ``assets``."""
    own_and_former = ((asset.key, asset.spec.renamed_from) for asset in assets)
    return [key for keys in own_and_former for key in keys if key is not None]


def formerly(asset: Resolved) -> Resolved | None:
    """Return the asset as it was called before; None where it had no other name."""
    former = asset.spec.renamed_from
    return None if former is None else asset._replace(spec=replace(asset.spec, key=former, renamed_from=None))


def to_take_over(asset: Resolved, seen: Mapping[str, Seen | None], world: World) -> Sequence[Recorded]:
    """Return the records of the former key that the present code, config and inputs would have made, newest first."""
    former = formerly(asset)
    if former is None:
        return ()
    fingerprint = fingerprint_now(former, seen)
    if former.spec.kind == "effect":
        return _done(former.key, fingerprint, world) if _never_done(asset.key, world) else ()
    return [recorded for recorded in world.records(former.key, fingerprint) if _may_be(asset, recorded)]


def renamed(
    former: Materialized, asset: Resolved, fingerprint: str, recipe: Recipe, *, run: str, tree: str | None
) -> Materialized:
    """Return the record, by ``run``, that ``asset`` has the data of ``former``, a version of its former key."""
    return former.model_copy(
        update={
            "run": run,
            "asset": asset.key,
            "version": version_id(asset.key, "", fingerprint, former.data_version),
            "fingerprint": fingerprint,
            "recipe": recipe,
            "seconds": 0.0,
            "reasons": (f"renamed from {former.asset}",),
            "attempts": (),
            "log": None,
            "tree": tree,
            "renamed_from": (former.asset, former.version),
        }
    )


def _may_be(asset: Resolved, recorded: Recorded) -> bool:
    """Whether a record may be made the asset's own: no data of a private one may come into another commit."""
    lies_in_commit = isinstance(recorded.manifest, Manifest) and recorded.manifest.inline is not None
    return isinstance(recorded.action, Materialized) and not (asset.spec.private and lies_in_commit)


def _done(effect: str, fingerprint: str, world: World) -> Sequence[Recorded]:
    """Return what this environment did last for an effect, if that was for this fingerprint and is sure to be done."""
    published = world.published.get(effect)
    if published is None or published.fingerprint != fingerprint or effect in world.interrupted:
        return ()
    return (published,) if world.effects.get(effect) == fingerprint else ()


def _never_done(effect: str, world: World) -> bool:
    return effect not in world.published and effect not in world.effects
