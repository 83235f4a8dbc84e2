"""Owns accepting: somebody answers for what an environment turned away, or for what failed its checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assetflow.errors import UsageError
from assetflow.keys import split_name, typed
from assetflow.ledger.records import Recorded
from assetflow.ledger.session import Session
from assetflow.model.environments import Accepted
from assetflow.model.verdicts import CheckEvaluated
from assetflow.operate.environment_change import EnvironmentChange, Intent, carry_out
from assetflow.operate.references import find_version, require_data, split_reference
from assetflow.operate.standing import Standing
from assetflow.operate.workspace import Workspace
from assetflow.planning.holding import ended


@dataclass(frozen=True)
class _Asked:
    """What is to be accepted of one asset: all that holds it back, or one version; and what that version ``failed``."""

    key: str
    version: Recorded | None
    failed: tuple[CheckEvaluated, ...]
    by_name: bool


def accept(
    workspace: Workspace,
    references: Sequence[str],
    *,
    dry_run: bool = False,
    seen: EnvironmentChange | None = None,
) -> EnvironmentChange:
    """Lift what holds these assets back, and publish their newest version where checks rejected it.

    Args:
        workspace: the project, opened in the environment.
        references: assets, or ``key@version`` for a rejected version that is not the newest.
        dry_run: only say what would be done.
        seen: what somebody was shown; anything else is not done.

    Raises:
        UsageError: one of them is neither held nor rejected.
        UnknownNameError: there is no such asset or version.
    """

    def intend() -> Intent:
        standing = Standing(workspace)
        with workspace.ledger.session() as session:
            asked = [_look(session, standing, text) for text in references]
        lifts = tuple(
            dict.fromkeys(ended(hold) for one in asked if one.by_name for hold in standing.holds_of(one.key))
        )
        rejected = [one.version for one in asked if one.version is not None and one.failed]
        lifts += standing.lifts(rejected, lifts)
        for one in asked:
            if not one.failed and not any(one.key in (hold.name, hold.asset) for hold in lifts):
                raise UsageError(
                    f"{one.key} is neither held nor rejected in {workspace.env}",
                    hint=f"`assetflow explain {typed(one.key)} --env {workspace.env}` says how it stands",
                )
        new = [one for one in rejected if one.version != standing.version(one.name)]
        change = EnvironmentChange(
            env=workspace.env,
            how="accepted",
            moves=tuple(map(standing.move_to, new)),
            lifts=lifts,
            refused=(*standing.lost(new), *standing.pinned([one.name for one in new])),
            warnings=tuple(_words(one) for one in asked if one.failed),
            dry_run=dry_run,
        )
        checks = tuple(dict.fromkeys(check.fingerprint for one in asked for check in one.failed))
        action = Accepted(env=workspace.env, moves=change.moves, lifts=lifts, checks=checks)
        return Intent(change, standing.head, (action,))

    return carry_out(workspace, intend, seen)


def _look(session: Session, standing: Standing, text: str) -> _Asked:
    key, reference = split_reference(text)
    session.require_recorded(split_name(key)[0])
    if reference is not None:
        version: Recorded | None = find_version(session, key, reference, standing.env)
    else:
        version = _newest(session, key, standing.env) or standing.past.published.get(key)
    if version is None:
        return _Asked(key, None, (), by_name=reference is None)
    failed = session.blocking(version.asset, version.data_version, standing.past.accepted)
    return _Asked(key, version, failed, by_name=reference is None)


def _newest(session: Session, key: str, env: str) -> Recorded | None:
    """Return the newest version that was made in ``env``, where checks rejected it."""
    newest = session.newest_made(*split_name(key), env)
    if newest is None or not session.blocking(newest.asset, newest.data_version):
        return None
    require_data(session, [newest], env)
    return newest


def _words(asked: _Asked) -> str:
    names = ", ".join(dict.fromkeys(check.check for check in asked.failed))
    return f"{asked.key} is accepted although it failed {names}"
