"""Owns copying versions from one store to another: objects first, each verified, then what the log is to say of them.

What is there already is not copied again, so an interrupted transfer goes on where it ended.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from assetflow.execution.safekeeping import lists_of, names_of, with_names
from assetflow.ledger.records import Recorded
from assetflow.model.actions import Action
from assetflow.operate.workspace import Workspace
from assetflow.storage.objects import Objects, names_in, renamed

_AT_ONCE = 8


def copy_versions(
    source: Workspace, target: Workspace, records: Sequence[Recorded], damaged: Collection[str]
) -> tuple[Action, ...]:
    """Copy all that these versions need, and return the actions that put them on record in the target's log.

    These are the versions, and what checks said of them, that the target does not have. ``damaged``: objects of the
    target that are known not to be what they were.

    Raises:
        DamagedError: an object of the source is missing, or not what it was.
        StoreError: a store cannot be read or written.
    """
    data = [(recorded.asset, recorded.data_version) for recorded in records]
    ids = [recorded.version for recorded in records]
    with source.ledger.session() as session:
        evaluations = session.verdicts(data)
    with target.ledger.session() as session:
        known = session.versions(ids).keys() - session.forgotten(ids).keys()
        judged = {(one.asset, one.data_version, one.fingerprint) for one in session.verdicts(data)}
        target.store.objects.forget(session.forgotten_objects())
    copies = _Copies(source.store.objects, target.store.objects, damaged)
    actions: list[Action] = [*(recorded.action for recorded in records), *evaluations]
    copies.take(actions)
    new: list[Action] = [recorded.action for recorded in records if recorded.version not in known]
    new += [one for one in evaluations if (one.asset, one.data_version, one.fingerprint) not in judged]
    return tuple(with_names(action, copies.names) for action in new)


class _Copies:
    """What was copied. ``names``: those that objects have in the target, by those in the source."""

    def __init__(self, source: Objects, target: Objects, damaged: Collection[str]) -> None:
        self._source = source
        self._target = target
        self._damaged = damaged
        self.names: dict[str, str] = {}

    def take(self, actions: Iterable[Action]) -> None:
        """Copy all objects that ``actions`` name, and those that the lists among these name: such lists come last."""
        named: dict[str, None] = {}
        lists: dict[str, bytes] = {}
        for action in actions:
            named.update(dict.fromkeys(names_of(action)))
            lists |= {name: bytes(self._source.read(name)) for name in lists_of(action) - lists.keys()}
        for data in lists.values():
            named.update(dict.fromkeys(names_in(data.decode())))
        self._copy([name for name in named if name not in lists])
        for name, data in lists.items():
            self.names[name] = self._target.put(renamed(data, self.names), name.rpartition(".")[2])

    def _copy(self, names: Sequence[str]) -> None:
        missing = self._target.missing(names)
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="assetflow-copy") as pool:
            self.names.update(zip(names, pool.map(lambda name: self._one(name, missing), names), strict=True))

    def _one(self, name: str, missing: frozenset[str]) -> str:
        if not (name in missing or name in self._damaged or name in self._target.forgotten):
            return name
        copy, _ = self._target.put_stream(self._source.chunks(name), name.rpartition(".")[2])
        self._target.sync([copy])
        return copy
