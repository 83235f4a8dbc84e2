"""Owns what an environment stands at, for commands that move it by hand: the words and the moves that they share."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from assetflow.keys import split_name, typed
from assetflow.ledger.pointers import TurnedAway
from assetflow.ledger.records import Recorded
from assetflow.model.environments import Hold, Move
from assetflow.operate.environment_change import Remark
from assetflow.operate.past import Past
from assetflow.operate.workspace import Workspace
from assetflow.planning.holding import lifted


class Standing:
    """An environment as it was when this was made. ``keys``: the assets of which more than pointers is asked."""

    def __init__(self, workspace: Workspace, keys: Collection[str] = ()) -> None:
        self.past = Past(workspace, keys)
        self.env = workspace.env
        self._ledger = workspace.ledger
        self.head = self.past.commit

    def version(self, name: str) -> str | None:
        """Return the version of an asset or partition that is published."""
        seen = self.past.seen(name)
        return seen.version if seen else None

    def holds_of(self, key: str) -> Iterator[TurnedAway]:
        """Yield what is turned away of an asset or partition; of an asset with partitions, of any of them."""
        for name, holds in self.past.turned_away.items():
            if key in (name, split_name(name)[0]):
                yield from holds

    def move_to(self, recorded: Recorded) -> Move:
        """Return the move of a pointer to this version."""
        return Move(
            asset=recorded.asset,
            partition=recorded.partition,
            version=recorded.version,
            previous=self.version(recorded.name),
        )

    def lifts(self, records: Sequence[Recorded], begun: Collection[Hold] = ()) -> tuple[Hold, ...]:
        """Return what turns these versions away, and ends when they are published; but for what has just ``begun``."""
        kept = {hold.what for hold in begun}
        ended = (
            end for one in records for end in lifted(self.past.turned_away.get(one.name, ()), one.action)
        )
        return tuple(end for end in ended if end.what not in kept)

    def pinned(self, names: Collection[str]) -> Iterator[Remark]:
        """Yield which of these assets and partitions are pinned."""
        for name in names:
            if name in self.past.pins:
                yield Remark(
                    name,
                    f"{self.env} has it pinned at {self.past.pins[name][:12]}",
                    f"`assetflow unpin {typed(name)} --env {self.env}` lets it go",
                )

    def lost(self, records: Sequence[Recorded]) -> Iterator[Remark]:
        """Yield which of these versions have lost their data."""
        lost = self.past.unsound(records)
        for one in records:
            if one.version in lost:
                reason = f"the data of version {one.version[:12]} are gone or damaged"
                yield Remark(one.name, reason, self._way_to_mend(one))

    def _way_to_mend(self, lost: Recorded) -> str:
        """Say what makes a version again: only its being published does."""
        with self._ledger.session() as session:
            envs = [
                env
                for env in session.environments()
                if any(pointer.version == lost.version for pointer in session.pointers(env).values())
            ]
        if envs:
            return f"`assetflow materialize {lost.asset} --env {envs[0]}` makes it again"
        return "no environment publishes it, so nothing makes it again: restore it from a copy of the store"
