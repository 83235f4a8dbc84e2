"""Owns the questions about one asset's past: its materializations in order, and the logs of its tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from assetflow.ledger.queries import Queries, instant


@dataclass(frozen=True)
class HistoryEntry:
    """One materialization or observation of an asset, with what became of its version.

    ``passed``: whether the latest evaluation of each check lets its data be published, None without checks.
    ``published``: the environments that ever published the version.
    """

    asset: str
    partition: str
    version: str
    data_version: str
    fingerprint: str
    kind: str
    time: str
    commit: int
    index: int
    run: str
    env: str | None
    seconds: float
    rows: int | None
    bytes: int
    passed: bool | None
    published: tuple[str, ...]


@dataclass(frozen=True)
class LogEntry:
    """Where the captured output of one task lies: ``object`` in the store.

    ``outcome``: materialized, observed or failed.
    """

    asset: str
    partition: str
    run: str
    time: str
    outcome: str
    object: str


class HistoryQueries(Queries):
    """Questions about the past of an asset."""

    def history(self, asset: str, limit: int | None = None) -> list[HistoryEntry]:
        """Return the newest ``limit`` (None: all) materializations of ``asset``, newest first."""
        return [_entry(*row) for row in self._ask(_HISTORY, (asset, limit))]

    def logs(
        self, asset: str | None = None, run: str | None = None, limit: int | None = None
    ) -> list[LogEntry]:
        """Return the newest task logs, at most ``limit``, of ``asset`` and ``run`` (None: of any), newest first."""
        rows = self._ask(_LOGS, (asset, asset, run, run, limit))
        return [
            LogEntry(key, partition, of_run, instant(time), outcome, name)
            for key, partition, of_run, time, outcome, name in rows
        ]


def _entry(*row: Any) -> HistoryEntry:
    asset, partition, version, data_version, fingerprint, kind, time, *others, published = row
    identity = (asset, partition, version, data_version, fingerprint, kind)
    return HistoryEntry(*identity, instant(time), *others, tuple(published))


_HISTORY = """
    SELECT asset, partition, version, data_version, fingerprint, kind, time, commit_number, position, run_id,
           env, seconds, rows, bytes, passed, published
    FROM assetflow.asset_history WHERE asset = ? ORDER BY commit_number DESC, position DESC LIMIT ?"""

_LOGS = """
    SELECT asset, partition, run_id, time, outcome, log FROM (
        SELECT asset, partition, run_id, time, if(kind = 'source', 'observed', 'materialized') AS outcome,
               log, commit_number, position
        FROM assetflow.materializations
        UNION ALL
        SELECT asset, partition, run_id, time, 'failed', log, commit_number, position FROM assetflow.failures)
    WHERE log IS NOT NULL AND (?::VARCHAR IS NULL OR asset = ?) AND (?::VARCHAR IS NULL OR run_id = ?)
    ORDER BY commit_number DESC, position DESC LIMIT ?"""
