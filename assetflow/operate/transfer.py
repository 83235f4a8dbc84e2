"""Owns copying versions from one store to another: objects first, each verified, then what the log is to say of them.

What is there already is not copied again, so an interrupted transfer goes on where it ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from assetflow.ledger.records import Recorded
from assetflow.model.actions import Action, CheckEvaluated, Materialized
from assetflow.model.manifest import Manifest, ManifestRef
from assetflow.operate.code_state import read_tree
from assetflow.operate.workspace import Workspace
from assetflow.storage import artifacts
from assetflow.storage.objects import Objects

_AT_ONCE = 8


def copy_versions(source: Workspace, target: Workspace, records: Sequence[Recorded]) -> tuple[Action, ...]:
    """Copy all that these versions need, and return the actions that put them on record in the target's log.

    Raises:
        DamagedError: an object of the source is missing, or not what it was.
        StoreError: a store cannot be read or written.
    """
    evaluations = _evaluations(source, records)
    with target.ledger.session() as session:
        known = session.versions([recorded.version for recorded in records])
    new = [recorded for recorded in records if recorded.version not in known]
    objects = source.store.objects
    names = list(dict.fromkeys(name for recorded in records for name in _needed(recorded, objects)))
    names += [name for one in evaluations for name in _cases(one, objects)]
    _copy(objects, target.store.objects, names)
    return (*(recorded.action for recorded in new), *evaluations)


def _copy(source: Objects, target: Objects, names: Iterable[str]) -> None:
    missing = sorted(target.missing(set(names)))

    def copy(name: str) -> None:
        target.put(source.read(name), name.rpartition(".")[2])
        target.sync([name])

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="assetflow-copy") as pool:
        for _ in pool.map(copy, missing):
            pass


def _evaluations(source: Workspace, records: Sequence[Recorded]) -> list[CheckEvaluated]:
    with source.ledger.session() as session:
        return session.verdicts([(recorded.asset, recorded.data_version) for recorded in records])


def _needed(recorded: Recorded, objects: Objects) -> Iterator[str]:
    """Yield the objects that a version needs: its parts, its code, what it printed."""
    yield from _of_manifest(recorded.manifest, objects)
    action = recorded.action
    if action.log is not None:
        yield action.log
    if isinstance(action, Materialized) and action.tree is not None:
        yield action.tree
        yield from read_tree(objects, action.tree).values()


def _cases(evaluated: CheckEvaluated, objects: Objects) -> Iterator[str]:
    for verdict in evaluated.verdicts:
        yield from _of_manifest(verdict.cases, objects)


def _of_manifest(manifest: Manifest | ManifestRef | None, objects: Objects) -> Iterator[str]:
    if isinstance(manifest, ManifestRef):
        yield manifest.object
        manifest = artifacts.resolve(manifest, objects)
    if manifest is not None:
        yield from manifest.objects
