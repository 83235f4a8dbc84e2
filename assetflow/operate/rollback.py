"""Owns rolling back: an environment's pointers go to where they were, and what brought them away is held off.

Answers from the ledger: no user code is imported, unless a selection asks for the graph.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from assetflow.errors import UnknownNameError, UsageError
from assetflow.ledger.records import Recorded
from assetflow.ledger.session import Session
from assetflow.model.actions import Hold, Materialized, Move, RolledBack
from assetflow.operate.environment_change import EnvironmentChange, Intent, Remark, carry_out
from assetflow.operate.past import Past
from assetflow.operate.planning import selected
from assetflow.operate.references import commit_of, forgotten_error
from assetflow.operate.workspace import Workspace
from assetflow.planning.holding import hold_of, lifted

HoldBack = Literal["auto", "all", "changed", "none"]
HOLD_BACK: tuple[HoldBack, ...] = ("auto", "all", "changed", "none")


@dataclass(frozen=True)
class _Target:
    """Where to go: the pointers as they were at ``commit``; or one asset to one version."""

    commit: int | None = None
    version: Recorded | None = None


@dataclass(frozen=True)
class _Step:
    """One pointer's way back. ``after`` is None where the asset had no version then."""

    before: Recorded | None
    after: Recorded | None

    @property
    def move(self) -> Move:
        known = self.after or self.before
        assert known is not None
        return Move(
            asset=known.asset,
            partition=known.partition,
            version=self.after.version if self.after else None,
            previous=self.before.version if self.before else None,
        )

    @property
    def changes_code(self) -> bool:
        """Whether what is left was made by other code, or with another config, than what comes back."""
        if self.before is None or self.after is None:
            return self.before is not None and isinstance(self.before.action, Materialized)
        return hold_of(self.before.action, "rolled_back") != hold_of(self.after.action, "rolled_back")


def rollback(
    workspace: Workspace,
    to: int | str | None = None,
    selection: str | None = None,
    *,
    exclude: str | None = None,
    hold: HoldBack = "auto",
    dry_run: bool = False,
) -> EnvironmentChange:
    """Move the pointers of the workspace's environment back, in one commit; run nothing.

    Args:
        workspace: the project, opened in the environment.
        to: a commit, a time, a run (as it left the environment), or a version (of one asset); None: before the last
            change that still stands.
        selection: which assets; None for all that would move.
        exclude: which not.
        hold: what is turned away from then on: by default the code and config that are left, where they differ; where
            nothing that moves differs in them, the data was the culprit, and all that moves is held.
        dry_run: only say what would be done.

    Raises:
        UsageError: there is nothing to go back to, or no such commit, run, version or time.
    """
    keys = selected(workspace, selection, exclude) if selection is not None or exclude is not None else None

    def intend() -> Intent:
        past = Past(workspace, ())
        with workspace.ledger.session() as session:
            head = session.head
            target = _target(session, workspace, to, keys)
            steps = _steps(session, workspace.env, target, keys)
            _require_kept(session, steps)
        pinned = [Remark(s.move.asset, "it is pinned") for s in steps if s.move.asset in past.pins]
        steps = [step for step in steps if step.move.asset not in past.pins]
        holds = tuple(_holds(steps, hold))
        lifts = tuple(
            end
            for step in steps
            if step.after is not None
            for end in lifted(past.turned_away.get(step.after.asset, ()), step.after.action)
            if not any(_same(end, begun) for begun in holds)
        )
        moves = tuple(step.move for step in steps)
        change = EnvironmentChange(
            env=workspace.env,
            how="rolled_back",
            moves=moves,
            holds=holds,
            lifts=lifts,
            refused=tuple(_lost(past, steps)),
            left_out=tuple(pinned),
            dry_run=dry_run,
        )
        action = RolledBack(env=workspace.env, to=target.commit, moves=moves, holds=holds, lifts=lifts)
        return Intent(change, head, (action,) if moves else ())

    return carry_out(workspace, intend)


