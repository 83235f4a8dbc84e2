"""Owns rolling back: an environment's pointers go to where they were, and what brought them away is held off.

Answers from the ledger: no user code is imported, unless a selection asks for the graph.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from assetflow.errors import UnknownNameError, UsageError
from assetflow.keys import name_of
from assetflow.ledger.records import Recorded
from assetflow.ledger.session import Session
from assetflow.model.environments import Hold, Move, RolledBack
from assetflow.model.versions import Materialized
from assetflow.operate.environment_change import EnvironmentChange, Intent, carry_out
from assetflow.operate.planning import selected
from assetflow.operate.references import commit_of, forgotten_error
from assetflow.operate.standing import Standing
from assetflow.operate.workspace import Workspace
from assetflow.planning.holding import hold_of

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

    asset: str
    partition: str
    before: Recorded | None
    after: Recorded | None

    @property
    def name(self) -> str:
        """The name (``keys.name_of``) of the asset or partition."""
        return name_of(self.asset, self.partition)

    @property
    def move(self) -> Move:
        return Move(
            asset=self.asset,
            partition=self.partition,
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
    seen: EnvironmentChange | None = None,
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
        seen: what somebody was shown; anything else is not done.

    Raises:
        UsageError: there is nothing to go back to, or no such commit, run, version or time.
        ForgottenError: data to go back to are no longer kept.
    """
    keys = selected(workspace, selection, exclude) if selection is not None or exclude is not None else None

    def intend() -> Intent:
        standing = Standing(workspace)
        with workspace.ledger.session() as session:
            target = _target(session, workspace, to, keys)
            steps = _steps(session, workspace.env, target, keys)
        pinned = tuple(standing.pinned([step.name for step in steps]))
        steps = [step for step in steps if step.name not in standing.past.pins]
        back = [step.after for step in steps if step.after is not None]
        moves = tuple(step.move for step in steps)
        holds = tuple(_holds(steps, hold))
        change = EnvironmentChange(
            env=workspace.env,
            how="rolled_back",
            moves=moves,
            holds=holds,
            lifts=standing.lifts(back, holds),
            refused=tuple(standing.lost(back)),
            left_out=pinned,
            dry_run=dry_run,
        )
        action = RolledBack(env=workspace.env, to=target.commit, moves=moves, holds=holds, lifts=change.lifts)
        return Intent(change, standing.head, (action,) if moves else ())

    return carry_out(workspace, intend, seen)


def _target(
    session: Session, workspace: Workspace, to: int | str | None, keys: Collection[str] | None
) -> _Target:
    if to is None:
        return _Target(_before_last_change(session, workspace.env, keys))
    if isinstance(to, str) and to.isdigit() and len(to) < _SHORTEST_VERSION:
        to = int(to)
    run = _run(session, to, workspace.env) if isinstance(to, str) else None
    if run is not None:  # before times: the beginning of a run's id looks like one
        return _Target(session.last_commit_of(run))
    commit = commit_of(session, to)
    if commit is not None:
        return _Target(commit)
    return _Target(version=_version(session, str(to), workspace.env, keys))


def _run(session: Session, text: str, env: str) -> str | None:
    """Return the run whose id begins so; None where none does."""
    runs = session.runs_beginning(text)
    if not runs:
        return None
    if len(runs) > 1:
        raise UnknownNameError(
            f"{text!r} is the beginning of {len(runs)} runs: {', '.join(list(runs)[:5])}",
            hint="give more of the id",
        )
    (run, where) = next(iter(runs.items()))
    if where != env:
        raise UsageError(
            f"run {run} was of {where}, not of {env}",
            hint=f"`assetflow runs --env {env}` shows which run was where",
        )
    return run


def _before_last_change(session: Session, env: str, keys: Collection[str] | None) -> int:
    """Return the commit before the last change that still stands: what was rolled back does so no more."""
    change = session.last_change(env, None, keys)
    while change is not None and change.how == "rolled_back" and change.to is not None:
        change = session.last_change(env, change.to, keys)
    if change is None:
        raise UsageError(
            f"{env} has no earlier state to go back to",
            hint=f"`assetflow history ASSET --env {env}` lists what was",
        )
    first = session.first_change_of(env, change.run) if change.run is not None else change.commit
    return first - 1


def _version(session: Session, prefix: str, env: str, keys: Collection[str] | None) -> Recorded:
    if not _DIGITS.fullmatch(prefix):
        raise UnknownNameError(
            f"{prefix!r} is no commit, time, run or version that {env} could go back to",
            hint=f"`assetflow runs --env {env}` and `assetflow history ASSET --env {env}` list them",
        )
    found = session.find_version(prefix, next(iter(keys)) if keys and len(keys) == 1 else None)
    if found.version not in session.published_versions(env, found.asset, found.partition):
        raise UsageError(
            f"{found.asset}@{found.version[:12]} was never published in {env}",
            hint="`assetflow promote` publishes it from where it is; "
            f"`assetflow history {found.asset} --env {env}` shows where",
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
            *place,
            records[now[place].version] if place in now else None,
            records[then[place]] if place in then else None,
        )
        for place in chosen
    ]
    _require_data(session, env, target, steps)
    return [step for step in steps if not _is_effect(step)]


def _require_data(session: Session, env: str, target: _Target, steps: Sequence[_Step]) -> None:
    """Raise ForgottenError, with a way round, where data to go back to are no longer kept."""
    forgotten = session.forgotten([step.after.version for step in steps if step.after is not None])
    if not forgotten:
        return
    keys = sorted({one.asset for one in forgotten.values()})
    elsewhere = f"name another state or version by --to: `assetflow history {keys[0]} --env {env}` lists them"
    leaving_out = "".join(f" --exclude {key}" for key in keys)
    error = forgotten_error(next(iter(forgotten.values())), env)
    error.hint = elsewhere if target.version else f"{elsewhere}; or go back without it:{leaving_out}"
    raise error


def _holds(steps: Sequence[_Step], hold: HoldBack) -> list[Hold]:
    """Return what is turned away: per asset the code and config that are left.

    That a partition is new tells nothing of the code where other partitions of its asset go back to what they were.
    """
    changed = [step for step in steps if step.changes_code]
    known = {step.asset for step in steps if step.after is not None}
    is_code = any(step.after is not None or step.asset not in known for step in changed)
    everything = hold == "all" or (hold == "auto" and not is_code)
    held = () if hold == "none" else steps if everything else changed
    return [hold_of(step.before.action, "rolled_back") for step in held if step.before is not None]


def _is_effect(step: _Step) -> bool:
    known = step.after or step.before
    return known is not None and isinstance(known.action, Materialized) and known.action.kind == "effect"


_SHORTEST_VERSION = 8  # digits: fewer are a commit's number
_DIGITS = re.compile(r"[0-9a-f]+")
