"""Owns when what a run made becomes visible: each asset as it passes, or what hangs together at once (design 4).

What finished goes on record at once either way; only publication waits. Knows nothing of other runs: the committer
decides whether a publication stands.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from assetflow.execution.committer import Bundle, Committer
from assetflow.execution.components import components
from assetflow.execution.outcomes import Outcome
from assetflow.execution.run import RunItem
from assetflow.model.runs import HeldBack
from assetflow.model.states import RunState
from assetflow.model.versions import Version


class Publishing(Protocol):
    """How a run publishes."""

    @property
    def held_back(self) -> Mapping[str, HeldBack]:
        """What is on record and was kept from readers, by asset."""

    def settle(self, outcome: Outcome) -> Sequence[str]:
        """Put what became of an asset, for good, on its way into the log.

        Returns:
            The assets that no effect below them has to wait for any longer.
        """

    def publish(self, unfinished: Collection[str] = ()) -> Sequence[str]:
        """Publish what may be seen, now that nothing more can be done before; return as ``settle`` does.

        ``unfinished``: assets that this run will not come to any more.
        """


class OneByOne:
    """Each version is published as it passes, in the commit that records it."""

    def __init__(self, committer: Committer) -> None:
        self._committer = committer
        self.held_back: Mapping[str, HeldBack] = {}

    def settle(self, outcome: Outcome) -> Sequence[str]:
        """Put what became of an asset into the group that is committed next."""
        if outcome.bundle is not None:
            self._committer.add(outcome.bundle)
        return (outcome.item.key,)

    def publish(self, unfinished: Collection[str] = ()) -> Sequence[str]:
        """Do nothing: everything is on its way."""
        del unfinished
        return ()


class Together:
    """What a run changed is published at once, but for what hangs together with something that it could not finish.

    An effect is no data: it is on record as done as soon as it is. What it reads is published before, what lies below
    it after, by the same rule; what was published before still connects.

    Args:
        committer: commits.
        upstream: what each asset waits for, in an order with parents first.
        published: the versions that the environment points at.
        effects: which of the assets are effects.
        run: id of the run.
        env: the environment.
    """

    def __init__(
        self,
        committer: Committer,
        upstream: Mapping[str, Sequence[str]],
        published: Mapping[str, str],
        effects: Collection[str],
        *,
        run: str,
        env: str,
    ) -> None:
        self._committer = committer
        self._upstream = upstream
        self._published = published
        self._effects = effects
        self._run = run
        self._env = env
        self._items: dict[str, RunItem] = {}
        self._changed: set[str] = set()
        self._waiting: dict[str, Version] = {}
        self._to_tell: list[str] = []
        self.held_back: dict[str, HeldBack] = {}

    def settle(self, outcome: Outcome) -> Sequence[str]:
        """Put what became of an asset on record; its version waits for ``publish``."""
        key = outcome.item.key
        self._items[key] = outcome.item
        actions, versions = (outcome.bundle.actions, outcome.bundle.publish) if outcome.bundle else ((), ())
        new = [version for version in versions if version.version != self._published.get(key)]
        self._changed.update(version.asset for version in new)
        if key in self._effects:
            if outcome.bundle is not None:
                self._committer.add(outcome.bundle)
            return (key,)
        self._waiting.update({version.asset: version for version in new})
        if actions:
            self._committer.add(Bundle(actions))
        self._to_tell.append(key)
        return ()

    def publish(self, unfinished: Collection[str] = ()) -> Sequence[str]:
        """Publish each component that holds nothing bad, whole; hold the others back."""
        bad = {key: _said_of(item) for key, item in self._items.items() if item.fails}
        bad |= {key: f"{key} was not finished" for key in unfinished}
        for component in components(self._upstream, {*self._changed, *bad}, bad):
            versions = [self._waiting.pop(key) for key in component.keys if key in self._waiting]
            if component.bad:
                cause = min(component.bad, key=self._rank)
                self.held_back.update({one.asset: self._record(one, cause, bad[cause]) for one in versions})
            elif versions:
                self._committer.add(Bundle((), tuple(versions)))
        told, self._to_tell = self._to_tell, []
        return told

    def _rank(self, key: str) -> bool:
        """Put what went wrong by itself before what could not be tried for it."""
        return key not in self._items or self._items[key].state is RunState.SKIPPED

    def _record(self, version: Version, because: str, reason: str) -> HeldBack:
        return HeldBack(
            run=self._run,
            env=self._env,
            asset=version.asset,
            version=version.version,
            because=because,
            reason=reason,
        )


def _said_of(item: RunItem) -> str:
    is_ = {RunState.FAILED: "failed", RunState.SUPERSEDED: "was superseded"}
    return f"{item.key} {is_.get(item.state, f'is {item.state.value}')}"
