"""Owns adding keys to dynamic partitions, and listing them: they are on record in the store, for all environments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assetflow.errors import UnknownNameError, UsageError
from assetflow.keys import did_you_mean
from assetflow.model.actions import Action
from assetflow.model.commit import Commit
from assetflow.model.store import PartitionAdded
from assetflow.operate.log import log_writer
from assetflow.operate.workspace import Workspace
from assetflow.partitions.grid import GridScheme
from assetflow.partitions.named import DynamicScheme, key_problem
from assetflow.partitions.scheme import Scheme


def added_partitions(workspace: Workspace, name: str) -> tuple[str, ...]:
    """Return the keys of the dynamic partitions called ``name``, in the order that they were added.

    Raises:
        UnknownNameError: no asset is declared with such partitions.
    """
    _require_declared(workspace, name)
    with workspace.ledger.session() as session:
        return session.added_keys().get(name, ())


def add_partitions(workspace: Workspace, name: str, keys: Sequence[str]) -> tuple[str, ...]:
    """Add keys to the dynamic partitions called ``name``; return those that were not there, in one commit.

    Raises:
        UnknownNameError: no asset is declared with such partitions.
        UsageError: a key is none.
    """
    _require_declared(workspace, name)
    for key in keys:
        problem = key_problem(key)
        if problem is not None:
            raise UsageError(f"{key!r} is no key of a partition: {problem}")
    with workspace.ledger.session() as session:
        head, there = session.head, set(session.added_keys().get(name, ()))
    new = [key for key in dict.fromkeys(keys) if key not in there]

    def build(news: Sequence[Commit]) -> Sequence[Action] | None:
        added = {key for commit in news for action in commit.actions for key in _keys(action, name)}
        left = tuple(key for key in new if key not in added)
        return [PartitionAdded(name=name, keys=left)] if left else None

    if new:
        log_writer(workspace, head).commit(build)
    return tuple(new)


def _keys(action: Action, name: str) -> tuple[str, ...]:
    return action.keys if isinstance(action, PartitionAdded) and action.name == name else ()


def _require_declared(workspace: Workspace, name: str) -> None:
    declared = {
        one for spec in workspace.specs.values() if spec.partitions for one in _names(spec.partitions)
    }
    if name not in declared:
        hint = did_you_mean(name, declared) or f"declared: {', '.join(sorted(declared)) or 'none'}"
        raise UnknownNameError(f"no asset has dynamic partitions called {name!r}", hint=hint)


def _names(scheme: Scheme) -> Iterator[str]:
    if isinstance(scheme, DynamicScheme):
        yield scheme.name
    elif isinstance(scheme, GridScheme):
        for _, one in scheme.dimensions:
            yield from _names(one)
