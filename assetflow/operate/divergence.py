"""Owns where two histories of one asset part: a good version and a bad one, followed up through what they are made of.

By records and kept code alone. Knows nothing of why the bad one is bad.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from assetflow.ledger.records import Recorded
from assetflow.ledger.session import Session
from assetflow.model.actions import Failed, Materialized, SourceObserved
from assetflow.model.recipe import Recipe
from assetflow.operate.comparison import CodeChange, code_changes
from assetflow.operate.kept_code import KeptCode
from assetflow.planning.reasons import (
    config_differences,
    declared_differences,
    outside_differences,
    reads_otherwise,
    recorded_source_differences,
)
from assetflow.storage.objects import Objects

Kind = Literal["code", "config", "source", "data", "outside", "input"]


@dataclass(frozen=True)
class Side:
    """A version, or an attempt at one that failed (``version`` is None): what is on record of what decided it."""

    asset: str
    time: str
    run: str
    recorded: Recorded | None = None
    failed: Failed | None = None

    @property
    def version(self) -> str | None:
        """The version's id."""
        return self.recorded.version if self.recorded is not None else None

    @property
    def recipe(self) -> Recipe | None:
        """What decided it; None for a source, and where an older release did not record it."""
        if self.failed is not None:
            return self.failed.recipe
        return (
            self.recorded.action.recipe
            if self.recorded and isinstance(self.recorded.action, Materialized)
            else None
        )

    @property
    def tree(self) -> str | None:
        """The object that lists its code."""
        if self.failed is not None:
            return self.failed.tree
        return (
            self.recorded.action.tree
            if self.recorded and isinstance(self.recorded.action, Materialized)
            else None
        )

    @property
    def observed(self) -> SourceObserved | None:
        """What was read of a source."""
        action = self.recorded.action if self.recorded is not None else None
        return action if isinstance(action, SourceObserved) else None

    @property
    def name(self) -> str:
        """What a diff calls it."""
        return self.version[:12] if self.version is not None else "failed"


@dataclass(frozen=True)
class Node:
    """One asset on both sides. ``path``: from it down to the asset that is bad."""

    good: Side
    bad: Side
    path: tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """One thing in which the two histories differ, and where it began.

    ``kind``: ``code`` (with all that is declared in it), ``config`` (one ``field``), ``source`` (its files), ``data``
    (other data of the same recipe), ``outside`` (resources, a token), ``input`` (what is not on record).
    ``path``: from ``asset`` down to the asset that is bad.
    """

    asset: str
    kind: Kind
    path: tuple[str, ...]
    words: tuple[str, ...]
    good_version: str | None
    bad_version: str | None
    field: str | None = None
    code_changes: tuple[CodeChange, ...] = ()

    @property
    def distance(self) -> int:
        """How many steps lie between."""
        return len(self.path) - 1


NodeName = tuple[str, str | None, str | None]
"""Asset, good version, bad version."""


@dataclass(frozen=True)
class Divergence:
    """What two histories were compared at: nodes that are not the same on both sides, nearest first.

    ``lost``: by node, what differs above it and is not on record.
    """

    nodes: Mapping[NodeName, Node]
    lost: Mapping[NodeName, tuple[Difference, ...]]


def side_of(recorded: Recorded) -> Side:
    """Return a version as one side."""
    return Side(recorded.asset, recorded.time, recorded.action.run, recorded)


def diverge(
    session: Session, good: Side, bad: Side, more: Mapping[str, tuple[str | None, str]]
) -> Divergence:
    """Follow two sides of one asset upstream, wherever what was read of an input differs.

    ``more``: data versions of other assets that decided about it (what its checks read), on either side.
    """
    nodes: dict[NodeName, Node] = {}
    lost: dict[NodeName, tuple[Difference, ...]] = {}
    ahead = deque([Node(good, bad, (good.asset,))])
    while ahead:
        node = ahead.popleft()
        name = (node.good.asset, node.good.version, node.bad.version)
        if name in nodes:
            continue
        pairs = _Pairs(session, node)
        ahead += pairs.above(more if not nodes else {})
        nodes[name] = node
        lost[name] = tuple(pairs.lost)
    return Divergence(nodes, lost)


def differences(divergence: Divergence, objects: Objects) -> list[Difference]:
    """Return every difference with where it began, nearest first; reads kept code from the store."""
    found: list[Difference] = []
    kept = KeptCode(objects)
    for name, node in divergence.nodes.items():
        found += [*_own(node, kept), *divergence.lost[name]]
    return found


