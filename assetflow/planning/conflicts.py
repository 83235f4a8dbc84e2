"""Owns who wins when two runs publish the same asset: a pure decision between two contenders (design 4, Publishing)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from assetflow.model.recipe import Recipe
from assetflow.planning.fingerprints import Seen, fingerprint_of, rebased


class Fate(Enum):
    """What becomes of the version that comes second to the log."""

    SAME = "same"
    WINS = "wins"
    LOSES = "loses"


@dataclass(frozen=True)
class Contender:
    """A version that a run publishes. ``recipe`` is None for a source; ``snapshot``: the commit its run planned on."""

    asset: str
    fingerprint: str
    data_version: str
    recipe: Recipe | None
    snapshot: int


def decide(second: Contender, first: Contender, pointers: Mapping[str, Seen | None]) -> tuple[Fate, str]:
    """Judge ``second``, whose asset ``first`` published before it; ``pointers`` are those it would leave behind.

    Returns:
        The fate of ``second`` and, where it loses, the reason in words.
    """
    if second.fingerprint == first.fingerprint:
        if second.data_version == first.data_version:
            return Fate.SAME, ""
        return (
            Fate.LOSES,
            "another run published other data for the same fingerprint: it is not deterministic",
        )
    ours, theirs = _still_holds(second, pointers), _still_holds(first, pointers)
    if ours != theirs:
        return (Fate.WINS, "") if ours else (Fate.LOSES, "its inputs were replaced by another run")
    if second.snapshot > first.snapshot:
        return Fate.WINS, ""
    return Fate.LOSES, "another run published it first"


def decide_together(fates: Mapping[str, tuple[Fate, str]]) -> dict[str, tuple[Fate, str]]:
    """Judge versions that are published together, given the fate of each asset's: they win or lose whole.

    What another run has published just so stands in any case.
    """
    lost = next((asset for asset, (fate, _) in fates.items() if fate is Fate.LOSES), None)
    if lost is None:
        return dict(fates)
    loses = (Fate.LOSES, f"it is published together with {lost}, which was superseded")
    return {asset: loses if one[0] is Fate.WINS else one for asset, one in fates.items()}


def _still_holds(contender: Contender, pointers: Mapping[str, Seen | None]) -> bool:
    """Whether its fingerprint is unchanged when recomputed with ``pointers``."""
    if contender.recipe is None:
        return True
    return fingerprint_of(contender.asset, rebased(contender.recipe, pointers)) == contender.fingerprint
