"""Owns what a run keeps in memory for what comes next: held while it is written or read, let go when nobody needs it.

Knows nothing of why a task starts or ends. Called from the runner's own thread alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from assetflow.execution.shelf import Shelf
from assetflow.frames.content import Content
from assetflow.model.versions import Version


class HandOver:
    """The shelf, as one run uses it. ``upstream``: what each asset reads, whether or not the run makes it."""

    def __init__(self, shelf: Shelf, upstream: Mapping[str, Sequence[str]]) -> None:
        self._shelf = shelf
        self._upstream = upstream
        self._readers = Counter(parent for parents in upstream.values() for parent in parents)

    @property
    def is_full(self) -> bool:
        """Whether so much is held that nothing more should be started."""
        return self._shelf.is_full

    def being_written(self, version: Version, content: Content) -> None:
        """Hold a version's content until ``written``: nobody could read it from the store yet."""
        self._shelf.hold(version.data_version, content)

    def written(self, version: Version) -> None:
        """Let go of what ``being_written`` held."""
        self._shelf.release(version.data_version)

    def lend(self, versions: Iterable[Version | None]) -> tuple[str, ...]:
        """Hold those of a task's inputs that are still being written, for as long as the task may read them."""
        wanted = dict.fromkeys(version.data_version for version in versions if version is not None)
        return tuple(name for name in wanted if self._shelf.hold_again(name))

    def give_back(self, lent: Iterable[str]) -> None:
        """Let go of what ``lend`` held."""
        for name in lent:
            self._shelf.release(name)

    def settled(self, key: str, versions: Mapping[str, Version | None]) -> None:
        """Let go of what no later task reads, now that ``key`` has reached its state.

        ``versions``: of the asset and of what it reads.
        """
        for parent in self._upstream[key]:
            self._readers[parent] -= 1
        for name in (key, *self._upstream[key]):
            version = versions.get(name)
            if version is not None and not self._readers[name]:
                self._shelf.drop(version.data_version)

    def unsettled(self, key: str) -> None:
        """Take back that ``key`` has reached its state: it may read its inputs again."""
        for parent in self._upstream[key]:
            self._readers[parent] += 1
