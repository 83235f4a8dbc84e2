"""Owns what an environment has come to since a run planned: its pointers, what holds them, the effects under way.

Learned from the commits of other runs and of people. Knows nothing of what the run itself makes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from assetflow.model.actions import Action
from assetflow.model.commit import Commit
from assetflow.model.environments import Hold, Moved, Pinned, Unpinned
from assetflow.model.runs import EffectStarted, Failed, Published, RunFinished, RunStarted
from assetflow.model.versions import Materialized, SourceObserved, Version
from assetflow.planning.fingerprints import Seen, seen_of
from assetflow.planning.holding import turns_away


@dataclass(frozen=True)
class Foreign:
    """A version that somebody else published meanwhile. ``snapshot``: the commit that it was planned on."""

    version: Version
    snapshot: int


class Meanwhile:
    """What an environment has come to.

    Args:
        env: the environment.
        published: what it pointed at when the run planned.
        find: returns the record of a version that another run published and that is older than this run's plan.
        effects: run by asset, of the effects whose last beginning had no end on record when the run planned.
    """

    def __init__(
        self,
        env: str,
        published: Mapping[str, Version],
        find: Callable[[str, str], Version | None],
        effects: Mapping[str, str],
    ) -> None:
        self._env = env
        self._find = find
        self._pointers: dict[str, Seen | None] = {key: seen_of(one) for key, one in published.items()}
        self._foreign: dict[str, Foreign] = {}
        self._holds: set[Hold] = set()
        self._pinned: set[str] = set()
        self._effects = dict(effects)
        self._versions: dict[str, Version] = {}
        self._snapshots: dict[str, int] = {}

    @property
    def pointers(self) -> Mapping[str, Seen | None]:
        """What the environment points at, by asset."""
        return self._pointers

    def foreign(self, asset: str) -> Foreign | None:
        """Return what somebody else published of an asset, where this run has published nothing since."""
        return self._foreign.get(asset)

    def holder(self, effect: str) -> str | None:
        """Return the run that is doing an effect."""
        return self._effects.get(effect)

    def release_effect(self, effect: str, run: str) -> None:
        """Forget that ``run`` is doing an effect: it has ended, or is dead."""
        if self._effects.get(effect) == run:
            del self._effects[effect]

    def hold_back(self, ours: Version) -> str | None:
        """Say why ``ours`` must not be published although nothing better is; None where it may."""
        if ours.asset in self._pinned:
            return "it was pinned meanwhile"
        if any(turns_away(hold, ours) for hold in self._holds):
            return "it was turned away meanwhile, by a promotion or a rollback"
        return None

    def publish(self, ours: Version) -> None:
        """Take in that this run has published a version."""
        self._point(ours.asset, ours)

    def learn(self, commit: Commit) -> None:
        """Take in what somebody else did."""
        for action in commit.actions:
            if isinstance(action, Moved) and action.env == self._env:
                self._learn_moves(action, commit.number)
            else:
                self._learn_action(action)

    def _learn_moves(self, action: Moved, commit: int) -> None:
        """Take in what a command moved: it stands as if a run had planned it on that very commit."""
        self._holds.difference_update(action.lifts)
        self._holds.update(action.holds)
        for move in action.moves:
            version = None if move.version is None else self._version(move.asset, move.version)
            self._point(move.asset, version, commit)
            if isinstance(action, Pinned):
                self._pinned.add(move.asset)

    def _learn_action(self, action: Action) -> None:
        if isinstance(action, RunStarted):
            self._snapshots[action.run] = action.snapshot
        elif isinstance(action, Materialized | SourceObserved):
            self._versions[action.version] = action
            self.release_effect(action.asset, action.run)
        elif isinstance(action, EffectStarted) and action.env == self._env:
            self._effects[action.asset] = action.run
        elif isinstance(action, Failed):
            self.release_effect(action.asset, action.run)
        elif isinstance(action, RunFinished):
            self._effects = {asset: run for asset, run in self._effects.items() if run != action.run}
        elif isinstance(action, Unpinned) and action.env == self._env:
            self._pinned.discard(action.asset)
        elif isinstance(action, Published) and action.env == self._env:
            version = self._version(action.asset, action.version)
            if version is not None:
                self._point(action.asset, version, self._snapshots.get(action.run, -1))

    def _version(self, asset: str, version: str) -> Version | None:
        return self._versions.get(version) or self._find(asset, version)

    def _point(self, asset: str, version: Version | None, foreign_snapshot: int | None = None) -> None:
        """Move a pointer; ``foreign_snapshot``: what whoever else moved it had planned on."""
        self._pointers[asset] = seen_of(version) if version else None
        self._foreign.pop(asset, None)
        if version is not None and foreign_snapshot is not None:
            self._foreign[asset] = Foreign(version, foreign_snapshot)
