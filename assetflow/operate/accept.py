"""Owns accepting: somebody answers for what an environment turned away, or for what failed its checks."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from assetflow.errors import UsageError
from assetflow.ledger.records import Recorded
from assetflow.ledger.session import Session
from assetflow.model.actions import Accepted, CheckEvaluated, Hold, Move
from assetflow.operate.environment_change import EnvironmentChange, Intent, Remark, carry_out
from assetflow.operate.past import Past
from assetflow.operate.references import find_version, split_reference
from assetflow.operate.workspace import Workspace
from assetflow.planning.holding import ended


def accept(workspace: Workspace, references: Sequence[str], *, dry_run: bool = False) -> EnvironmentChange:
    """Lift what holds these assets back, and publish their newest version where checks rejected it.

    Args:
        workspace: the project, opened in the environment.
        references: assets, or ``key@version`` for a rejected version that is not the newest.
        dry_run: only say what would be done.

    Raises:
        UsageError: one of them is neither held nor rejected.
        UnknownNameError: there is no such asset or version.
    """

    def intend() -> Intent:
        past = Past(workspace, ())
        with workspace.ledger.session() as session:
            asked = [_Asked(session, workspace.env, past, text) for text in references]
        for one in asked:
            one.require_something()
        moves = tuple(move for one in asked for move in one.moves)
        lifts = tuple(end for one in asked for end in one.lifts)
        lost = past.unsound([one.rejected for one in asked if one.rejected is not None])
        change = EnvironmentChange(
            env=workspace.env,
            how="accepted",
            moves=moves,
            lifts=lifts,
            refused=tuple(
                Remark(move.asset, "the data of that version are gone or damaged")
                for move in moves
                if move.version in lost
            ),
            warnings=tuple(one.words for one in asked if one.words),
            dry_run=dry_run,
        )
        checks = tuple(dict.fromkeys(check.fingerprint for one in asked for check in one.failed))
        action = Accepted(env=workspace.env, moves=moves, lifts=lifts, checks=checks)
        return Intent(change, past.commit, (action,))

    return carry_out(workspace, intend)


class _Asked:
    """What is to be accepted of one asset."""

    def __init__(self, session: Session, env: str, past: Past, text: str) -> None:
        self.key, reference = split_reference(text)
        session.require_recorded(self.key)
        self._env = env
        self._published = past.published.get(self.key)
        self.lifts: tuple[Hold, ...] = ()
        if reference is None:
            self.lifts = tuple(ended(hold) for hold in past.turned_away.get(self.key, ()))
            candidate = _newest(session, self.key, env) or self._published
        else:
            candidate = find_version(session, self.key, reference, env)
        self.failed = _failed(session, candidate, past.accepted)
        self.rejected: Recorded | None = candidate if self.failed else None

    @property
    def moves(self) -> tuple[Move, ...]:
        """The pointer's way to the rejected version, where it is not there already."""
        before = self._published.version if self._published else None
        if self.rejected is None or self.rejected.version == before:
            return ()
        return (
            Move(
                asset=self.key,
                partition=self.rejected.partition,
                version=self.rejected.version,
                previous=before,
            ),
        )

    @property
    def words(self) -> str:
        """What is accepted although it failed."""
        names = ", ".join(dict.fromkeys(check.check for check in self.failed))
        return f"{self.key} is accepted although it failed {names}" if names else ""

    def require_something(self) -> None:
        """Raise UsageError where there is nothing to accept."""
        if not self.lifts and not self.failed:
            raise UsageError(
                f"{self.key} is neither held nor rejected in {self._env}",
                hint=f"`assetflow status {self.key}` says how it stands",
            )


def _newest(session: Session, key: str, env: str) -> Recorded | None:
    """Return the newest version that was made in ``env``, where checks rejected it."""
    newest = next((entry for entry in session.history(key, 20) if entry.env == env), None)
    if newest is None or newest.passed is not False:
        return None
    return session.versions([newest.version])[newest.version]


def _failed(
    session: Session, recorded: Recorded | None, accepted: Collection[str]
) -> tuple[CheckEvaluated, ...]:
    """Return the last evaluation of each check that blocks the version."""
    if recorded is None:
        return ()
    latest = {one.check: one for one in session.verdicts([(recorded.asset, recorded.data_version)])}
    return tuple(one for one in latest.values() if not one.passed and one.fingerprint not in accepted)