def _target(
    session: Session, workspace: Workspace, to: int | str | None, keys: Collection[str] | None
) -> _Target:
    env = workspace.env
    if to is None:
        return _Target(_before_last_change(session, env, keys))
    if isinstance(to, str) and to.isdigit() and len(to) < _SHORTEST_VERSION:
        to = int(to)
    commit = commit_of(session, to)
    if commit is not None:
        return _Target(commit)
    try:
        run = session.find_run(str(to), workspace.store.live)
    except UnknownNameError as no_run:
        return _Target(version=_version(session, str(to), env, keys, no_run))
    if run.env != env:
        raise UsageError(
            f"run {run.run} was of {run.env}, not of {env}", hint="`assetflow runs` shows which run was where"
        )
    return _Target(session.last_commit_of(run.run))


def _before_last_change(session: Session, env: str, keys: Collection[str] | None) -> int:
    """Return the commit before the last change that still stands: what was rolled back does so no more."""
    change = session.last_change(env, None, keys)
    while change is not None and change.how == "rolled_back" and change.to is not None:
        change = session.last_change(env, change.to, keys)
    if change is None:
        raise UsageError(
            f"{env} has no earlier state to go back to", hint="`assetflow history ASSET` lists what was"
        )
    first = session.first_change_of(env, change.run) if change.run is not None else change.commit
    return first - 1


def _version(
    session: Session, prefix: str, env: str, keys: Collection[str] | None, no_run: UnknownNameError
) -> Recorded:
    try:
        found = session.find_version(prefix, next(iter(keys)) if keys and len(keys) == 1 else None)
    except UnknownNameError as error:
        if "beginning of" in str(error) or "beginning of" in str(no_run):
            raise
        raise UnknownNameError(
            f"{prefix!r} is no commit, time, run or version that {env} could go back to",
            hint="`assetflow runs` and `assetflow history ASSET` list them",
        ) from error
    if found.version not in session.published_versions(env, found.asset, found.partition):
        raise UsageError(
            f"{found.asset}@{found.version[:12]} was never published in {env}",
            hint=f"`assetflow promote` publishes it from where it is; `assetflow history {found.asset}` shows where",
        )
    return found


def _steps(session: Session, env: str, target: _Target, keys: Collection[str] | None) -> list[_Step]:
    now = session.own_pointers(env)
    if target.version is not None:
        then = {(target.version.asset, target.version.partition): target.version.version}
        places: Sequence[tuple[str, str]] = list(then)
    else:
        then = {place: pointer.version for place, pointer in session.own_pointers(env, target.commit).items()}
        places = list(dict.fromkeys([*now, *then]))
    chosen = [
        place
        for place in places
        if (keys is None or place[0] in keys)
        and (now[place].version if place in now else None) != then.get(place)
    ]
    ids = {then[place] for place in chosen if place in then}
    records = session.versions(ids | {now[place].version for place in chosen if place in now})
    steps = [
        _Step(
            records[now[place].version] if place in now else None,
            records[then[place]] if place in then else None,
        )
        for place in chosen
    ]
    return [step for step in steps if not _is_effect(step)]


def _require_kept(session: Session, steps: Sequence[_Step]) -> None:
    """Raise ForgottenError where the data that would come back were forgotten."""
    wanted = [step.after.version for step in steps if step.after is not None]
    for one in session.forgotten(wanted).values():
        raise forgotten_error(one)


def _holds(steps: Sequence[_Step], hold: HoldBack) -> list[Hold]:
    """Return what is turned away: per asset the code and config that are left."""
    changed = [step for step in steps if step.changes_code]
    everything = hold == "all" or (hold == "auto" and not changed)
    held = () if hold == "none" else steps if everything else changed
    return [hold_of(step.before.action, "rolled_back") for step in held if step.before is not None]


def _lost(past: Past, steps: Sequence[_Step]) -> list[Remark]:
    wanted = [step.after for step in steps if step.after is not None]
    lost = past.unsound(wanted)
    return [
        Remark(r.asset, f"the data of version {r.version[:12]} are gone or damaged")
        for r in wanted
        if r.version in lost
    ]


def _is_effect(step: _Step) -> bool:
    known = step.after or step.before
    return known is not None and isinstance(known.action, Materialized) and known.action.kind == "effect"


def _same(one: Hold, other: Hold) -> bool:
    return (one.asset, one.partition, one.code_version, one.config_hash) == (
        other.asset,
        other.partition,
        other.code_version,
        other.config_hash,
    )


_SHORTEST_VERSION = 8  # digits: fewer are a commit's number
