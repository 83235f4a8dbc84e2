"""Owns what planning may ask of the past: published versions, records, verdicts, and whether their bytes are there.

Knows nothing of where the answers come from.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from assetflow.ledger.pointers import TurnedAway
from assetflow.ledger.records import Recorded
from assetflow.model.verdicts import CheckEvaluated
from assetflow.planning.fingerprints import Seen
from assetflow.planning.resolve import Resolved


@dataclass(frozen=True, slots=True)
class Standing(Seen):
    """What is seen of the version that an environment publishes of one partition, and what made it.

    ``code_version``: None for a source. ``token``: of its refresh.
    """

    partition: str = ""
    fingerprint: str = ""
    code_version: str | None = None
    token: str | None = None


class World(Protocol):
    """What is on record at commit ``head``, as the environment ``env`` sees it."""

    @property
    def env(self) -> str:
        """The environment's name."""

    @property
    def head(self) -> int:
        """Number of the last commit that was read."""

    @property
    def published(self) -> Mapping[str, Recorded]:
        """The versions that the environment points at, by name (``keys.name_of``)."""

    @property
    def interrupted(self) -> Mapping[str, str]:
        """Effects that a dead run may have run, by name, with that run's id."""

    @property
    def effects(self) -> Mapping[str, str]:
        """Fingerprint of each effect when it was last started in this environment; "" where that failed."""

    @property
    def pins(self) -> Mapping[str, str]:
        """The versions that assets are pinned at, by name."""

    @property
    def turned_away(self) -> Mapping[str, Sequence[TurnedAway]]:
        """What the environment does not publish by itself, by name."""

    @property
    def accepted(self) -> frozenset[str]:
        """Fingerprints of evaluations of checks that block no longer, because somebody accepted what they found."""

    def records(self, asset: str, fingerprint: str) -> Sequence[Recorded]:
        """Return what is on record for this asset and fingerprint, newest first."""

    def version(self, asset: str, version: str) -> Recorded | None:
        """Return the newest record of one version."""

    def verdict(self, asset: str, data_version: str, fingerprint: str) -> CheckEvaluated | None:
        """Return the last evaluation with this check fingerprint."""

    def standings(self, asset: str) -> Mapping[str, Standing]:
        """Return what is published of an asset, by partition."""

    def unsound_partitions(self, asset: str) -> frozenset[str]:
        """Return the partitions of an asset whose published version is not stored, as far as that is known at once."""

    def on_record(self) -> frozenset[str]:
        """Return all fingerprints that may be on record of the plan's assets."""

    def passed(self, asset: str) -> frozenset[tuple[str, str]]:
        """Return (data version, check fingerprint) of the evaluations of an asset's checks that do not block."""

    def holds_of(self, asset: str) -> bool:
        """Whether any partition of an asset is pinned, or something of it is turned away."""

    def turned_away_wholly(self, asset: str) -> Sequence[TurnedAway]:
        """Return what is turned away of some partition of an asset and made none that is published: all of its work."""

    def expect(self, assets: Sequence[Resolved]) -> None:
        """Read, at once, what will be asked of these partitions and of what they read."""

    def unsound(self, records: Collection[Recorded]) -> frozenset[str]:
        """Return the versions among ``records`` whose stored bytes are missing or known to be damaged."""
