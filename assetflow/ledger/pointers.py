"""Owns the questions about pointers: which version an environment's readers see, now or at an earlier commit."""

from __future__ import annotations

from dataclasses import dataclass

from assetflow.ledger.queries import Queries, instant


@dataclass(frozen=True)
class Pointer:
    """What an environment publishes of one asset and partition: set by commit ``commit`` of run ``run``."""

    asset: str
    partition: str
    version: str
    commit: int
    run: str
    since: str


class PointerQueries(Queries):
    """Questions about pointers."""

    def pointers(self, env: str, at: int | None = None) -> dict[tuple[str, str], Pointer]:
        """Return the pointers of ``env`` by (asset, partition), as they were after commit ``at`` (None: now)."""
        rows = self._ask(_POINTERS, (env, at, at))
        return {
            (asset, partition): Pointer(asset, partition, version, commit, run, instant(time))
            for asset, partition, version, commit, run, time in rows
        }


_POINTERS = """
    SELECT asset, partition, version, commit_number, run_id, time FROM assetflow.publications
    WHERE env = ? AND (?::BIGINT IS NULL OR commit_number <= ?)
    QUALIFY row_number() OVER (PARTITION BY asset, partition ORDER BY commit_number DESC, position DESC) = 1
    ORDER BY asset, partition"""
