"""Owns a change of an environment by hand: what is told of it, and committing it on what was seen, or not at all.

Knows nothing of what is changed, or why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assetflow.errors import StoreError, UsageError
from assetflow.model.actions import Action
from assetflow.model.commit import Commit
from assetflow.model.environments import Hold, Move, Moved, Unpinned
from assetflow.model.runs import Published
from assetflow.model.spec import ExposureSpec
from assetflow.operate.log import log_writer
from assetflow.operate.workspace import Workspace
from assetflow.storage.head import Head

_PATIENCE = 20


@dataclass(frozen=True)
class Remark:
    """What is to be said of one asset, such as why it is not moved; ``hint``: how to mend that."""

    key: str
    reason: str
    hint: str = ""


@dataclass(frozen=True)
class EnvironmentChange:
    """What a command did to an environment, or would do.

    ``how``: the type of its action. ``moves``: of pointers. ``holds``: what the environment turns away from then on,
    ``lifts``: no longer. ``refused``: why nothing was moved. ``left_out``: what stays, and need not be moved.
    ``commit``: the number of the commit; None where nothing was committed. ``users``: the declared exposures that use
    what moves, or what is made from it.
    """

    env: str
    how: str
    moves: tuple[Move, ...] = ()
    holds: tuple[Hold, ...] = ()
    lifts: tuple[Hold, ...] = ()
    refused: tuple[Remark, ...] = ()
    left_out: tuple[Remark, ...] = ()
    warnings: tuple[str, ...] = ()
    users: tuple[ExposureSpec, ...] = ()
    commit: int | None = None
    dry_run: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """The assets that are moved."""
        return tuple(dict.fromkeys(move.asset for move in self.moves))

    def does_as(self, other: EnvironmentChange) -> bool:
        """Whether it comes to the same as ``other``."""
        return (self.moves, self.holds, self.lifts) == (other.moves, other.holds, other.lifts)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return {
            "env": self.env,
            "how": self.how,
            "dry_run": self.dry_run,
            "commit": self.commit,
            "moves": [move.model_dump(mode="json") for move in self.moves],
            "holds": [hold.model_dump(mode="json") for hold in self.holds],
            "lifts": [hold.model_dump(mode="json") for hold in self.lifts],
            "refused": [_told(remark) for remark in self.refused],
            "left_out": [_told(remark) for remark in self.left_out],
            "warnings": list(self.warnings),
            "users": [
                {"name": user.name, "owner": user.owner, "uses": list(user.uses)} for user in self.users
            ],
        }

    def __repr__(self) -> str:
        done = "refused" if self.refused else f"commit {self.commit}" if self.commit else "nothing committed"
        return f"<EnvironmentChange {self.how} {self.env}: {len(self.moves)} moved, {done}>"


@dataclass(frozen=True)
class Intent:
    """A change with the actions that make it true, on a log that was read up to ``head``."""

    change: EnvironmentChange
    head: Head
    actions: tuple[Action, ...]


def carry_out(
    workspace: Workspace, intend: Callable[[], Intent], seen: EnvironmentChange | None = None
) -> EnvironmentChange:
    """Commit what ``intend`` returns, unless it is refused, tried only, or changes nothing.

    Where somebody moved the environment since it looked, it looks again, and goes on only if that comes to the same;
    ``seen``: what a person was shown, to which it must come as well.

    Raises:
        UsageError: the environment was moved, and the change would be another one than what was seen.
        StoreError: the store cannot be written, or the environment never stands still.
    """
    for _ in range(_PATIENCE):
        intent = intend()
        change = intent.change
        if seen is not None and not change.does_as(seen):
            raise UsageError(
                f"{change.env} was moved by others meanwhile, so this would do something else than what was seen; "
                "nothing was done",
                hint="look again with --dry-run",
            )
        if change.refused or change.dry_run or not intent.actions:
            return change
        commit = _commit(workspace, intent)
        if commit is not None:
            return replace(change, commit=commit.number)
        seen = change
    raise StoreError(
        f"others moved {change.env} {_PATIENCE} times while this was tried; nothing was moved",
        hint="run again when fewer runs publish to it",
    )


def _commit(workspace: Workspace, intent: Intent) -> Commit | None:
    def build(news: Sequence[Commit]) -> Sequence[Action] | None:
        came_between = any(
            _touches(action, intent.change.env) for commit in news for action in commit.actions
        )
        return None if came_between else intent.actions

    return log_writer(workspace, intent.head).commit(build)


def _touches(action: Action, env: str) -> bool:
    return isinstance(action, Published | Moved | Unpinned) and action.env == env


def _told(remark: Remark) -> dict[str, str]:
    return {"key": remark.key, "reason": remark.reason, "hint": remark.hint}
