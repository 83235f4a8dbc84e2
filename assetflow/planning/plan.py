"""Owns the plan: what would run, be judged or be published, and why. Knows nothing of how it is made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from assetflow.keys import did_you_mean
from assetflow.ledger.records import Recorded
from assetflow.model.states import PlanState
from assetflow.partitions.ranges import Ranges
from assetflow.partitions.scheme import Keys
from assetflow.partitions.wording import short_text, text

_MOST_TOLD = 3  # reasons of partitions

WORK = frozenset({PlanState.BUILD, PlanState.MAYBE, PlanState.CHECK, PlanState.REUSE})


_WEIGHT = (
    PlanState.BUILD,
    PlanState.MAYBE,
    PlanState.CHECK,
    PlanState.REUSE,
    PlanState.REJECTED,
    PlanState.HELD,
    PlanState.SKIPPED,
    PlanState.FRESH,
)
"""What an asset is of which partitions are several: what is to be done comes first."""


@dataclass(frozen=True)
class PartitionGroup:
    """Partitions of one asset that stand alike, by ordinal. The other fields are as a :class:`PlanItem` has them."""

    state: PlanState
    reasons: tuple[str, ...]
    ranges: Ranges
    fails: bool = False
    waits_for: tuple[str, ...] = ()
    awaited: bool = False


@dataclass(frozen=True)
class PartitionPlan:
    """What is planned for the partitions of one asset: groups of those that stand alike, most first.

    ``others``: what those below see of partitions by ordinal, where that is not what is published now.
    """

    keys: Keys = field(repr=False)
    groups: tuple[PartitionGroup, ...]
    others: Mapping[int, Recorded] = field(default_factory=dict, repr=False)

    @cached_property
    def counts(self) -> Mapping[PlanState, int]:
        """Number of partitions by state."""
        counted: Counter[PlanState] = Counter()
        for group in self.groups:
            counted[group.state] += len(group.ranges)
        return counted

    @property
    def state(self) -> PlanState:
        """The state of the asset as a whole; an asset without partitions is fresh."""
        return min(self.counts, key=_WEIGHT.index, default=PlanState.FRESH)

    @property
    def reasons(self) -> tuple[str, ...]:
        """What is told of those in ``state``."""
        return self.reasons_of(self.state)

    @property
    def also(self) -> Mapping[PlanState, tuple[str, ...]]:
        """What is told of those that stand otherwise, by state; nothing of fresh ones."""
        states = (state for state in _WEIGHT if state in self.counts and state is not self.state)
        return {state: self.reasons_of(state) for state in states if state is not PlanState.FRESH}

    def reasons_of(self, state: PlanState) -> tuple[str, ...]:
        """Return what is told of the partitions in a state: which they are, and why; of fresh ones nothing."""
        alike = [group for group in self.groups if group.state is state]
        if not alike or state is PlanState.FRESH:
            return ()
        ranges = alike[0].ranges
        for group in alike[1:]:
            ranges |= group.ranges
        told = list(dict.fromkeys("; ".join(group.reasons) for group in alike))
        more = [f"{len(told) - _MOST_TOLD} other reasons"] if len(told) > _MOST_TOLD else []
        return (short_text(ranges, self.keys), *told[:_MOST_TOLD], *more)

    def state_of(self, partition: str) -> PlanState | None:
        """Return the state of a partition; None where it is not planned."""
        ordinal = self.keys.index(partition)
        return next((group.state for group in self.groups if ordinal in group.ranges), None)

    def in_states(self, states: frozenset[PlanState]) -> Ranges:
        """Return the partitions in any of these states."""
        found = Ranges()
        for group in self.groups:
            if group.state in states:
                found |= group.ranges
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return {
            "count": sum(self.counts.values()),
            "counts": {state.value: self.counts[state] for state in PlanState if state in self.counts},
            "groups": [
                {
                    "state": group.state.value,
                    "reasons": list(group.reasons),
                    "count": len(group.ranges),
                    "partitions": text(group.ranges, self.keys),
                }
                for group in self.groups
            ],
        }


@dataclass(frozen=True)
class PlanItem:
    """What is planned for one asset.

    ``reasons``: why, in words; none where it is fresh. ``fingerprint``: None where it is not known, because an input
    is to be built or the asset is skipped. ``recorded``: of what is fresh, reused, to be judged or rejected, that
    version; of what waits, the one published now; else None. ``waits_for``: upstream assets that are to be built
    first. ``fails``: whether it makes the run exit with 1. ``awaited``: whether it is skipped only until a tick or a
    person brings what it lacks.
    """

    key: str
    state: PlanState
    reasons: tuple[str, ...] = ()
    fingerprint: str | None = None
    recorded: Recorded | None = None
    waits_for: tuple[str, ...] = ()
    fails: bool = False
    partition: str = ""
    partitions: PartitionPlan | None = None
    awaited: bool = False

    @classmethod
    def of_partitions(cls, key: str, plan: PartitionPlan) -> PlanItem:
        """Return the item of an asset of whose partitions ``plan`` tells."""
        return cls(
            key,
            plan.state,
            plan.reasons,
            waits_for=tuple(dict.fromkeys(name for group in plan.groups for name in group.waits_for)),
            fails=any(group.fails for group in plan.groups),
            partitions=plan,
        )

    def state_of(self, partition: str) -> PlanState | None:
        """Return the state of the asset, or of one partition of it; None where that is not planned."""
        if self.partitions is None:
            return self.state
        return self.partitions.state_of(partition)

    @property
    def counts(self) -> Mapping[PlanState, int]:
        """Number of assets, or of partitions of this one, by state."""
        return {self.state: 1} if self.partitions is None else self.partitions.counts

    @property
    def version(self) -> str | None:
        """Id of the version that ``recorded`` holds."""
        return self.recorded.version if self.recorded else None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return {
            "key": self.key,
            "partition": self.partition,
            "state": self.state.value,
            "reasons": list(self.reasons),
            "fingerprint": self.fingerprint,
            "version": self.version,
            "waits_for": list(self.waits_for),
            "partitions": None if self.partitions is None else self.partitions.to_dict(),
        }


@dataclass(frozen=True)
class Plan:
    """Frozen answer to "what would happen?". True when anything would, or may, run, be judged or be published.

    ``head``: the commit it was planned on. ``selection``: the text that selected; "" for all. ``items``: parents first,
    with the sources that a selected asset reads. ``plan[key]`` is the item of that asset.
    """

    env: str
    head: int
    selection: str
    items: tuple[PlanItem, ...]

    def __iter__(self) -> Iterator[PlanItem]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __bool__(self) -> bool:
        return any(item.counts.keys() & WORK for item in self.items)

    def __getitem__(self, key: str) -> PlanItem:
        for item in self.items:
            if item.key == key:
                return item
        near = did_you_mean(key, [item.key for item in self.items])
        raise KeyError(f"no asset {key!r} in this plan" + (f": {near}" if near else ""))

    @property
    def counts(self) -> dict[str, int]:
        """Number of assets and partitions by state, those that occur, in the order of the states."""
        counted: Counter[PlanState] = Counter()
        for item in self.items:
            counted.update(item.counts)
        return {state.value: counted[state] for state in PlanState if counted[state]}

    @property
    def fails(self) -> bool:
        """Whether an item is rejected, or cannot be tried; what is skipped in silence does not count."""
        return any(item.fails for item in self.items)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return {
            "env": self.env,
            "commit": self.head,
            "selection": self.selection,
            "counts": self.counts,
            "items": [item.to_dict() for item in self.items],
        }

    def __repr__(self) -> str:
        counts = ", ".join(f"{count} {state}" for state, count in self.counts.items())
        return f"<Plan of {len(self.items)} assets in {self.env}: {counts or 'nothing'}>"
