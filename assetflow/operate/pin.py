"""Owns pinning: an asset stays at a version, whatever runs, until it is unpinned."""

from __future__ import annotations

from collections.abc import Sequence

from assetflow.errors import UsageError
from assetflow.ledger.records import Recorded
from assetflow.ledger.session import Session
from assetflow.model.environments import Pinned, Unpinned
from assetflow.model.versions import Materialized
from assetflow.operate.environment_change import EnvironmentChange, Intent, Remark, carry_out
from assetflow.operate.references import find_version, split_reference
from assetflow.operate.standing import Standing
from assetflow.operate.workspace import Workspace


def pin(
    workspace: Workspace,
    references: Sequence[str],
    *,
    dry_run: bool = False,
    seen: EnvironmentChange | None = None,
) -> EnvironmentChange:
    """Hold assets at the versions that are published, or at ``key@version``, to which their pointers move.

    One that is pinned at that version already is left as it is. ``seen``: what somebody was shown; anything else is
    not done.

    Raises:
        UsageError: one is an effect, or a version that checks rejected.
        UnknownNameError: there is no such asset or version.
    """

    def intend() -> Intent:
        standing = Standing(workspace)
        with workspace.ledger.session() as session:
            found = [find_version(session, *split_reference(text), workspace.env) for text in references]
            for recorded in found:
                _require_good(session, standing, recorded)
        there = [one for one in found if _is_pinned(standing, one)]
        new = [one for one in found if one not in there]
        change = EnvironmentChange(
            env=workspace.env,
            how="pinned",
            moves=tuple(map(standing.move_to, new)),
            lifts=standing.lifts(new),
            refused=tuple(standing.lost(new)),
            left_out=tuple(Remark(one.asset, f"already pinned at {one.version[:12]}") for one in there),
            dry_run=dry_run,
        )
        action = Pinned(env=workspace.env, moves=change.moves, lifts=change.lifts)
        return Intent(change, standing.head, (action,) if new else ())

    return carry_out(workspace, intend, seen)


def unpin(
    workspace: Workspace,
    keys: Sequence[str],
    *,
    dry_run: bool = False,
    seen: EnvironmentChange | None = None,
) -> EnvironmentChange:
    """Let pinned assets go on.

    Raises:
        UsageError: one of them is not pinned.
    """

    def intend() -> Intent:
        standing = Standing(workspace)
        pins = standing.past.pins
        for key in keys:
            if key not in pins:
                with workspace.ledger.session() as session:
                    session.require_recorded(key)
                pinned = ", ".join(sorted(pins)) or "nothing"
                raise UsageError(f"{key} is not pinned in {workspace.env}", hint=f"pinned there: {pinned}")
        change = EnvironmentChange(
            env=workspace.env,
            how="unpinned",
            left_out=tuple(Remark(key, f"was pinned at {pins[key][:12]}") for key in keys),
            dry_run=dry_run,
        )
        actions = tuple(Unpinned(env=workspace.env, asset=key) for key in keys)
        return Intent(change, standing.head, actions)

    return carry_out(workspace, intend, seen)


def _is_pinned(standing: Standing, recorded: Recorded) -> bool:
    return standing.past.pins.get(recorded.asset) == recorded.version == standing.version(recorded.asset)


def _require_good(session: Session, standing: Standing, recorded: Recorded) -> None:
    """Raise UsageError where a version must not be published by pinning it."""
    if isinstance(recorded.action, Materialized) and recorded.action.kind == "effect":
        raise UsageError(f"{recorded.asset} is an effect: it has no data to stay at")
    if recorded.version == standing.version(recorded.asset):
        return
    failed = session.blocking(recorded.asset, recorded.data_version, standing.past.accepted)
    if failed:
        reference = f"{recorded.asset}@{recorded.version[:12]}"
        raise UsageError(
            f"{reference} failed {', '.join(one.check for one in failed)}",
            hint=f"`assetflow accept {reference} --env {standing.env}` publishes it all the same",
        )
