"""Owns the questions about pointers: which version an environment's readers see, now or earlier."""

from __future__ import annotations

from dataclasses import dataclass

from assetflow.ledger.queries import PLACE, Queries, instant


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
        """Return the pointers of ``env`` by (asset, partition), as of commit ``at`` (None: now)."""
        rows = self._ask(_POINTERS, (env, at, at))
        return {
            (asset, partition): Pointer(asset, partition, version, commit, run, instant(time))
            for asset, partition, version, commit, run, time in rows
        }

    def published_versions(self, env: str, asset: str, partition: str = "") -> list[str]:
        """Return the version of each publication of ``asset`` in ``env``, newest first."""
        return [version for (version,) in self._ask(_PUBLISHED, (env, asset, partition))]


_PUBLISHED = """
    SELECT version FROM assetflow.publications WHERE env = ? AND asset = ? AND partition = ?
    ORDER BY commit_number DESC, position DESC"""

_POINTERS = f"""
    SELECT asset, partition, version, commit_number, run_id, time FROM assetflow.publications
    WHERE rowid IN (
        SELECT arg_max(rowid, {PLACE}) FROM assetflow.publications
        WHERE env = ? AND (?::BIGINT IS NULL OR commit_number <= ?) GROUP BY asset, partition)
    ORDER BY asset, partition"""  # noqa: S608 -- constants only
