"""Owns which versions are kept, and why: a pure decision from what is on record and each environment's policy.

Knows nothing of objects or of stores.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assetflow.ledger.keeping import MadeVersion, PointerMove
from assetflow.settings.settings import Keeping

_PLANNING = 3600.0
"""Seconds that a run may plan before it shows that it is alive: for so long it may rely on what was published."""


@dataclass(frozen=True)
class Moment:
    """When it is judged. ``now``, and since when the oldest live run goes (None: none does): seconds since the epoch.

    ``grace``: what is younger (seconds) is kept whatever it is.
    """

    now: float
    grace: float
    live_since: float | None = None

    @property
    def young_since(self) -> float:
        """What was written after this may be of somebody who has not committed it yet."""
        return self.since(self.grace)

    def since(self, seconds: float) -> float:
        """Return the time ``seconds`` ago, or when the oldest live run planned, where that was earlier."""
        since = self.now - seconds
        return since if self.live_since is None else min(since, self.live_since - _PLANNING)


def kept_versions(
    made: Sequence[MadeVersion],
    moves: Sequence[PointerMove],
    inputs: Mapping[str, Collection[str]],
    pins: Collection[str],
    keeping_of: Callable[[str], Keeping],
    moment: Moment,
) -> dict[str, str]:
    """Return the versions that are kept, with the reason in words; ``made`` and ``moves`` oldest first.

    An environment keeps what it points to, what it pointed to within its retention, its last versions of each asset,
    and what it is pinned at; whatever is young is kept, and all that something kept was made from.
    """
    kept: dict[str, str] = {}
    for version, reason in _wanted(made, moves, pins, keeping_of, moment):
        kept.setdefault(version, reason)
    for version in with_inputs(kept, inputs):
        kept.setdefault(version, "made something that is kept")
    return kept


def with_inputs(versions: Iterable[str], inputs: Mapping[str, Collection[str]]) -> set[str]:
    """Return versions with all that they were made from, to any depth."""
    found = set(versions)
    waiting = list(found)
    while waiting:
        new = set(inputs.get(waiting.pop(), ())) - found
        found |= new
        waiting += new
    return found


def _wanted(
    made: Sequence[MadeVersion],
    moves: Sequence[PointerMove],
    pins: Collection[str],
    keeping_of: Callable[[str], Keeping],
    moment: Moment,
) -> Iterable[tuple[str, str]]:
    """Yield versions and reasons, the strongest reason first."""
    tracks: dict[tuple[str, str, str], list[PointerMove]] = defaultdict(list)
    for move in moves:
        tracks[move.env, move.asset, move.partition].append(move)
    yield from (
        (track[-1].version, f"published in {env}")
        for (env, *_), track in tracks.items()
        if track[-1].version is not None
    )
    yield from ((version, "pinned") for version in pins)
    for (env, *_), track in tracks.items():
        since = moment.since(keeping_of(env).retention)
        recent = [move.version for move, after in pairwise(track) if after.time >= since]
        yield from ((version, f"published in {env} lately") for version in recent if version is not None)
        versions = (move.version for move in reversed(track))
        yield from (
            (version, f"among the last of {env}") for version in _last(versions, keeping_of(env).keep_last)
        )
    yield from _made_last(made, keeping_of)
    yield from ((one.version, "young") for one in made if one.time >= moment.young_since)


def _made_last(
    made: Sequence[MadeVersion], keeping_of: Callable[[str], Keeping]
) -> Iterable[tuple[str, str]]:
    """Yield the last versions that were made for an environment, published or not."""
    by_asset: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for one in made:
        by_asset[one.env or "", one.asset, one.partition].append(one.version)
    for (env, *_), versions in by_asset.items():
        for version in _last(reversed(versions), keeping_of(env).keep_last):
            yield version, f"among the last of {env}" if env else "among the last"


def _last(versions: Iterable[str | None], number: int) -> list[str]:
    """Return the first ``number`` different versions, given the newest first."""
    found: dict[str, None] = {}
    for version in versions:
        if len(found) == number:
            break
        if version is not None:
            found.setdefault(version)
    return list(found)
