"""Owns what an environment holds back, whatever a plan would make of it: what is pinned, and what was turned away.

Knows nothing of fingerprints: what is held is known before any input is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from assetflow.keys import name_of, typed
from assetflow.ledger.pointers import TurnedAway
from assetflow.model.environments import Hold
from assetflow.model.versions import Materialized, Version
from assetflow.planning.resolve import Resolved
from assetflow.planning.world import World


def pinned(asset: Resolved, world: World) -> str | None:
    """Say at which version ``asset`` is pinned, and how to let it go; None where it is not."""
    version = world.pins.get(asset.name)
    unpin = f"`assetflow unpin {typed(asset.name)} --env {world.env}`"
    return None if version is None else f"pinned at {version[:12]}, until {unpin}"


def turned_away(asset: Resolved, world: World) -> str | None:
    """Say why what this code and config make of ``asset`` is not published by itself, and until when; else None.

    A partition that is new is held where all work of that code was turned away.
    """
    keys = dict.fromkeys((asset.key, asset.spec.renamed_from or asset.key))
    holds = [hold for key in keys for hold in world.turned_away.get(name_of(key, asset.partition), ())]
    if asset.partition and asset.name not in world.published:
        holds += [hold for key in keys for hold in world.turned_away_wholly(key)]
    for hold in holds:
        if _is_of(hold, _code(asset), asset.config_hash):
            return _words(hold, world.env)
    return None


def hold_of(version: Version, because: Literal["promoted", "rolled_back"]) -> Hold:
    """Return what turns away all that the code of ``version`` makes with its config."""
    recipe = version.recipe if isinstance(version, Materialized) else None
    return Hold(
        asset=version.asset,
        partition=version.partition,
        code_version=recipe.code_version if recipe else None,
        config_hash=recipe.config_hash if recipe else "",
        because=because,
    )


def lifted(held: Iterable[TurnedAway], version: Version) -> tuple[Hold, ...]:
    """Return those of ``held`` that turn ``version`` away: they end when it is published by hand."""
    return tuple(ended(hold) for hold in held if turns_away(hold, version))


def ended(hold: TurnedAway) -> Hold:
    """Return what a commit says of ``hold`` when it ends."""
    because: Literal["promoted", "rolled_back"] = "promoted" if hold.because == "promoted" else "rolled_back"
    return Hold(
        asset=hold.asset,
        partition=hold.partition,
        code_version=hold.code_version,
        config_hash=hold.config_hash,
        because=because,
    )


def turns_away(hold: Hold | TurnedAway, version: Version) -> bool:
    """Whether ``version`` is of what ``hold`` turns away."""
    if hold.asset != version.asset or hold.partition != version.partition:
        return False
    recipe = version.recipe if isinstance(version, Materialized) else None
    return _is_of(hold, recipe.code_version if recipe else None, recipe.config_hash if recipe else "")


def _is_of(hold: Hold | TurnedAway, code_version: str | None, config_hash: str) -> bool:
    return (hold.code_version, hold.config_hash) == (code_version, config_hash)


def _code(asset: Resolved) -> str | None:
    return None if asset.spec.is_observed else asset.code.digest


def _words(hold: TurnedAway, env: str) -> str:
    accept = f"`assetflow accept {hold.asset} --env {env}`"
    if hold.because == "promoted":
        return f"promoted ahead of the deployed code (commit {hold.commit}), until that code is deployed, or {accept}"
    if hold.code_version is None:
        return f"rolled back (commit {hold.commit}), until {accept}"
    return f"rolled back from this code and config (commit {hold.commit}), until either changes, or {accept}"
