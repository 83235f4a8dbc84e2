"""Owns what becomes of a run's results when `gc` or `forget` forgot, while it ran, what they rely on.

The run stored an object, or found it stored and did not store it again; meanwhile a commit forgot its name, and it may
be deleted at any time. So it is stored once more, under a name that nobody forgot, before a commit names it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from assetflow.errors import DamagedError
from assetflow.model.actions import Action
from assetflow.model.commit import Commit
from assetflow.model.manifest import ManifestRef
from assetflow.model.runs import RunStarted
from assetflow.model.store import Forgotten
from assetflow.model.verdicts import CheckEvaluated
from assetflow.model.versions import Materialized, SourceObserved, Version
from assetflow.storage.objects import Objects, names_in, renamed

A = TypeVar("A", bound=Action)


class Safekeeping:
    """Makes what a run is about to commit safe from all that was forgotten since the run planned.

    ``objects`` knows which names were forgotten: whoever reads the log tells it.
    """

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._forgotten: set[str] = set()
        self._stays: dict[tuple[str, bool], str] = {}  # what was looked at since something was last forgotten
        self._is_needed = False

    def learn(self, commit: Commit) -> None:
        """Take in what another writer committed since the run planned."""
        for action in commit.actions:
            if isinstance(action, Forgotten):
                self._is_needed = True
                self._stays.clear()
                self._forgotten.update(one.version for one in action.versions)
            elif isinstance(action, Materialized | SourceObserved):
                self._forgotten.discard(action.version)

    def kept(
        self, actions: Sequence[Action], publish: Sequence[Version]
    ) -> tuple[tuple[Action, ...], tuple[Version, ...]]:
        """Return actions, and the versions to publish with them, that rely on nothing that was forgotten.

        A version that is on record, and forgotten, is put on record again, so that it may be published.

        Raises:
            DamagedError: an object that is needed is deleted already.
        """
        if not self._is_needed:
            return tuple(actions), tuple(publish)
        again = tuple(self.action(action) for action in actions)
        made = {one.version: one for one in again if isinstance(one, Materialized | SourceObserved)}
        for version in publish:
            if version.version in self._forgotten and version.version not in made:
                made[version.version] = self.action(version)
                again = (made[version.version], *again)
        return again, tuple(made.get(version.version, version) for version in publish)

    def action(self, action: A) -> A:
        """Return an action that names only objects that stay; raise DamagedError where one is deleted already."""
        if not self._is_needed:
            return action
        lists = lists_of(action)
        return with_names(
            action, {name: self._again(name, is_list=name in lists) for name in names_of(action)}
        )

    def _again(self, name: str, *, is_list: bool = False) -> str:
        """Return the name under which an object stays, having stored it again if need be; each is looked at once."""
        if not (is_list or name in self._objects.forgotten):
            return name
        place = name, is_list
        if place not in self._stays:
            self._stays[place] = self._stored_again(name, is_list=is_list)
        return self._stays[place]

    def _stored_again(self, name: str, *, is_list: bool) -> str:
        objects = self._objects
        is_forgotten = name in objects.forgotten
        try:
            data = objects.read(name)
        except DamagedError:
            if is_forgotten:
                raise
            return name  # its damage has another cause, and is found by who reads it
        if is_list:
            names = {one: self._again(one) for one in names_in(bytes(data).decode())}
            if not is_forgotten and all(one == again for one, again in names.items()):
                return name
            data = renamed(data, names)
        return objects.put(data, name.rpartition(".")[2])


def names_of(action: Action) -> frozenset[str]:
    """Return the objects that an action names."""
    return names_in(json.dumps(action.model_dump(mode="json")))


def with_names(action: A, names: Mapping[str, str]) -> A:
    """Return ``action`` with the objects that it names called as ``names`` says."""
    if all(name == again for name, again in names.items()):
        return action
    return type(action).model_validate(_renamed(action.model_dump(mode="json"), names))


def lists_of(action: Action) -> frozenset[str]:
    """Return the objects of an action that themselves hold names of objects: lists of parts, and of code."""
    found: list[str | None] = []
    if isinstance(action, Materialized | RunStarted):
        found.append(action.tree)
    if isinstance(action, Materialized | SourceObserved) and isinstance(action.manifest, ManifestRef):
        found.append(action.manifest.object)
    if isinstance(action, CheckEvaluated):
        cases = (verdict.cases for verdict in action.verdicts)
        found += [one.object for one in cases if isinstance(one, ManifestRef)]
    return frozenset(name for name in found if name is not None)


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, dict):
        return {key: _renamed(item, names) for key, item in value.items()}
    return [_renamed(item, names) for item in value] if isinstance(value, list) else value
