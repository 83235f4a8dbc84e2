"""Owns what every scheme of partitions is: a declaration, and the keys that it has at a moment.

Knows nothing of time, of particular schemes, or of what is made by partition.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from assetflow.errors import Problem, UnknownNameError
from assetflow.partitions.ranges import Ranges


@dataclass(frozen=True)
class Moment:
    """What keys depend on. ``now`` is aware; ``dynamic``: the keys that were added to each name, in that order."""

    now: datetime
    dynamic: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Growth(IntEnum):
    """How the keys of a scheme come to be more. Cells of a grid are counted in this order: what grows is slowest."""

    BY_TIME = 0
    BY_HAND = 1
    NEVER = 2


class Keys(ABC):
    """The keys of a scheme at a moment, counted by ordinals from 0; the order never changes as they become more."""

    @abstractmethod
    def __len__(self) -> int:
        """Return how many keys there are."""

    @abstractmethod
    def key(self, ordinal: int) -> str:
        """Return a key.

        Raises:
            IndexError: there is none with this ordinal.
        """

    @abstractmethod
    def index(self, key: str) -> int:
        """Return the ordinal of a key.

        Raises:
            UnknownNameError: there is no such key; the message says why.
        """

    def bounds(self, ordinal: int) -> tuple[datetime, datetime] | None:
        """Return the beginning and the end of a partition of time, in the scheme's zone; None for other schemes."""
        self.check(ordinal)
        return None

    def dimensions(self, ordinal: int) -> dict[str, str]:
        """Return the key in each dimension of a grid, by name; empty for other schemes."""
        self.check(ordinal)
        return {}

    def end(self, ordinal: int) -> datetime | None:  # noqa: ARG002 - the same for all
        """Return when a partition of time ended, in UTC; None for other schemes."""
        return None

    @property
    def next_end(self) -> datetime | None:
        """Return when the next partition of time will have ended, in UTC; None where none will."""
        return None

    @property
    def last(self) -> str | None:
        """Return the newest key, or None when there is none yet."""
        return self.key(len(self) - 1) if len(self) else None

    @property
    def all(self) -> Ranges:
        """Return the set of all ordinals."""
        return Ranges.of_span(0, len(self))

    def __iter__(self) -> Iterator[str]:
        return (self.key(ordinal) for ordinal in range(len(self)))

    def check(self, ordinal: int) -> None:
        """Refuse an ordinal that is none of these keys'."""
        if not 0 <= ordinal < len(self):
            raise IndexError(f"there is no partition {ordinal} among {len(self)}")


class Scheme(ABC):
    """A declaration of partitions. Two schemes with equal ``text`` are equal."""

    @property
    @abstractmethod
    def text(self) -> str:
        """Return the canonical text that names the scheme."""

    @property
    @abstractmethod
    def growth(self) -> Growth:
        """Return how its keys become more."""

    @property
    def is_dynamic(self) -> bool:
        """Whether keys are added to it by hand."""
        return self.growth is Growth.BY_HAND

    @abstractmethod
    def problems(self) -> tuple[Problem, ...]:
        """Return all that is wrong with the declaration; only a scheme without problems has keys."""

    @abstractmethod
    def at(self, moment: Moment) -> Keys:
        """Return the keys at a moment."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scheme) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, eq=False)
class Whole(Scheme):
    """What has no partitions: one key, the empty one. Lets an unpartitioned asset be mapped as any other."""

    @property
    def text(self) -> str:
        """Return the empty text."""
        return ""

    @property
    def growth(self) -> Growth:
        """Return that there is never more."""
        return Growth.NEVER

    def problems(self) -> tuple[Problem, ...]:
        """Return nothing."""
        return ()

    def __str__(self) -> str:
        return "an unpartitioned asset"

    def at(self, moment: Moment) -> WholeKeys:  # noqa: ARG002 - the same at every moment
        """Return the one key."""
        return WholeKeys()


@dataclass(frozen=True)
class WholeKeys(Keys):
    """The empty key."""

    def __len__(self) -> int:
        return 1

    def key(self, ordinal: int) -> str:
        """Return the empty key."""
        self.check(ordinal)
        return ""

    def index(self, key: str) -> int:
        """Return 0 for the empty key."""
        if key:
            raise UnknownNameError(f"there is no partition {key!r}: this asset has none", hint="leave it out")
        return 0
