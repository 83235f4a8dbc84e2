"""Owns the members of a set of partitions: the keys of a scheme that it has, said when they are asked for.

Knows nothing of what the set is for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from assetflow.errors import UnknownNameError
from assetflow.partitions.ranges import Ranges
from assetflow.partitions.scheme import Keys


@dataclass(frozen=True)
class Members(Collection[str]):
    """The keys of partitions, in their order."""

    ranges: Ranges
    keys: Keys = field(repr=False)

    def __len__(self) -> int:
        return len(self.ranges)

    def __iter__(self) -> Iterator[str]:
        return map(self.keys.key, self.ranges)

    def __contains__(self, key: object) -> bool:
        try:
            return isinstance(key, str) and self.keys.index(key) in self.ranges
        except UnknownNameError:
            return False