def _own(node: Node, kept: KeptCode) -> Iterator[Difference]:
    """Yield the differences that began at this very asset."""
    good, bad = node.good, node.bad
    if good.observed is not None and bad.observed is not None:
        words = recorded_source_differences(good.observed, bad.observed)
        yield _difference(node, "source", words or ["its rows changed"])
        return
    before, after = good.recipe, bad.recipe
    if before is None or after is None:
        if bad.failed is not None and after is None:
            why = "its code and config are not on record: the attempt was made by an older release"
            yield _difference(node, "input", [why])
        return
    declared = declared_differences(before, after)
    if declared:
        changes = code_changes(
            before, after, kept.texts(good.tree), kept.texts(bad.tree), (good.name, bad.name)
        )
        yield _difference(node, "code", declared, changes=changes)
    for field, told in _config_words(before, after):
        yield _difference(node, "config", [f"config {told}"], field=field)
    for told in outside_differences(before, after):
        yield _difference(node, "outside", [told])
    if bad.recorded is not None and good.recorded is not None and _is_by_chance(good.recorded, bad.recorded):
        yield _difference(
            node, "data", ["the same code, config and inputs gave other data: it is not deterministic"]
        )


def _config_words(before: Recipe, after: Recipe) -> list[tuple[str | None, str]]:
    if before.config_hash == after.config_hash:
        return []
    fields = config_differences(before, after)
    return list(fields.items()) or [(None, "changed, in what is not on record")]


def _is_by_chance(good: Recorded, bad: Recorded) -> bool:
    return good.fingerprint == bad.fingerprint and good.data_version != bad.data_version


def _difference(
    node: Node,
    kind: Kind,
    words: list[str],
    *,
    field: str | None = None,
    changes: tuple[CodeChange, ...] = (),
) -> Difference:
    return Difference(
        asset=node.good.asset,
        kind=kind,
        path=node.path,
        words=tuple(words),
        good_version=node.good.version,
        bad_version=node.bad.version,
        field=field,
        code_changes=changes,
    )


class _Pairs:
    """The inputs of one node that differ, as nodes above it; ``lost``: what differs and is not on record."""

    def __init__(self, session: Session, node: Node) -> None:
        self._session = session
        self._node = node
        self.lost: list[Difference] = []

    def above(self, more: Mapping[str, tuple[str | None, str]]) -> list[Node]:
        before, after = self._node.good.recipe, self._node.bad.recipe
        nodes: list[Node] = []
        if before is not None and after is not None:
            nodes += self._inputs(before, after)
            nodes += self._by_data(dict(before.deps), dict(after.deps))
        elif before is not None and self._node.bad.failed is not None:
            nodes += self._of_old_failure(before, dict(self._node.bad.failed.inputs))
        one, other = ({asset: pair[which] for asset, pair in more.items()} for which in (0, 1))
        nodes += self._by_data({asset: version for asset, version in one.items() if version}, other)
        return nodes

    def _inputs(self, before: Recipe, after: Recipe) -> Iterator[Node]:
        old = {item.asset: item for item in before.inputs}
        for item in after.inputs:
            if item.asset in old and reads_otherwise(old[item.asset], item):
                yield from self._pair(item.asset, old[item.asset].version, item.version)

    def _of_old_failure(self, before: Recipe, versions: Mapping[str, str]) -> Iterator[Node]:
        for item in before.inputs:
            if versions.get(item.asset) != item.version:
                yield from self._pair(item.asset, item.version, versions.get(item.asset))

    def _by_data(self, before: Mapping[str, str | None], after: Mapping[str, str | None]) -> Iterator[Node]:
        """Pair assets of which only the data versions are on record."""
        for asset, other in after.items():
            one = before.get(asset)
            if asset in before and one != other:
                yield from self._pair(asset, self._version(asset, one), self._version(asset, other))

    def _version(self, asset: str, data_version: str | None) -> str | None:
        entries = self._session.history(asset) if data_version is not None else []
        return next((entry.version for entry in entries if entry.data_version == data_version), None)

    def _pair(self, asset: str, one: str | None, other: str | None) -> Iterator[Node]:
        found = self._session.versions([version for version in (one, other) if version is not None])
        if one in found and other in found:
            yield Node(side_of(found[one]), side_of(found[other]), (asset, *self._node.path))
            return
        words = f"{asset} had no version" if one is None else f"{asset} has no version any more"
        if one is not None and other is not None:
            words = f"{asset} changed, and what it was made from is not on record"
        self.lost.append(_difference(self._node, "input", [words]))
