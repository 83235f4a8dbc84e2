"""Owns where two histories of one asset part: a good version and a bad one, followed up through what they are made of.

By records and kept code alone. Knows nothing of why the bad one is bad.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from assetflow.ledger.records import Recorded
from assetflow.model.recipe import Recipe
from assetflow.model.runs import Failed
from assetflow.model.versions import Materialized, SourceObserved
from assetflow.operate.comparison import CodeChange, code_changes
from assetflow.operate.histories import History
from assetflow.operate.kept_code import KeptCode
from assetflow.planning.reasons import (
    config_differences,
    declared_differences,
    outside_differences,
    reads_otherwise,
    recorded_source_differences,
)

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
    def partition(self) -> str:
        """The partition that it is of; "" for none."""
        about = self.recorded or self.failed
        return about.partition if about is not None else ""

    @property
    def version(self) -> str | None:
        """The version's id."""
        return self.recorded.version if self.recorded is not None else None

    @property
    def recipe(self) -> Recipe | None:
        """What decided it; None for a source, and where an older release did not record it."""
        return self._made.recipe if self._made is not None else None

    @property
    def tree(self) -> str | None:
        """The object that lists its code."""
        return self._made.tree if self._made is not None else None

    @property
    def observed(self) -> SourceObserved | None:
        """What was read of a source."""
        action = self.recorded.action if self.recorded is not None else None
        return action if isinstance(action, SourceObserved) else None

    @property
    def name(self) -> str:
        """What a diff calls it."""
        return self.version[:12] if self.version is not None else "failed"

    @property
    def _made(self) -> Materialized | Failed | None:
        if self.failed is not None:
            return self.failed
        action = self.recorded.action if self.recorded is not None else None
        return action if isinstance(action, Materialized) else None


NodeName = tuple[str, str | None, str | None]
"""Asset, good version, bad version."""


@dataclass(frozen=True)
class Node:
    """One asset on both sides. ``path``: from it down to the asset that is bad."""

    good: Side
    bad: Side
    path: tuple[str, ...]

    @property
    def name(self) -> NodeName:
        """What it is among all nodes."""
        return self.good.asset, self.good.version, self.bad.version


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


@dataclass(frozen=True)
class Divergence:
    """What two histories were compared at: nodes that are not the same on both sides, nearest first.

    ``lost``: by node, what differs above it and is not on record.
    """

    nodes: Mapping[NodeName, Node]
    lost: Mapping[NodeName, Sequence[Difference]]


def side_of(recorded: Recorded) -> Side:
    """Return a version as one side."""
    return Side(recorded.asset, recorded.time, recorded.action.run, recorded)


def diverge(
    histories: tuple[History, History],
    good: Side,
    bad: Side,
    more: Mapping[str, tuple[str | None, str]],
) -> Divergence:
    """Follow two sides of one asset upstream, wherever what was read of an input differs; one step for all at once.

    ``histories``: what is on record of each side. ``more``: data versions of other assets that decided about it (what
    its checks read), on either side.
    """
    nodes: dict[NodeName, Node] = {}
    lost: dict[NodeName, list[Difference]] = {}
    layer = [Node(good, bad, (good.asset,))]
    while layer:
        new: dict[NodeName, Node] = {}
        for node in layer:
            if node.name not in nodes:
                new.setdefault(node.name, node)
        pairs = [pair for node in new.values() for pair in _pairs_above(node)]
        if not nodes:
            pairs += [
                _Pair(layer[0], asset, sides, by_data=True) for asset, sides in more.items() if sides[0]
            ]
        nodes |= new
        layer = []
        for pair, (one, other) in _looked_up(histories, pairs):
            if one is not None and other is not None:
                layer.append(Node(side_of(one), side_of(other), (pair.asset, *pair.below.path)))
            else:
                lost.setdefault(pair.below.name, []).append(_lost(pair))
    return Divergence(nodes, lost)


def differences(divergence: Divergence, kept: tuple[KeptCode, KeptCode]) -> list[Difference]:
    """Return every difference with where it began, nearest first; ``kept``: the code of both sides."""
    found: list[Difference] = []
    for name, node in divergence.nodes.items():
        found += [*_own(node, *kept), *divergence.lost.get(name, ())]
    return found


def _own(node: Node, old_code: KeptCode, new_code: KeptCode) -> Iterator[Difference]:
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
            before, after, old_code.texts(good.tree), new_code.texts(bad.tree), (good.name, bad.name)
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


@dataclass(frozen=True)
class _Pair:
    """An asset above a node that differs: its versions on both sides, or only its data versions (``by_data``)."""

    below: Node
    asset: str
    sides: tuple[str | None, str | None]
    by_data: bool = False


def _pairs_above(node: Node) -> Iterator[_Pair]:
    """Yield the inputs of a node that differ, and what it waited for."""
    before, after = node.good.recipe, node.bad.recipe
    if before is not None and after is not None:
        old = {item.name: item for item in before.inputs}
        for item in after.inputs:
            if item.name in old and reads_otherwise(old[item.name], item):
                yield _Pair(node, item.name, (old[item.name].version, item.version))
        deps = dict(before.deps)
        for asset, data_version in after.deps:
            if asset in deps and deps[asset] != data_version:
                yield _Pair(node, asset, (deps[asset], data_version), by_data=True)
    elif before is not None and node.bad.failed is not None:
        read = dict(node.bad.failed.inputs)
        for item in before.inputs:
            if read.get(item.asset) != item.version:
                yield _Pair(node, item.asset, (item.version, read.get(item.asset)))


def _looked_up(
    histories: tuple[History, History], pairs: Sequence[_Pair]
) -> Iterator[tuple[_Pair, tuple[Recorded | None, Recorded | None]]]:
    """Yield each pair, by its versions, with their records; None where there is none."""
    sides = [_records(history, pairs, which) for which, history in enumerate(histories)]
    for pair, (first, one), (second, other) in zip(pairs, *sides, strict=True):
        yield replace(pair, sides=(first, second)), (one, other)


def _records(
    history: History, pairs: Sequence[_Pair], which: int
) -> list[tuple[str | None, Recorded | None]]:
    """Return of each pair the version on one side and its record, as far as there are such."""
    data = {(pair.asset, version) for pair in pairs if pair.by_data and (version := pair.sides[which])}
    named = history.newest_with_data(data) if data else {}
    versions = [
        named.get((pair.asset, pair.sides[which] or "")) if pair.by_data else pair.sides[which]
        for pair in pairs
    ]
    wanted = {version for version in versions if version is not None}
    records = history.versions(wanted) if wanted else {}
    return [(version, records.get(version or "")) for version in versions]


def _lost(pair: _Pair) -> Difference:
    one, other = pair.sides
    words = f"{pair.asset} had no version" if one is None else f"{pair.asset} has no version any more"
    if one is not None and other is not None:
        words = f"{pair.asset} changed, and what it was made from is not on record"
    return _difference(pair.below, "input", [words])
