"""Owns pinning: an asset stays at a version, whatever runs, until it is unpinned."""

from __future__ import annotations

from collections.abc import Sequence

from assetflow.errors import UsageError
from assetflow.model.actions import Materialized, Move, Pinned, Unpinned
from assetflow.operate.environment_change import EnvironmentChange, Intent, Remark, carry_out
from assetflow.operate.past import Past
from assetflow.operate.references import find_version, split_reference
from assetflow.operate.workspace import Workspace
from assetflow.planning.holding import lifted


def pin(workspace: Workspace, references: Sequence[str], *, dry_run: bool = False) -> EnvironmentChange:
    """Hold assets at the versions that are published, or at ``key@version``, to which their pointers move.

    Raises:
        UsageError: one is an effect, or a version that checks rejected.
        UnknownNameError: there is no such asset or version.
    """

    def intend() -> Intent:
        past = Past(workspace, ())
        with workspace.ledger.session() as session:
            found = [find_version(session, *split_reference(text), workspace.env) for text in references]
            for recorded in found:
                if isinstance(recorded.action, Materialized) and recorded.action.kind == "effect":
                    raise UsageError(f"{recorded.asset} is an effect: it has no data to stay at")
                evaluations = session.verdicts([(recorded.asset, recorded.data_version)])
                latest = {one.check: one for one in evaluations}
                failed = [
                    name
                    for name, one in latest.items()
                    if not one.passed and one.fingerprint not in past.accepted
                ]
                if failed and recorded.version not in {r.version for r in past.published.values()}:
                    raise UsageError(
                        f"{recorded.asset}@{recorded.version[:12]} failed {', '.join(failed)}",
                        hint=f"`assetflow accept {recorded.asset}@{recorded.version[:12]}` publishes it all the same",
                    )
        lost = past.unsound(found)
        moves = tuple(
            Move(
                asset=recorded.asset,
                partition=recorded.partition,
                version=recorded.version,
                previous=past.published[recorded.asset].version if recorded.asset in past.published else None,
            )
            for recorded in found
        )
        lifts = tuple(
            end
            for recorded in found
            for end in lifted(past.turned_away.get(recorded.asset, ()), recorded.action)
        )
        change = EnvironmentChange(
            env=workspace.env,
            how="pinned",
            moves=moves,
            lifts=lifts,
            refused=tuple(
                Remark(recorded.asset, f"the data of version {recorded.version[:12]} are gone or damaged")
                for recorded in found
                if recorded.version in lost
            ),
            dry_run=dry_run,
        )
        return Intent(change, past.commit, (Pinned(env=workspace.env, moves=moves, lifts=lifts),))

    return carry_out(workspace, intend)


def unpin(workspace: Workspace, keys: Sequence[str], *, dry_run: bool = False) -> EnvironmentChange:
    """Let pinned assets go on.

    Raises:
        UsageError: one of them is not pinned.
    """

    def intend() -> Intent:
        past = Past(workspace, ())
        for key in keys:
            if key not in past.pins:
                pinned = ", ".join(sorted(past.pins)) or "nothing"
                raise UsageError(f"{key} is not pinned in {workspace.env}", hint=f"pinned there: {pinned}")
        change = EnvironmentChange(
            env=workspace.env,
            how="unpinned",
            left_out=tuple(Remark(key, f"was pinned at {past.pins[key][:12]}") for key in keys),
            dry_run=dry_run,
        )
        actions = tuple(Unpinned(env=workspace.env, asset=key) for key in keys)
        return Intent(change, past.commit, actions)

    return carry_out(workspace, intend)
