"""Owns which partitions the assets of a plan have at its moment, and which partitions each of them reads.

Knows nothing of versions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from assetflow.declare.context import Partition
from assetflow.hashing.partition_fingerprints import packed_key
from assetflow.keys import name_of
from assetflow.model.spec import AssetSpec, InputSpec
from assetflow.partitions.mappings import All, PartitionMapping
from assetflow.partitions.ranges import Ranges
from assetflow.partitions.reads import Reads
from assetflow.partitions.scheme import Keys, Moment, Whole
from assetflow.planning.partition_tokens import PartitionTokens
from assetflow.planning.resolve import Resolved, ResolvedInput

_WHOLE = Whole()


class Layout:
    """The partitions of a project's assets at one moment. ``specs``: all assets, by key."""

    def __init__(self, specs: Mapping[str, AssetSpec], moment: Moment) -> None:
        self.moment = moment
        self._specs = specs
        self._keys: dict[str, Keys] = {}
        self._reads: dict[tuple[str, str, str], Reads] = {}
        self._packed: dict[str, tuple[list[str], list[bytes]]] = {}
        self.tokens: dict[str, PartitionTokens] = {}
        """The refresh tokens of assets with partitions that have some."""

    def is_partitioned(self, asset: str) -> bool:
        """Whether an asset has partitions."""
        return asset in self._specs and self._specs[asset].partitions is not None

    def keys(self, asset: str) -> Keys:
        """Return the partitions of an asset; of one without, the empty key alone."""
        if asset not in self._keys:
            scheme = self._specs[asset].partitions if asset in self._specs else None
            self._keys[asset] = (scheme or _WHOLE).at(self.moment)
        return self._keys[asset]

    def packed(self, asset: str) -> tuple[list[str], list[bytes]]:
        """Return all keys of an asset, and as they enter fingerprints; assets with equal schemes share them."""
        scheme = self._specs[asset].partitions if asset in self._specs else None
        text = (scheme or _WHOLE).text
        if text not in self._packed:
            keys = list(self.keys(asset))
            self._packed[text] = keys, [packed_key(key) for key in keys]
        return self._packed[text]

    def placed(self, asset: Resolved, ordinal: int) -> Resolved:
        """Return one partition of ``asset``, with the partitions that it reads."""
        partition = self.keys(asset.key).key(ordinal)
        if asset.spec.source is not None and partition:
            asset = asset._replace(spec=self._source_at(asset.spec, ordinal))
        checks = asset.checks
        if any(self.is_partitioned(item.spec.key) for check in checks for item in check.inputs):
            checks = tuple(
                replace(check, inputs=tuple(self._placed(asset.key, item, ordinal) for item in check.inputs))
                for check in checks
            )
        return asset._replace(
            partition=partition,
            token=self.tokens[asset.key].of(ordinal) if asset.key in self.tokens else asset.token,
            inputs=tuple(self._placed(asset.key, item, ordinal) for item in asset.inputs),
            deps=tuple(self._deps(asset, ordinal)),
            checks=checks,
        )

    def whole(self, asset: Resolved) -> Resolved:
        """Return an asset that has no partitions, with the partitions that it reads; its checks read none."""
        return self.placed(asset, 0) if any(map(self.is_partitioned, asset.spec.upstream)) else asset

    def placed_at(self, asset: Resolved, partition: str) -> Resolved:
        """Return ``placed`` for the partition with this key; raise UnknownNameError where there is none."""
        return self.placed(asset, self.keys(asset.key).index(partition))

    def partition(self, asset: Resolved) -> Partition:
        """Return what the function of one partition may know of it."""
        keys = self.keys(asset.key)
        ordinal = keys.index(asset.partition)
        start, end = keys.bounds(ordinal) or (None, None)
        return Partition(asset.partition, start, end, keys.dimensions(ordinal))

    def reads(self, asset: str, item: InputSpec) -> Reads:
        """Return which partitions of an input each partition of ``asset`` reads."""
        return self._reads_of(asset, item.key, item.partitions)

    def mapping_text(self, item: InputSpec) -> str:
        """Return what enters fingerprints of how the partitions of an input are found; "" where it has none."""
        return (item.partitions or _ALL).text if self.is_partitioned(item.key) else ""

    def _placed(self, asset: str, item: ResolvedInput, ordinal: int) -> ResolvedInput:
        if not self.is_partitioned(item.spec.key):
            return item
        keys = self.keys(item.spec.key)
        read = self.reads(asset, item.spec).of(ordinal)
        return item._replace(partitions=tuple(map(keys.key, read)), mapping=self.mapping_text(item.spec))

    def _source_at(self, spec: AssetSpec, ordinal: int) -> AssetSpec:
        """Return a source of which one partition is asked for: its files alone."""
        assert spec.source is not None
        keys = self.keys(spec.key)
        url = spec.source.url.replace("{partition}", keys.key(ordinal))
        for name, key in keys.dimensions(ordinal).items():
            url = url.replace(f"{{{name}}}", key)
        return replace(spec, source=replace(spec.source, url=url))

    def _deps(self, asset: Resolved, ordinal: int) -> Iterator[str]:
        for key in asset.spec.deps:
            if not self.is_partitioned(key):
                yield key
                continue
            for one in self.dep_ordinals(asset.key, key, ordinal):
                yield name_of(key, self.keys(key).key(one))

    def dep_ordinals(self, asset: str, dep: str, ordinal: int) -> Ranges:
        """Return the partitions of a dep that a partition of ``asset`` waits for."""
        mapping = self._specs[asset].dep_mappings.get(dep)
        return self._reads_of(asset, dep, mapping).of(ordinal)

    def _reads_of(self, asset: str, upstream: str, mapping: PartitionMapping | None) -> Reads:
        mapping = mapping or _ALL
        place = asset, upstream, mapping.text
        if place not in self._reads:
            self._reads[place] = mapping.resolve(self.keys(asset), self.keys(upstream))
        return self._reads[place]


_ALL = All()
