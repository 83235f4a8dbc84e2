"""Owns environments as a whole: which there are, how two differ, making one from another, ending one."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from assetflow.errors import UnknownNameError, UsageError
from assetflow.keys import did_you_mean, name_of
from assetflow.ledger.pointers import Pointer, TurnedAway
from assetflow.ledger.records import Recorded
from assetflow.model.environments import EnvironmentCreated, EnvironmentDeleted, Move, Unpinned
from assetflow.operate.environment_change import EnvironmentChange, Intent, carry_out
from assetflow.operate.references import Opened
from assetflow.operate.workspace import Workspace
from assetflow.planning.holding import ended
from assetflow.settings.environment_table import add_environment, require_name


@dataclass(frozen=True)
class PointerDifference:
    """An asset of which two environments publish other versions; None where one publishes none.

    ``same_data``: whether the data are equal all the same.
    """

    key: str
    partition: str
    before: str | None
    after: str | None
    rows_before: int | None
    rows_after: int | None
    since_before: str | None
    since_after: str | None
    same_data: bool


@dataclass(frozen=True)
class EnvironmentDifference:
    """How what ``after`` publishes differs from what ``before`` does.

    ``equal``: number of assets and partitions of which it does not; ``equal_partitions``: of partitions among them.
    """

    before: str
    after: str
    differences: tuple[PointerDifference, ...]
    equal: int
    equal_partitions: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return asdict(self)


@dataclass(frozen=True)
class Restraints:
    """What an environment does not do by itself: versions by name that are pinned; code that was turned away."""

    pinned: dict[str, str]
    turned_away: tuple[TurnedAway, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return asdict(self)


def restraints(workspace: Workspace) -> Restraints:
    """Return what the workspace's environment is held back from. Imports no user code."""
    with workspace.ledger.session() as session:
        pinned = {name_of(*place): version for place, version in session.pins(workspace.env).items()}
        return Restraints(pinned, tuple(session.turned_away(workspace.env)))


def difference(before: Workspace, after: Workspace) -> EnvironmentDifference:
    """Compare what two environments publish; their stores may differ. Imports no user code."""
    if before.env == after.env:
        raise UsageError(f"{before.env} is compared with itself", hint="name another environment")
    (then, old), (now, new) = _published(before), _published(after)
    differences = []
    equal: list[tuple[str, str]] = []
    for place in sorted({*then, *now}):
        one, other = then.get(place), now.get(place)
        if one and other and one.version == other.version:
            equal.append(place)
            continue
        first, second = (old[one.version] if one else None), (new[other.version] if other else None)
        differences.append(
            PointerDifference(
                *place,
                one.version if one else None,
                other.version if other else None,
                first.rows if first else None,
                second.rows if second else None,
                one.since if one else None,
                other.since if other else None,
                bool(first and second and first.data_version == second.data_version),
            )
        )
    return EnvironmentDifference(
        before.env, after.env, tuple(differences), len(equal), sum(bool(partition) for _, partition in equal)
    )


def create(workspace: Workspace, name: str, origin: str | None, opened: Opened) -> EnvironmentChange:
    """Make an environment ``name`` in the workspace's store, with the pointers of ``origin`` (None: with none).

    Its settings, where the project has a file of them and they do not name it, are those of ``origin``, or of the
    workspace's environment: they are added to the file.

    ``opened`` gives the project in another environment.

    Raises:
        UsageError: there is one of this name that publishes something, or has another store; or the name is none.
        UnknownNameError: there is no environment ``origin``.
    """
    require_name(name)
    if name in workspace.settings.environments and opened(name).store.url != workspace.store.url:
        raise UsageError(
            f"the settings give {name} a store of its own, {opened(name).store.url}",
            hint=f"`assetflow promote {origin or workspace.env} {name}` publishes there",
        )

    def intend() -> Intent:
        with workspace.ledger.session() as session:
            head = session.head
            known = session.environments()
            _require(workspace, known, origin)
            taken = name in known and session.own_pointers(name)
            pointers = session.pointers(origin).values() if origin is not None else ()
        if taken:
            raise UsageError(
                f"there is an environment {name!r}, which publishes {len(taken)} assets",
                hint=f"choose another name, or end it: `assetflow env delete {name}`",
            )
        moves = tuple(
            Move(asset=pointer.asset, partition=pointer.partition, version=pointer.version)
            for pointer in pointers
        )
        change = EnvironmentChange(env=name, how="environment_created", moves=moves)
        return Intent(change, head, (EnvironmentCreated(env=name, origin=origin, moves=moves),))

    done = carry_out(workspace, intend)
    added = add_environment(workspace.settings, name, origin or workspace.env)
    return done if added is None else replace(done, warnings=(added,))


def delete(
    workspace: Workspace, *, dry_run: bool = False, seen: EnvironmentChange | None = None
) -> EnvironmentChange:
    """End the workspace's environment: it publishes nothing any more, and nothing is pinned or turned away in it.

    Its versions stay until `gc`; no other environment changes. ``seen``: what somebody was shown; anything else is
    not done.

    Raises:
        UsageError: another environment defers to it.
        UnknownNameError: nothing is on record of it.
    """
    env = workspace.env
    is_named = workspace.settings.file is not None and env in workspace.settings.environments
    leaning = [name for name, chain in workspace.settings.defers.items() if env in chain]
    if leaning:
        raise UsageError(
            f"{', '.join(leaning)} defers to {env}",
            hint=f"take `defer` out of its settings before {env} ends",
        )

    def intend() -> Intent:
        with workspace.ledger.session() as session:
            head = session.head
            if env not in session.environments():
                raise UnknownNameError(f"nothing is on record of an environment {env!r}")
            pointers = session.own_pointers(env).values()
            pins = session.pins(env)
            lifts = tuple(ended(hold) for hold in session.turned_away(env))
        moves = tuple(
            Move(asset=one.asset, partition=one.partition, version=None, previous=one.version)
            for one in pointers
        )
        change = EnvironmentChange(
            env=env,
            how="environment_deleted",
            moves=moves,
            lifts=lifts,
            warnings=(f"its settings stay in {workspace.settings.file}",) if is_named else (),
            dry_run=dry_run,
        )
        unpinned = (Unpinned(env=env, asset=asset, partition=partition) for asset, partition in pins)
        return Intent(change, head, (*unpinned, EnvironmentDeleted(env=env, moves=moves, lifts=lifts)))

    return carry_out(workspace, intend, seen)


def _published(workspace: Workspace) -> tuple[dict[tuple[str, str], Pointer], dict[str, Recorded]]:
    with workspace.ledger.session() as session:
        pointers = session.pointers(workspace.env)
        return pointers, session.versions({pointer.version for pointer in pointers.values()})


def _require(workspace: Workspace, known: list[str], origin: str | None) -> None:
    names = [*workspace.settings.environments, *known]
    if origin is not None and origin not in names:
        raise UnknownNameError(
            f"there is no environment {origin!r}",
            hint=did_you_mean(origin, names) or f"there are {', '.join(dict.fromkeys(names))}",
        )
